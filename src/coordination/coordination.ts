import type { SessionError } from '../errors.js';
import type { Attempt, Outcome, Pause, Rejected, Standing } from '../refresh/outcome.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * What makes several sessions one: the tabs of a browser (`tabs`), the processes of a fleet. A store or a backend brings it
 * along; a session whose store and backend have none is alone.
 */
export interface Coordination {
  /** Sessions with the same name are one. */
  readonly name: string;
  /** Connects a session to the others. `createSession` calls it. */
  join(member: Member): Membership;
}

/** What one session asks of its coordination. */
export interface Membership {
  /** Whether a call of the backend goes on after `dispose`, because the others need its tokens. */
  readonly finishesCalls?: boolean;
  /** Starts listening to the other members. */
  listen(): void;
  /** Compares with the other members, after the store was read for the first time. */
  begin(): Promise<void>;
  /** Numbers the tokens of a sign-in, so that every member can tell newer from older. */
  stamp(tokens: TokenSet): TokenSet;
  /** Records a sign-in, or a sign-out (`null`), for all members. `ended`: the tokens that the sign-out ends. */
  publish(tokens: TokenSet | null, ended?: TokenSet): Promise<void>;
  /** Waits for this member's turn, then asks the backend unless another member has. `undefined`: a pause began; wait and try again. */
  refresh(attempt: Attempt): Promise<Outcome | undefined>;
  /** Records a refusal that `refresh` left unrecorded, because the user could still sign in again in place. */
  recordRefusal(outcome: Rejected): Promise<Outcome>;
  /** Takes over what another member recorded, if it is newer than what this member has. */
  follow(news: Standing): void;
  /** Compares what the store holds with the record. `isKnown`: the store holds the tokens that this member has. */
  storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): void | Promise<void>;
  dispose(): void;
}

/** What a coordination sees of a session, and what it may do to it. */
export interface Member {
  readonly state: {
    /** `null`: nobody is signed in. `undefined`: not known yet. */
    readonly credentials: Credentials | null | undefined;
    readonly disposed: boolean;
    readonly persistence: StoreAccess;
    /** Begins a session with tokens that the application stored. */
    begin(tokens: TokenSet): Promise<void>;
    /** `undefined`: somebody signed in, and only another member can see the tokens. */
    adopt(tokens: TokenSet | null | undefined): void;
    storeFailed(error: unknown): void;
  };
  readonly refresher: {
    /** Tokens that no session of this SDK wrote. */
    readonly existing: { offer(tokens: TokenSet): void };
    readonly breaker: {
      /** ms until the next try is due; 0 if it is due now. */
      readonly wait: number;
      /** The last pause, until the backend answers. */
      readonly pause: Pause | undefined;
      /** When the network last came back, in ms since the epoch. */
      readonly online: number;
      begin(pause: Pause, ms: number): Pause;
      fail(retryAfter?: number): Pause;
    };
    refresh(): Promise<Credentials>;
    /** Finds out who is signed in, unless it is known when the refresh under way has ended. Never rejects. */
    restore(isKnown?: () => boolean): Promise<void>;
    /** The tokens that the backend is being asked with right now. */
    readonly refreshingWith: unknown;
    /** Stops the refresh under way, if there is one, for all who wait. */
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
