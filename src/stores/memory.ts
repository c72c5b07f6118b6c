import type { TokenSet } from '../tokens/token-set.js';
import type { TokenStore } from './store.js';

/** Keeps tokens in this page's memory only: gone on reload, and nothing is written to the disk. The default. */
export function memoryStore(): TokenStore {
  let held: TokenSet | null = null;
  return {
    read: () => held,
    write(tokens) {
      held = tokens;
    },
  };
}
