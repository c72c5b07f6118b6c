import type { SessionError } from '../errors.js';
import type { Attempt, Outcome, Pause, Rejected, Standing } from '../refresh/outcome.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * Makes several sessions one: the tabs of a browser (`tabs`), or the processes of a fleet. A store or a backend provides it.
 * Without one, a session is not shared.
 */
export interface Coordination {
  /** Sessions with the same name are one session. */
  readonly name: string;
  /** Whether a refresh token stays in the member that received it. @default false */
  readonly keepsRefreshToken?: boolean;
  /** Connects a session to the others. `createSession` calls it. */
  join(member: Member): Membership;
}

/** One session's connection to the other members. */
export interface Membership {
  /** Whether a refresh request continues after `dispose`, because other members need its tokens. */
  readonly finishesCalls?: boolean;
  /** Starts listening to the other members. */
  listen(): void;
  /** Called after the store was read for the first time: compares it with what the other members recorded. */
  begin(): Promise<void>;
  /** Adds a generation and a `sessionId` to the tokens of a sign-in, so that members can tell newer tokens from older ones. */
  stamp(tokens: TokenSet): TokenSet;
  /** Records a sign-in, or a sign-out (`null`), for all members. `ended`: the tokens of the session that the sign-out ends. */
  publish(tokens: TokenSet | null, ended?: TokenSet): Promise<void>;
  /**
   * Waits for this member's turn, then asks the backend, unless another member was faster. `undefined`: call it again, after the
   * pause if there is one.
   */
  refresh(attempt: Attempt): Promise<Outcome | undefined>;
  /** Records a refusal that `refresh` did not record, because the user could still sign in again with `reauthenticate`. */
  recordRefusal(outcome: Rejected): Promise<Outcome>;
  /** Takes over what another member recorded, if it is newer than what this member has. */
  follow(news: Standing): void;
  /** Called after the store was read: compares it with the ledger. `isKnown`: the store holds the tokens that this member has. */
  storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): void | Promise<void>;
  dispose(): void;
}

/** The parts of a session that a coordination uses. */
export interface Member {
  readonly state: {
    /** `null`: nobody is signed in. `undefined`: not known yet. */
    readonly credentials: Credentials | null | undefined;
    readonly disposed: boolean;
    readonly persistence: StoreAccess;
    /** Begins a session with tokens that the application stored. */
    begin(tokens: TokenSet): Promise<void>;
    /** `undefined`: a user signed in, but only another member has the tokens. */
    adopt(tokens: TokenSet | null | undefined): void;
    storeFailed(error: unknown): void;
  };
  readonly refresher: {
    /** Tokens that this SDK did not write. */
    readonly existing: { offer(tokens: TokenSet): void };
    readonly breaker: {
      /** ms until the next try is due; 0 if it is due now. */
      readonly wait: number;
      /** The last pause, until the backend issues new tokens or the session ends. */
      readonly pause: Pause | undefined;
      /** When the network last came back, in ms since the epoch. */
      readonly online: number;
      begin(pause: Pause, ms: number): Pause;
      fail(retryAfter?: number): Pause;
    };
    refresh(): Promise<Credentials>;
    /**
     * Waits for the refresh under way, then refreshes to find out who is signed in, unless `isKnown` returns true by then. Never
     * rejects.
     */
    restore(isKnown?: () => boolean): Promise<void>;
    /** The tokens that the refresh request under way replaces; `undefined` if there is no request. */
    readonly refreshingWith: unknown;
    /** Stops the refresh under way, if there is one, for all its callers. */
    stop(error: SessionError): void;
  };
  readonly settings: {
    readonly refreshTimeout: number;
    readonly reauthenticate: unknown;
    readonly backend: { readonly coordination?: unknown; readonly refreshUrl?: string };
  };
}

/** The store of the application, as a coordination sees it. */
export interface StoreAccess {
  readonly busy: boolean;
  read(): TokenSet | null | undefined | Promise<TokenSet | null | undefined>;
  write(tokens: TokenSet | null): Promise<void>;
  hasHeld(tokens: TokenSet): boolean;
  noteHeld(tokens: TokenSet): void;
}
