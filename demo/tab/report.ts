import { reactive } from 'vue';
import { PASSWORD } from '../backend/users';
import { type FromTab, type ToTab, tabChannel } from '../shared/tab-channel';
import { signIn } from './api';
import { loadOrders } from './orders';
import { room, tabName as tab } from './place';
import { session } from './session';
import { logLines } from './session-lines';
import { inPlace } from './sign-in-again';

/** The events of this tab's session, newest first. */
export const lines = reactive<string[]>([]);

const KEPT = 20;

/** Tells the playground what happens in this tab, and does what the playground asks. */
export function reportToPlayground(): void {
  const channel = tabChannel(room);
  const tell = (message: FromTab) => channel.postMessage(message);
  const introduce = () => tell({ type: 'open', tab, signedIn: session.status === 'signed-in' });

  logLines(session, (line, event) => {
    lines.unshift(line);
    lines.length = Math.min(lines.length, KEPT);
    tell({ type: 'event', tab, event, line });
  });

  const answer: Record<ToTab['ask'], () => unknown> = {
    who: introduce,
    'sign-in': () => signIn('kevin', PASSWORD),
    load: () => loadOrders().then(() => tell({ type: 'loaded', tab })),
    dialog: () => void (inPlace.value = true),
    form: () => void (inPlace.value = false),
  };
  channel.onmessage = ({ data: { to = tab, ask } }: MessageEvent<ToTab>) => {
    if (to === tab && ask in answer) void answer[ask]();
  };
  addEventListener('pagehide', () => tell({ type: 'closed', tab, signedIn: false }));
  void session.ready.then(introduce);
}
