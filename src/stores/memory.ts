import type { TokenSet } from '../tokens/token-set.js';
import { share as shareTokens } from './sharing.js';
import type { TokenStore } from './store.js';

export interface MemoryOptions {
  /**
   * Whether the tabs of this browser are one session all the same: they hand each other the access token when asked,
   * never the refresh token, and nothing is written to the disk. A new tab is signed in for as long as another is open.
   * @default false
   */
  share?: boolean;
}

/** On a store that keeps nothing and is shared: how its tabs share. Here, so that only who shares carries it. */
export const SHARED: unique symbol = Symbol('shared');

export interface SharedStore extends TokenStore {
  [SHARED]?: typeof shareTokens;
}

/** Keeps tokens in this page's memory alone: gone on reload, out of reach of whoever reads the disk. The default. */
export function memoryStore({ share = false }: MemoryOptions = {}): TokenStore {
  const shared: Partial<SharedStore> = { lockName: 'unexpired:memory', [SHARED]: shareTokens };
  return { ...pageMemory(), ...(share && shared) };
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
