import type { Pause } from '../refresh/outcome.js';
import { isTokenSet, type TokenSet } from '../tokens/token-set.js';

/** The one record that all members of a session see alike: the ledger's entry. */
export interface LedgerEntry {
  /** Counts what happened: each sign-in, refresh and sign-out has a higher number than all before it. */
  generation: number;
  /** The tokens of this generation. `null` after a sign-out, absent where tokens must not be written. */
  tokens?: TokenSet | null | undefined;
  /** The sign-in that the tokens come from. */
  sessionId?: string | undefined;
  /** The backend ended the session, not the user. With a cookie it may have changed its mind since. */
  refused?: boolean;
  /** After a failure: when the next try is due. */
  pause?: Pause;
}

/** Whether what was found where members meet is an entry: others can write there too. */
export function isLedgerEntry(value: unknown): value is LedgerEntry {
  const { generation, tokens } = (value ?? {}) as Partial<LedgerEntry>;
  return Number.isFinite(generation) && (!tokens || isTokenSet(tokens));
}

/**
 * Where the members of a session meet: IndexedDB, Web Locks and BroadcastChannel for the tabs of a browser, Redis for a fleet
 * of servers. It keeps one entry and knows nothing of what the entry means.
 */
export interface Meeting {
  readonly name: string;
  /** Whether tokens may be written here. */
  readonly persistent: boolean;
  /**
   * Reads and writes the entry in one step that no other member can divide. `change` returns the new entry, or `undefined` to
   * keep the old one. Resolves with the entry that stands afterwards; `undefined` if there is none.
   *
   * If the entry cannot be reached, a meeting whose members may act without it resolves with `undefined` (tabs: a session
   * without IndexedDB still refreshes). One whose members must not act alone (a fleet) rejects.
   * @throws {SessionError} `refresh_unavailable`, after a bounded wait.
   */
  update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined>;
  /**
   * Runs `work` while no other member runs theirs. A holder may take `holdFor` ms. A member that has waited longer than that
   * goes on without its turn, because `update` decides in any case; a meeting whose members must not act alone rejects instead.
   * @throws {SessionError} `refresh_unavailable`, after a bounded wait.
   */
  inTurn<T>(work: Work<T>, limits: TurnLimits): Promise<T>;
  /**
   * Calls `changed` when there may be something new to read, with what `notify` was given, and `suspended` when this page goes to
   * sleep. Returns a function that stops it.
   */
  listen(listener: MeetingListener): () => void;
  /**
   * Tells the other members that there is something new to read. `ended`: the generation of a sign-out that is still to be written:
   * the page may be left before.
   */
  notify(ended?: number): void;
}

export type Work<T> = (isOver?: IsOver) => Promise<T>;

/**
 * Whether `work` has no turn and should ask for another: its turn has ended before, e.g. because the process was stopped meanwhile, or
 * has not come, and others have had theirs. `time`: of a change in the entry, if there was one. A generation is a time too.
 */
export type IsOver = (time?: number) => boolean;

export interface TurnLimits {
  /** Ends the waiting. */
  signal: AbortSignal;
  /** ms that a holder may take. */
  holdFor: number;
}

export interface MeetingListener {
  changed(ended?: number): void;
  suspended?(): void;
}
