import type { SessionEvent } from 'unexpired';

/** A message from a tab to the playground. */
export type FromTab =
  | { readonly type: 'open' | 'closed'; readonly tab: string; readonly signedIn: boolean }
  | {
      readonly type: 'event';
      readonly tab: string;
      readonly event: SessionEvent['type'];
      readonly line: string;
    }
  | { readonly type: 'loaded'; readonly tab: string };

/** A message from the playground to its tabs. `to`: the tab; absent: all tabs. */
export interface ToTab {
  readonly to?: string;
  readonly ask: 'who' | 'sign-in' | 'load' | 'dialog' | 'form';
}

/** The channel between a playground and the tabs and frames of its room. */
export function tabChannel(room: string): BroadcastChannel {
  return new BroadcastChannel(`unexpired-demo-${room}`);
}
