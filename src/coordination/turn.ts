import { SessionError } from '../errors.js';
import type { Attempt, Outcome, Pause, Rejected } from '../refresh/outcome.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Member } from './coordination.js';
import type { Ledger } from './ledger.js';
import type { IsOver, LedgerEntry } from './meeting.js';

/** Gets tokens from other members if the ledger must not hold them. */
export interface Elsewhere {
  /** Called before this member waits for its turn. Returns `undefined` if this member can refresh by itself. */
  beforeTurn(attempt: Attempt): Promise<Outcome> | undefined;
  /**
   * Called if the ledger has a newer entry without tokens: asks other members for them. `undefined`: none has them, and this
   * member asks the backend.
   */
  inTurn(attempt: Attempt, news: LedgerEntry): Promise<Outcome | undefined>;
}

/** One member's turn to refresh: reads the ledger again, and asks the backend only if no other member was faster. */
export class Turn {
  readonly #member: Member;
  readonly #ledger: Ledger;
  readonly #attempt: Attempt;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #started: number = Date.now();

  constructor(member: Member, ledger: Ledger, attempt: Attempt, elsewhere: Elsewhere | undefined) {
    this.#member = member;
    this.#ledger = ledger;
    this.#attempt = attempt;
    this.#elsewhere = elsewhere;
  }

  /** `undefined`: another member began a pause, or the turn is over. The caller then waits outside the turn. */
  async readAndAsk(isOver?: IsOver): Promise<Outcome | undefined> {
    const entry = await this.#ledger.read();
    this.#attempt.assertCurrent();
    const news = entry && this.#isNews(entry) && (await this.#outcomeOf(entry));
    if (news) return news;
    const pause = joinPause(this.#member.refresher.breaker, entry?.pause);
    if (pause) return this.#failedTogether(pause);
    return isOver?.() ? undefined : this.#ask(entry);
  }

  /**
   * Whether the entry is newer than the credentials to replace. With a cookie, a page that opens ignores older refusals: the user
   * may have signed in since.
   */
  #isNews({ generation, refused }: LedgerEntry): boolean {
    const { replacing } = this.#attempt;
    if (refused && !replacing && this.#member.settings.backend.coordination)
      return generation >= this.#started;
    return generation > (replacing?.tokens.generation ?? 0);
  }

  async #outcomeOf(news: LedgerEntry): Promise<Outcome | undefined> {
    if (news.tokens !== undefined) return { end: 'superseded', by: news };
    return this.#elsewhere?.inTurn(this.#attempt, news);
  }

  async #ask(seen: LedgerEntry | undefined): Promise<Outcome> {
    const spent = this.#attempt.replacing?.tokens.generation ?? 0;
    const { generation = 0, sessionId } = seen ?? {};
    // The ledger may not contain the replaced tokens, if the page was closed during their sign-in.
    const expected = [generation, spent];
    const outcome = await this.#attempt.ask(generation < spent ? undefined : sessionId, (tokens) =>
      this.#commit(tokens, expected),
    );
    if (outcome.end === 'unavailable') await this.#ledger.pause(outcome.pause);
    if (outcome.end !== 'rejected') return outcome;
    const refused = { ...outcome, expected };
    // As long as the user can sign in again with `reauthenticate`, no other member must see the refusal.
    const canSignInAgain = this.#attempt.replacing && this.#member.settings.reauthenticate;
    return canSignInAgain ? refused : recordRefusal(this.#ledger, refused);
  }

  /** Records the new tokens, unless the ledger shows that a user signed in or out meanwhile, in any member. */
  async #commit(tokens: TokenSet, expected: readonly number[]): Promise<Outcome> {
    const generation = this.#ledger.next(Math.max(...expected));
    const other = await this.#ledger.write(tokens, generation, hasMovedOn(expected));
    return other ? { end: 'superseded', by: other } : { end: 'renewed', tokens: { ...tokens, generation } };
  }

  /**
   * A member that waited for its turn while another member's refresh failed has failed too. A later one waits for the pause to
   * end.
   */
  #failedTogether({ since }: Pause): Outcome | undefined {
    if (since < this.#started) return undefined;
    const retryAfter = this.#member.refresher.breaker.wait;
    const error = new SessionError('refresh_unavailable', 'The refresh of another tab or process failed', {
      retryAfter,
    });
    return { end: 'unavailable', error };
  }
}

/** Joins another member's pause, unless it is over. */
function joinPause(breaker: Member['refresher']['breaker'], pause: Pause | undefined): Pause | undefined {
  // This member has already waited for this pause, even if the clock was set back since.
  if (!pause || pause.until === breaker.pause?.until) return undefined;
  if (!pause.asked && pause.since <= breaker.online) return undefined;
  const left = Math.min(pause.until - Date.now(), pause.until - pause.since);
  return left > 0 ? breaker.begin(pause, left) : undefined;
}

/** Records a refusal, unless the ledger has moved on: then another member was faster. */
export async function recordRefusal(ledger: Ledger, outcome: Rejected): Promise<Outcome> {
  if (!outcome.expected) return outcome;
  const { expected, ...rejected } = outcome;
  const other = await ledger.write(null, ledger.next(Math.max(...expected)), hasMovedOn(expected), true);
  return other ? { end: 'superseded', by: other } : rejected;
}

function hasMovedOn(expected: readonly number[]): (entry: LedgerEntry) => boolean {
  return ({ generation }) => !expected.includes(generation);
}
