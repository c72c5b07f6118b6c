import type { TokenSet, TokenStore } from '../../src/index.js';

/** Where the members of a session meet, as far as the model must know of it: a browser, or a fleet with its Redis. */
export interface Place {
  /** Puts itself in the place of this process's globals. Returns what undoes it. */
  install(): () => void;
  /** The store of a tab, or process, that is being opened. */
  open(tab: number): TokenStore;
  /** A tab, or process, goes with all that it had, without a word. */
  close(tab: number): void;
  /** What the store holds, as that tab sees it. */
  view(tab: number): TokenSet | null;
  /** The store holds tokens that code from before this SDK wrote, where that is possible. */
  holdOld?(tokens: TokenSet): void;
  /** The store is emptied behind the session's back: by the application, which ends the session, or as Redis has lost it. */
  clear(tab: number): void;
  readonly whenCleared: 'cleared' | 'forgotten';
  /** The turns that a tab has, or waits for. */
  turnsOf(tab: number): number;
}
