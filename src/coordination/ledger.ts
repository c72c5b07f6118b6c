import type { TokenSet } from '../tokens/token-set.js';
import type { Member } from './coordination.js';
import type { LedgerEntry, Meeting } from './meeting.js';

/** ms that a browser may take to open all tabs that it restores. */
const RESTORE_TIME = 60_000;

/**
 * The entry that all members share, and the generations by which they tell newer from older. Members compare generations, never
 * tokens: two refreshes in one second can return the same token.
 */
export class Ledger {
  readonly #meeting: Meeting;
  readonly #state: Member['state'];
  /** The generation of the last sign-out that this member knows of. */
  #ended = 0;

  constructor(meeting: Meeting, state: Member['state']) {
    this.#meeting = meeting;
    this.#state = state;
  }

  /** The highest generation that this member knows of. */
  get newest(): number {
    return Math.max(this.#ended, this.#state.credentials?.tokens.generation ?? 0);
  }

  noteEnd(generation: number): void {
    this.#ended = Math.max(this.#ended, generation);
  }

  /**
   * Returns a new generation, higher than `seen` and all others that this member knows of. The fraction is random, so that no two
   * members choose the same.
   */
  next(seen = 0): number {
    return Math.max(Date.now(), seen + 1, this.newest + 1) + Math.random() / 2;
  }

  /** Reads the entry. If there is none, e.g. without IndexedDB, the store that the members share takes its place. */
  async read(): Promise<LedgerEntry | undefined> {
    const { persistent } = this.#meeting;
    const entry = await this.#meeting.update(() => undefined);
    if (entry || !persistent) return entry;
    const tokens = await this.#state.persistence.read();
    return tokens?.generation ? { generation: tokens.generation, tokens } : undefined;
  }

  /**
   * Whether the last entry is older than `RESTORE_TIME`. A younger one may come from a tab that was restored together with this
   * one.
   */
  async isOld(): Promise<boolean> {
    const { generation = 0 } = (await this.read()) ?? {};
    return generation > 0 && generation < Date.now() - RESTORE_TIME;
  }

  /**
   * Compare and set: writes a new entry, unless `hasMovedOn` returns true for the old one. Resolves with `undefined` if the
   * ledger now holds the new entry with this `generation`, otherwise with the entry that it holds.
   */
  async write(
    tokens: TokenSet | null,
    generation: number,
    hasMovedOn: (old: LedgerEntry) => boolean,
    refused = false,
  ): Promise<LedgerEntry | undefined> {
    const { persistent } = this.#meeting;
    let isNews = true;
    const entry = await this.#meeting.update((old) => {
      isNews = !old || !hasMovedOn(old);
      if (!isNews) return undefined;
      return {
        // Another member wrote at the same moment, or the clock was set back.
        generation: Math.max(generation, (old?.generation ?? 0) + 1),
        sessionId: tokens?.sessionId,
        tokens: persistent ? tokens : tokens && undefined,
        refused,
      };
    });
    if (isNews) this.#meeting.notify();
    return entry?.generation === generation ? undefined : entry;
  }

  /** Records when the next try is due, for all members. */
  async pause(pause: LedgerEntry['pause']): Promise<void> {
    await this.#meeting.update((old) => ({ generation: 0, ...old, ...(pause && { pause }) }));
  }
}
