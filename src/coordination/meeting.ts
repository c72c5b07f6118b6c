import type { Pause } from '../refresh/outcome.js';
import { isTokenSet, type TokenSet } from '../tokens/token-set.js';

/** The ledger's entry: the one record that all members of a session share. */
export interface LedgerEntry {
  /** Each sign-in, refresh and sign-out has a higher number than all before it. */
  generation: number;
  /** The tokens of this generation. `null` after a sign-out, absent if tokens must not be written here. */
  tokens?: TokenSet | null | undefined;
  /** The sign-in that the tokens come from. */
  sessionId?: string | undefined;
  /** The backend refused the refresh; the user did not sign out. With a cookie, the user may have signed in again since. */
  refused?: boolean;
  /** After a failure: when the next try is due. */
  pause?: Pause;
}

/** Whether a stored value is a ledger entry. It is checked because others can write there too. */
export function isLedgerEntry(value: unknown): value is LedgerEntry {
  const { generation, tokens } = (value ?? {}) as Partial<LedgerEntry>;
  return Number.isFinite(generation) && (!tokens || isTokenSet(tokens));
}

/**
 * Where the members of a session meet: IndexedDB, Web Locks and BroadcastChannel for the tabs of a browser, Redis for a fleet of
 * servers. It stores one entry, gives turns and sends messages, but does not interpret the entry.
 */
export interface Meeting {
  readonly name: string;
  /** Whether tokens may be written here. */
  readonly persistent: boolean;
  /**
   * Reads and writes the entry atomically. `change` returns the new entry, or `undefined` to keep the old one. Resolves with the
   * entry that is stored afterwards; `undefined` if there is none.
   *
   * If the entry cannot be reached, a meeting of tabs resolves with `undefined`: a session without IndexedDB still refreshes. A
   * meeting of a fleet rejects, because its members must not act alone.
   * @throws {SessionError} `refresh_unavailable`, after a limited time.
   */
  update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined>;
  /**
   * Runs `work` while no other member runs its own. A turn may last `holdFor` ms. If a tab keeps its turn longer than that, the
   * next tab begins, which is safe: `update` decides in any case. A member of a fleet rejects instead.
   * @throws {SessionError} `refresh_unavailable`, after a limited time.
   */
  inTurn<T>(work: Work<T>, limits: TurnLimits): Promise<T>;
  /**
   * Calls `changed` when the entry may have changed, with the argument of `notify`, and `suspended` when this page enters the
   * back/forward cache. Returns a function that stops it.
   */
  listen(listener: MeetingListener): () => void;
  /**
   * Tells the other members that the entry has changed. `ended`: the generation of a sign-out that has not been written yet. The
   * others write it too, because this page may be closed first.
   */
  notify(ended?: number): void;
}

export type Work<T> = (isOver?: IsOver) => Promise<T>;

/**
 * Whether the turn has ended before its work, e.g. because the process was suspended. `work` should then end, so that this member
 * waits for another turn.
 */
export type IsOver = () => boolean;

export interface TurnLimits {
  /** Ends the wait. */
  signal: AbortSignal;
  /** ms that a turn may last. */
  holdFor: number;
}

export interface MeetingListener {
  changed(ended?: number): void;
  suspended?(): void;
}
