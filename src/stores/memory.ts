import type { TokenSet } from '../tokens/token-set.js';
import type { TokenStore } from './store.js';

/** Keeps tokens in this page's memory alone: gone on reload, out of reach of whoever reads the disk. The default. */
export function memoryStore(): TokenStore {
  let held: TokenSet | null = null;
  return {
    read: () => held,
    write(tokens) {
      held = tokens;
    },
  };
}
