import type { SessionEvent } from 'unexpired';

/** What a tab tells the playground. */
export type FromTab =
  | { readonly type: 'open' | 'closed'; readonly tab: string; readonly signedIn: boolean }
  | {
      readonly type: 'event';
      readonly tab: string;
      readonly event: SessionEvent['type'];
      readonly line: string;
    }
  | { readonly type: 'loaded'; readonly tab: string };

/** What the playground tells its tabs. `to` is one of them; absent: all. */
export interface ToTab {
  readonly to?: string;
  readonly ask: 'who' | 'sign-in' | 'load' | 'dialog' | 'form';
}

/** The tabs and frames of a room, and their playground, hear each other here. */
export function tabChannel(room: string): BroadcastChannel {
  return new BroadcastChannel(`unexpired-demo-${room}`);
}
