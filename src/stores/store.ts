import type { Coordination } from '../coordination/coordination.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * Where your application keeps its tokens. `read` and `write` are enough; both may be asynchronous. If the store throws, or does not
 * answer within `refreshTimeout`, the session continues in memory.
 */
export interface TokenStore {
  /** Returns the tokens that were written last, or `null`. */
  read(): TokenSet | null | Promise<TokenSet | null>;
  /** Stores the tokens; `null` on sign-out. */
  write(tokens: TokenSet | null): void | Promise<void>;
  /** Calls `changed` after another tab, or your application, has written to the store. Returns a function that stops it. */
  subscribe?(changed: () => void): () => void;
  /**
   * Makes all sessions that share this store one session, e.g. `tabs('app')` for the tabs of a browser.
   * @default the session is not shared
   */
  coordination?: Coordination | undefined;
}
