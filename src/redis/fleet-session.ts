import type { Member } from '../coordination/coordination.js';
import type { LedgerEntry, Meeting } from '../coordination/meeting.js';
import { SharedSession } from '../coordination/shared-session.js';
import { isSessionError, SessionError } from '../errors.js';
import type { Attempt, Outcome } from '../refresh/outcome.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';
import { FleetSync } from './fleet-sync.js';
import { Unrecorded } from './unrecorded.js';

type Commit = (tokens: TokenSet) => Promise<Outcome>;

/** A session that several processes share. While Redis cannot be reached, it uses its current tokens and does not refresh. */
export class FleetSession extends SharedSession {
  /** A server disposes a session after each request, possibly while it refreshes in the background. */
  readonly finishesCalls = true;
  readonly #member: Member;
  readonly #meeting: Meeting;
  /** A sign-in or sign-out that could not be recorded. `dispose` drops it, because the application knows that it failed. */
  readonly #unpublished: Unrecorded = new Unrecorded();
  /**
   * Tokens of a refresh that could not be recorded. `dispose` keeps them: the old tokens are used up, and no other process
   * has the new ones.
   */
  readonly #uncommitted: Unrecorded = new Unrecorded();
  /** The sign-in that a sign-out in this process has ended. */
  #ended: string | undefined;

  /** `storeIsLedger`: the store reads the same entry as the ledger. */
  constructor(member: Member, meeting: Meeting, storeIsLedger: boolean) {
    const isOver = (entry: LedgerEntry) => this.#isOver(entry);
    super(member, meeting, undefined, (shared) => new FleetSync(shared, storeIsLedger, isOver));
    this.#member = member;
    this.#meeting = meeting;
  }

  override publish(tokens: TokenSet | null, ended?: TokenSet): Promise<void> {
    if (!tokens) this.#ended = ended?.sessionId;
    return super.publish(tokens, ended);
  }

  protected override async publishAs(tokens: TokenSet | null, generation: number): Promise<void> {
    this.#uncommitted.forget();
    this.#unpublished.forget();
    try {
      await super.publishAs(tokens, generation);
    } catch (error) {
      this.#unpublished.keep(() => this.#publishLate(tokens, generation));
      throw error;
    }
  }

  override async refresh(attempt: Attempt): Promise<Outcome | undefined> {
    try {
      await this.#unpublished.record();
      await this.#uncommitted.record();
      return await super.refresh(this.#guard(attempt));
    } catch (error) {
      if (!isSessionError(error, 'refresh_unavailable')) throw error;
      return { end: 'unavailable', error, pause: this.#member.refresher.breaker.fail() };
    }
  }

  override dispose(): void {
    super.dispose();
    this.#unpublished.forget();
  }

  /** Whether the entry belongs to a session that was signed out here: Redis lost the sign-out, and another process has refreshed. */
  #isOver({ tokens }: LedgerEntry): boolean {
    return !!tokens?.sessionId && tokens.sessionId === this.#ended && !this.#member.state.credentials;
  }

  /** Records a sign-in or sign-out late, unless another process has recorded something newer. */
  async #publishLate(tokens: TokenSet | null, generation: number): Promise<void> {
    const entry = await this.#meeting.update((old) => {
      if (old && old.generation >= generation && !this.#isOver(old)) return undefined;
      return {
        generation: Math.max(generation, (old?.generation ?? 0) + 1),
        tokens,
        sessionId: tokens?.sessionId,
      };
    });
    this.follow(entry!);
  }

  #guard(attempt: Attempt): Attempt {
    const { replacing, signal } = attempt;
    return {
      replacing,
      signal,
      assertCurrent: () => attempt.assertCurrent(),
      isFinal: (error) => attempt.isFinal(error),
      ask: (sessionId, commit) =>
        replacing
          ? attempt.ask(sessionId, commit && ((tokens) => this.#commit(tokens, commit, replacing)))
          : this.#readStore(() => attempt.ask(sessionId, commit)),
    };
  }

  /** The backend has rotated the refresh token, so the new tokens are used even if they cannot be recorded. */
  async #commit(tokens: TokenSet, commit: Commit, replaced: Credentials): Promise<Outcome> {
    try {
      return await commit(tokens);
    } catch (error) {
      this.#member.state.storeFailed(error);
      this.#uncommitted.keep(async () => {
        const outcome = await commit(tokens);
        if (outcome.end === 'superseded') this.follow(outcome.by);
        else if (outcome.end === 'renewed') this.follow({ ...outcome.tokens, tokens: outcome.tokens });
      });
      // Newer than the tokens that they replace, older than anything that is recorded next.
      const generation = (replaced.tokens.generation ?? 0) + 0.5;
      return { end: 'renewed', tokens: { ...tokens, generation } };
    }
  }

  /**
   * There are no tokens to refresh: neither the ledger nor the store had any when the session opened. Reads the store
   * again, then asks for tokens from before this SDK.
   */
  async #readStore(askForExisting: () => Promise<Outcome>): Promise<Outcome> {
    const tokens = await this.#member.state.persistence.read();
    if (tokens === undefined) throw new SessionError('refresh_unavailable', 'The store could not be read');
    return tokens ? { end: 'superseded', by: { tokens } } : askForExisting();
  }
}
