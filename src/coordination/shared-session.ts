import { SessionError } from '../errors.js';
import type { Attempt, Outcome, Rejected, Standing } from '../refresh/outcome.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Member, Membership } from './coordination.js';
import { Ledger } from './ledger.js';
import type { IsOver, LedgerEntry, Meeting } from './meeting.js';
import { Reconciler, type Shared, type StoreSync } from './reconciler.js';
import { type Elsewhere, recordRefusal, Turn } from './turn.js';

/** One session of several members. They give each change a generation, record it in a ledger, and take turns to refresh. */
export class SharedSession implements Membership {
  readonly #member: Member;
  readonly #meeting: Meeting;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #ledger: Ledger;
  readonly #sync: StoreSync;
  /** Resolves when the last sign-in or sign-out of this member is in the ledger. Never rejects. */
  #published: Promise<void> | undefined;
  #stopListening = (): void => {};

  /**
   * `elsewhere`: gets tokens from other members if the ledger must not hold them. `syncOf`: creates what keeps the store and the
   * ledger in sync.
   */
  constructor(
    member: Member,
    meeting: Meeting,
    elsewhere?: Elsewhere,
    syncOf: (shared: Shared) => StoreSync = (shared) => new Reconciler(shared),
  ) {
    this.#member = member;
    this.#meeting = meeting;
    this.#elsewhere = elsewhere;
    this.#ledger = new Ledger(meeting, member.state);
    this.#sync = syncOf({
      state: member.state,
      refresher: member.refresher,
      ledger: this.#ledger,
      persistent: meeting.persistent,
      published: () => this.#published,
      follow: (entry) => this.follow(entry),
      settle: (entry) => this.#settle(entry),
    });
  }

  listen(): void {
    this.#stopListening = this.#meeting.listen({
      changed: (ended) => void (ended ? this.#recordEnd(ended) : this.#sync.readLedger()),
      suspended: () => this.#suspend(),
    });
  }

  begin(): Promise<void> {
    return this.#sync.begin();
  }

  storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): void | Promise<void> {
    return this.#sync.storeRead(tokens, isKnown);
  }

  dispose(): void {
    this.#stopListening();
    this.#sync.stop();
  }

  stamp(tokens: TokenSet): TokenSet {
    return { ...tokens, generation: this.#ledger.next(), sessionId: Math.random().toString(36) };
  }

  publish(tokens: TokenSet | null, ended?: TokenSet): Promise<void> {
    return this.publishAs(tokens, tokens?.generation ?? this.#ledger.next(ended?.generation));
  }

  /** Records a sign-in, or a sign-out, under this generation. */
  protected publishAs(tokens: TokenSet | null, generation: number): Promise<void> {
    if (!tokens) {
      this.#ledger.noteEnd(generation);
      this.#meeting.notify(generation);
    }
    const published = this.#publish(tokens, generation);
    this.#published = published.catch(() => {}); // the caller of `publish` gets the error
    return published;
  }

  follow({ generation = Number.POSITIVE_INFINITY, tokens, sessionId }: Standing): void {
    const { state, refresher } = this.#member;
    if (state.disposed || generation <= this.#ledger.newest) return;
    if (tokens) state.adopt({ ...tokens, ...(Number.isFinite(generation) && { generation }) });
    else if (tokens === null) {
      if (Number.isFinite(generation)) this.#ledger.noteEnd(generation);
      state.adopt(null);
      // Each member has a store of its own, so this one must empty its store: the old tokens must not come back.
      if (!this.#meeting.persistent) void state.persistence.write(null);
    } else if (sessionId !== state.credentials?.tokens.sessionId) {
      // A user signed in, but only another member has the tokens.
      state.adopt(undefined);
      void refresher.restore(() => generation <= this.#ledger.newest);
    }
  }

  refresh(attempt: Attempt): Promise<Outcome | undefined> {
    const { signal } = attempt;
    const handed = this.#elsewhere?.beforeTurn(attempt);
    if (handed) return handed;
    const turn = new Turn(this.#member, this.#ledger, attempt, this.#elsewhere);
    const holdFor = this.#member.settings.refreshTimeout;
    const work = async (isOver?: IsOver) => {
      if (signal.aborted) throw signal.reason;
      await this.#published;
      try {
        return await turn.readAndAsk(isOver);
      } finally {
        // A sign-in or sign-out during the turn must be in the ledger before another member reads it.
        await this.#published;
      }
    };
    return this.#meeting.inTurn(work, { signal, holdFor });
  }

  recordRefusal(outcome: Rejected): Promise<Outcome> {
    return recordRefusal(this.#ledger, outcome);
  }

  /**
   * The page enters the back/forward cache. The refresh token may already be spent, so the access token is used until it expires.
   */
  #suspend(): void {
    const { state, refresher } = this.#member;
    if (refresher.refreshingWith) state.credentials?.useUntilExpiry();
    refresher.stop(new SessionError('refresh_unavailable', 'The page was left during the refresh'));
  }

  async #publish(tokens: TokenSet | null, generation: number): Promise<void> {
    // Overwrites the entry, unless another member has already refreshed these tokens or recorded this sign-out. The generation
    // alone does not identify the sign-out: a sign-in can have the same one by chance.
    const isSuccessor = (old: LedgerEntry) =>
      tokens ? old.sessionId === tokens.sessionId : old.tokens === null && old.generation === generation;
    const other = await this.#ledger.write(tokens, generation, isSuccessor);
    if (other) await this.#settle(other);
  }

  /** Takes over another member's sign-out, and also records it, because that member's page may be closed first. */
  async #recordEnd(generation: number): Promise<void> {
    this.follow({ generation, tokens: null });
    await this.#ledger.write(null, generation, (old) => old.generation >= generation);
  }

  /** Takes over the entry, and writes it to the store. */
  async #settle(entry: LedgerEntry): Promise<void> {
    this.follow(entry);
    const { generation, tokens } = entry;
    if (generation !== this.#ledger.newest) return;
    await this.#member.state.persistence.write(tokens ? { ...tokens, generation } : null);
    // Another member may have written to the ledger meanwhile: its tokens must not be lost.
    const now = await this.#ledger.read();
    if (now && now.generation > generation) await this.#settle(now);
  }
}
