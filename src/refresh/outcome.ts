import type { SessionError } from '../errors.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/** A pause after one or more failures in a row. Times in ms since the epoch. */
export interface Pause {
  failures: number;
  since: number;
  until: number;
  /** The server asked for it (`Retry-After`). Any other pause ends early when the network comes back. */
  asked: boolean;
}

/** What stands now, as somebody else left it. Without a generation nobody counts, and it is taken as it is. */
export interface Standing {
  readonly generation?: number;
  /** `null`: signed out. Absent: signed in where only another member can see the tokens. */
  readonly tokens?: TokenSet | null | undefined;
  readonly sessionId?: string | undefined;
}

/**
 * How a refresh ended. A plain value: it leaves the turn first; only then does the session change and the application hear of
 * it.
 */
export type Outcome =
  /** The backend issued new tokens. */
  | { end: 'renewed'; tokens: TokenSet }
  /** Somebody else was faster: another member, or the application itself. */
  | { end: 'superseded'; by: Standing }
  /** The backend refused the refresh token. */
  | Rejected
  /** The backend could not be asked. The session stays. */
  | { end: 'unavailable'; error: SessionError; pause?: Pause };

export interface Rejected {
  end: 'rejected';
  error: SessionError;
  /** If set: the refusal is not recorded yet, and counts only while the ledger is at one of these generations. */
  expected?: readonly number[];
}

/** A refresh under way, as a coordination sees it. */
export interface Attempt {
  /** The credentials to replace; `undefined` while it is unknown whether somebody is signed in. */
  readonly replacing: Credentials | null | undefined;
  /** Aborts when the refresh has ended, or nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** @throws {SessionError} if somebody signed in or out meanwhile: the refresh comes too late then. */
  assertCurrent(): void;
  /** Whether this error ends the session. */
  isFinal(error: SessionError): boolean;
  /**
   * Asks the backend. `commit` has the last word on new tokens. `sessionId`: the sign-in that they belong to, if it is another
   * than that of the tokens replaced.
   */
  ask(sessionId?: string, commit?: (tokens: TokenSet) => Promise<Outcome>): Promise<Outcome>;
}
