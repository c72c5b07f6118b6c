import { reactive, ref } from 'vue';
import type { Command, Counts } from '../../backend/messages';
import { type FromTab, type ToTab, tabChannel } from '../../shared/tab-channel';
import { client, room } from '../client';

interface Round {
  readonly before: Counts;
  after: Counts;
  /** The last event of each tab's session. */
  readonly events: Record<string, string>;
  /** The tabs that are done. */
  readonly loaded: Set<string>;
  readonly tabs: readonly string[];
}

/** The open tabs, frames and real ones, and whether they are signed in. */
export const openTabs = reactive(new Map<string, boolean>());

export const round = ref<Round>();

/** Whether a round is in progress. */
export const isGoingOn = ref(false);

const TOLD = ['refreshed', 'adopted', 'refresh-failed', 'signed-out', 'reauthenticating'];

const channel = tabChannel(room);
channel.onmessage = ({ data }: MessageEvent<FromTab>) => hear(data);

function hear(message: FromTab): void {
  const { type, tab } = message;
  if (type === 'open') openTabs.set(tab, message.signedIn);
  if (type === 'closed') openTabs.delete(tab);
  if (type === 'event') hearEvent(message);
  if (type === 'loaded') void finish(tab);
}

function hearEvent({ tab, event }: Extract<FromTab, { type: 'event' }>): void {
  if (event === 'signed-in') openTabs.set(tab, true);
  if (event === 'signed-out') openTabs.set(tab, false);
  if (round.value && TOLD.includes(event)) round.value.events[tab] = event;
}

async function finish(tab: string): Promise<void> {
  const after = await client.command('tabs', 'count');
  if (!round.value) return;
  round.value.after = after;
  round.value.loaded.add(tab);
  if (round.value.tabs.every((asked) => round.value?.loaded.has(asked))) isGoingOn.value = false;
}

export function tell(message: ToTab): void {
  channel.postMessage(message);
}

/** Sends a command to the backend. Then all tabs load their orders. */
export async function startRound(...command: Command): Promise<void> {
  if (isGoingOn.value) return;
  isGoingOn.value = true;
  const before = await client.command('tabs', ...command);
  round.value = { before, after: before, events: {}, loaded: new Set(), tabs: [...openTabs.keys()] };
  tell({ ask: 'load' });
}

/** Signs in in the first tab; the other tabs follow. */
export async function prepareTabs(): Promise<void> {
  await client.command('tabs', 'reset');
  tell({ to: 'Tab 1', ask: 'sign-in' });
}
