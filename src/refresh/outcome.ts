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

/** The state of the session as another member, or the application, left it. Without a generation it counts as newer. */
export interface Standing {
  readonly generation?: number;
  /** `null`: signed out. Absent: signed in, but only another member has the tokens. */
  readonly tokens?: TokenSet | null | undefined;
  readonly sessionId?: string | undefined;
}

/** How a refresh ended. It is a plain value, so that the turn ends before the session changes and listeners are called. */
export type Outcome =
  /** The backend issued new tokens. */
  | { end: 'renewed'; tokens: TokenSet }
  /** Another member, or the application itself, was faster. */
  | { end: 'superseded'; by: Standing }
  /** The backend refused the refresh token. */
  | Rejected
  /** The refresh failed for another reason. The session stays. */
  | { end: 'unavailable'; error: SessionError; pause?: Pause };

export interface Rejected {
  end: 'rejected';
  error: SessionError;
  /** If set: the refusal is not recorded yet, and counts only while the ledger has one of these generations. */
  expected?: readonly number[];
}

/** A refresh under way, as a coordination sees it. */
export interface Attempt {
  /** The credentials to replace; `undefined` while it is unknown whether a user is signed in. */
  readonly replacing: Credentials | null | undefined;
  /** Aborts when the refresh has ended or was stopped. */
  readonly signal: AbortSignal;
  /** @throws {SessionError} if a user signed in or out meanwhile, so that the refresh is obsolete. */
  assertCurrent(): void;
  /** Whether this error ends the session. */
  isFinal(error: SessionError): boolean;
  /**
   * Asks the backend for new tokens. `commit` records them and decides the outcome. `sessionId`: the sign-in that they belong to,
   * if it is not that of the replaced tokens.
   */
  ask(sessionId?: string, commit?: (tokens: TokenSet) => Promise<Outcome>): Promise<Outcome>;
}
