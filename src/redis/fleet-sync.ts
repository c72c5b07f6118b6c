import type { LedgerEntry } from '../coordination/meeting.js';
import type { Shared, StoreSync } from '../coordination/reconciler.js';
import type { TokenSet } from '../tokens/token-set.js';

/** ms by which the clocks of two servers may differ. Generations are times. */
const TOLERANCE = 5_000;

/**
 * Keeps a session and its store in sync with the ledger in Redis. If Redis loses data, no user is signed out: only an entry
 * that records a sign-out ends a session. When the session opens, the store says whether there is one; after that, the
 * ledger counts.
 */
export class FleetSync implements StoreSync {
  readonly #shared: Shared;
  readonly #storeIsLedger: boolean;
  readonly #isOver: (entry: LedgerEntry) => boolean;

  /**
   * `storeIsLedger`: the store reads the same entry as the ledger. `isOver`: whether an entry belongs to a session that has
   * ended.
   */
  constructor(shared: Shared, storeIsLedger: boolean, isOver: (entry: LedgerEntry) => boolean) {
    this.#shared = shared;
    this.#storeIsLedger = storeIsLedger;
    this.#isOver = isOver;
  }

  async begin(): Promise<void> {
    if (this.#shared.state.credentials && !this.#storeIsLedger) await this.readLedger();
  }

  storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): void | Promise<void> {
    const { state, follow } = this.#shared;
    // If the store could not be read, the next request finds out.
    if (tokens === undefined || isKnown) return undefined;
    if (state.credentials) return this.readLedger();
    if (tokens?.generation) follow({ generation: tokens.generation, tokens });
    // Tokens without a generation are older than any entry of the ledger.
    else state.adopt(tokens);
  }

  async readLedger(): Promise<void> {
    const { state, ledger } = this.#shared;
    try {
      const entry = await ledger.read();
      const { newest } = ledger;
      if (state.disposed || entry?.generation === newest) return;
      if (entry && entry.generation > newest) await this.#take(entry);
      else await this.#restore(newest);
    } catch {} // the next turn reads it again
  }

  async #take(entry: LedgerEntry): Promise<void> {
    const { state, ledger, follow, settle } = this.#shared;
    const { newest } = ledger;
    if (this.#isOver(entry)) return this.#endAgain(entry);
    if (entry.generation > newest) return this.#storeIsLedger ? follow(entry) : settle(entry);
    // This member's tokens may have changed since the comparison.
    if (!isRecentEnd(entry, newest)) return;
    ledger.noteEnd(entry.generation);
    state.adopt(null);
  }

  /** Records a sign-out again: Redis has lost it, and a process that did not know of it has refreshed. */
  async #endAgain({ generation }: LedgerEntry): Promise<void> {
    const { ledger } = this.#shared;
    const end = ledger.next(generation);
    const other = await ledger.write(null, end, (old) => old.generation !== generation);
    if (other) await this.#take(other);
    else ledger.noteEnd(end);
  }

  /** Writes back what Redis has lost: it is empty, or has an older copy. */
  async #restore(generation: number): Promise<void> {
    const { state, ledger } = this.#shared;
    if (!generation) return;
    const tokens = state.credentials?.tokens ?? null;
    // Compare with the current entry of Redis: the entry that was read before may be outdated.
    const hasMovedOn = (old: LedgerEntry) => old.generation >= generation || isRecentEnd(old, generation);
    const other = await ledger.write(tokens, generation, hasMovedOn);
    if (other) await this.#take(other);
  }

  stop(): void {}
}

/** Whether the entry is a sign-out of about the same time. Such a sign-out counts, because its clock may be behind. */
function isRecentEnd({ generation, tokens }: LedgerEntry, own: number): boolean {
  return tokens === null && generation > own - TOLERANCE;
}
