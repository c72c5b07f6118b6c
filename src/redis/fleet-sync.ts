import type { LedgerEntry } from '../coordination/meeting.js';
import type { Shared, StoreSync } from '../coordination/reconciler.js';
import type { TokenSet } from '../tokens/token-set.js';

/** ms by which the clocks of two servers may differ. Generations are made of the time. */
const TOLERANCE = 5_000;

/**
 * In a fleet the ledger is in Redis, and nobody is signed out because Redis has lost something: only an entry that says so ends
 * a session. The store tells whether there is a session when it opens; from then on the ledger counts.
 */
export class FleetSync implements StoreSync {
  readonly #shared: Shared;
  readonly #storeIsLedger: boolean;
  readonly #isOver: (entry: LedgerEntry) => boolean;

  /** `storeIsLedger`: the store is read from the same entry. `isOver`: whether it belongs to a session that has ended. */
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
    // It could not be read: nothing is known, and the next request finds out.
    if (tokens === undefined || isKnown) return undefined;
    if (state.credentials) return this.readLedger();
    if (tokens?.generation) follow({ generation: tokens.generation, tokens });
    // Without a generation they are older than whatever the ledger has.
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
    // What this member has may have changed since it was compared.
    if (!isRecentEnd(entry, newest)) return;
    ledger.noteEnd(entry.generation);
    state.adopt(null);
  }

  /** Redis has lost a sign-out, and a process that did not know of it has refreshed. */
  async #endAgain({ generation }: LedgerEntry): Promise<void> {
    const { ledger } = this.#shared;
    const end = ledger.next(generation);
    const other = await ledger.write(null, end, (old) => old.generation !== generation);
    if (other) await this.#take(other);
    else ledger.noteEnd(end);
  }

  /** Redis seems to have lost what this process still knows: it came back empty, or with an older copy. */
  async #restore(generation: number): Promise<void> {
    const { state, ledger } = this.#shared;
    if (!generation) return;
    const tokens = state.credentials?.tokens ?? null;
    // Compared with what stands in Redis now: what was read before may be old news.
    const hasMovedOn = (old: LedgerEntry) => old.generation >= generation || isRecentEnd(old, generation);
    const other = await ledger.write(tokens, generation, hasMovedOn);
    if (other) await this.#take(other);
  }

  stop(): void {}
}

/** Whether it is a sign-out of about the same time: it counts, because its clock may be behind. */
function isRecentEnd({ generation, tokens }: LedgerEntry, own: number): boolean {
  return tokens === null && generation > own - TOLERANCE;
}
