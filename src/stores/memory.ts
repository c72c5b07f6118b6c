import type { TokenSet } from '../tokens/token-set.js';
import type { TokenStore } from './store.js';

export interface MemoryOptions {
  /**
   * Whether the tabs of this browser are one session all the same: they hand each other the access token when asked,
   * never the refresh token, and nothing is written to the disk. A new tab is signed in for as long as another is open.
   * @default false
   */
  share?: boolean;
}

/** On a store that keeps nothing and is shared: the name under which tabs find each other. */
export const SHARED: unique symbol = Symbol('shared');

/** Keeps tokens in this page's memory alone: gone on reload, out of reach of whoever reads the disk. The default. */
export function memoryStore({ share = false }: MemoryOptions = {}): TokenStore & { [SHARED]?: string } {
  let held: TokenSet | null = null;
  return {
    read: () => held,
    write(tokens) {
      held = tokens;
    },
    ...(share && { [SHARED]: 'unexpired:memory' }),
  };
}
