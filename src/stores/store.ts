import type { Coordination } from '../coordination/coordination.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * Where the application keeps its tokens. `read` and `write` make one; both may be asynchronous. One that throws, or does not
 * answer within `refreshTimeout`, costs no session: it goes on in memory.
 */
export interface TokenStore {
  /** The tokens that were written last, or `null`. */
  read(): TokenSet | null | Promise<TokenSet | null>;
  /** Keeps the tokens; `null` on sign-out. */
  write(tokens: TokenSet | null): void | Promise<void>;
  /** Calls `changed` when somebody else wrote: another tab, or the application itself. Returns what undoes it. */
  subscribe?(changed: () => void): () => void;
  /** Makes all who share this store one session, e.g. `tabs('app')` for the tabs of a browser. @default the session is alone */
  coordination?: Coordination;
}
