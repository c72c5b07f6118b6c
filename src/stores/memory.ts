import type { TokenSet } from '../tokens/token-set.js';
import type { TokenStore } from './store.js';

/** Keeps tokens only in this page's memory. A reload loses them, and nothing is written to disk. The default. */
export function memoryStore(): TokenStore {
  let held: TokenSet | null = null;
  return {
    read: () => held,
    write(tokens) {
      held = tokens;
    },
  };
}
