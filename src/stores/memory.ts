import type { TokenSet } from '../tokens/token-set.js';
import { lockNameOf } from './lock-name.js';
import { share as shareTokens } from './sharing.js';
import type { TokenStore } from './store.js';

export interface MemoryOptions {
  /**
   * Whether the tabs of this browser are one session all the same: they hand each other the access token when asked,
   * never the refresh token, and nothing is written to the disk. A new tab is signed in for as long as another is open.
   * @default false
   */
  share?: boolean;
  /** What tabs that share find each other by: sessions of another backend on this origin need another. @default 'memory' */
  key?: string;
}

/** On a store that keeps nothing and is shared: how its tabs share. Here, so that only who shares carries it. */
export const SHARED: unique symbol = Symbol('shared');

export interface SharedStore extends TokenStore {
  [SHARED]?: typeof shareTokens;
}

/**
 * Keeps tokens in this page's memory alone: gone on reload, out of reach of whoever reads the disk. The default.
 * @throws {TypeError} if `key` is not a non-empty string.
 */
export function memoryStore({ share = false, key = 'memory' }: MemoryOptions = {}): TokenStore {
  const shared: SharedStore = { ...pageMemory(), lockName: lockNameOf(key), [SHARED]: shareTokens };
  return share ? shared : pageMemory();
}

export function pageMemory(): TokenStore {
  let held: TokenSet | null = null;
  return {
    read: () => held,
    write(tokens) {
      held = tokens;
    },
  };
}
