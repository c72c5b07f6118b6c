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

/** One session of several processes. While Redis cannot be reached, it goes on with what it has, and refreshes nothing. */
export class FleetSession extends SharedSession {
  /** A session is disposed after each request, also if it refreshes ahead of time just then. */
  readonly finishesCalls = true;
  readonly #member: Member;
  readonly #meeting: Meeting;
  /** A sign-in or sign-out. It ends with this session, which has told the application that it failed. */
  readonly #unpublished: Unrecorded = new Unrecorded();
  /** Tokens of a refresh, for which the old ones are spent. Nobody else has them, so that they outlive this session. */
  readonly #uncommitted: Unrecorded = new Unrecorded();
  /** The sign-in that ended when somebody signed out in this process. */
  #ended: string | undefined;

  /** `storeIsLedger`: the store is read from the same entry. */
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

  /** Whether it belongs to a session that ended here: another process has refreshed, because Redis had lost the sign-out. */
  #isOver({ tokens }: LedgerEntry): boolean {
    return !!tokens?.sessionId && tokens.sessionId === this.#ended && !this.#member.state.credentials;
  }

  /** What others have recorded in the meantime counts. */
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

  /** The backend has rotated: the new tokens are used even if they cannot be recorded. */
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
      // Newer than what they replace, older than whatever is recorded next.
      const generation = (replaced.tokens.generation ?? 0) + 0.5;
      return { end: 'renewed', tokens: { ...tokens, generation } };
    }
  }

  /** There is nothing to refresh with: neither the ledger nor, when it was opened, the store had tokens. There may be older ones. */
  async #readStore(askForExisting: () => Promise<Outcome>): Promise<Outcome> {
    const tokens = await this.#member.state.persistence.read();
    if (tokens === undefined) throw new SessionError('refresh_unavailable', 'The store could not be read');
    return tokens ? { end: 'superseded', by: { tokens } } : askForExisting();
  }
}
