import type { TokenSet, TokenStore } from '../../src/index.js';

/** The environment that the members of a session share: a browser, or a fleet with its Redis. */
export interface Place {
  /** Replaces this process's globals. Returns a function that restores them. */
  install(): () => void;
  /** The store of a new tab or process. */
  open(tab: number): TokenStore;
  /** Closes a tab or process with everything it has, without any message. */
  close(tab: number): void;
  /** The content of the store, as that tab sees it. */
  view(tab: number): TokenSet | null;
  /** Puts tokens of code before this SDK into the store, where that is possible. */
  holdOld?(tokens: TokenSet): void;
  /**
   * Empties the store without the session: the application does it, which ends the session, or Redis has lost its
   * data.
   */
  clear(tab: number): void;
  readonly whenCleared: 'cleared' | 'forgotten';
  /** The number of turns that a tab has or waits for. */
  turnsOf(tab: number): number;
}
