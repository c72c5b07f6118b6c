import type { Member } from '../coordination/coordination.js';
import type { LedgerEntry } from '../coordination/meeting.js';
import type { Elsewhere } from '../coordination/turn.js';
import { SessionError } from '../errors.js';
import type { Attempt, Outcome } from '../refresh/outcome.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { TabMeeting } from './tab-meeting.js';

type HandOverMessage =
  | { type: 'asked'; by: string; than: number }
  | { type: 'promised'; to: string }
  | { type: 'failed'; to: string }
  | { type: 'answered'; to: string; tokens: TokenSet };

/** How a tab handles the replies to its question. */
interface Asking {
  promised(): void;
  failed(): void;
  answered(tokens: TokenSet): void;
}

/** ms that a tab waits for another tab to promise a reply. */
const ANSWER_TIME = 300;

/** Sends the access token, never the refresh token, from tab to tab by message. Used if tokens must not be written to disk. */
export class HandOver implements Elsewhere {
  readonly #member: Member;
  readonly #meeting: TabMeeting;
  /** The refresh token is in a cookie: each tab can refresh by itself. */
  readonly #hasCookie: boolean;
  readonly #me: string = Math.random().toString(36);
  #asking: Asking | undefined;

  constructor(member: Member, meeting: TabMeeting) {
    this.#member = member;
    this.#meeting = meeting;
    this.#hasCookie = member.settings.backend.coordination !== undefined;
  }

  beforeTurn(attempt: Attempt): Promise<Outcome> | undefined {
    const spent = attempt.replacing?.tokens;
    return this.#hasCookie || spent?.refreshToken ? undefined : this.#takeOver(attempt, spent);
  }

  async inTurn(attempt: Attempt, { sessionId }: LedgerEntry): Promise<Outcome | undefined> {
    const { refreshToken, ...spent } = (attempt.replacing?.tokens ?? {}) as TokenSet;
    // A user has signed in elsewhere since: the refresh token of this tab belongs to a session that is over.
    if (!this.#hasCookie && sessionId !== spent.sessionId) return this.#takeOver(attempt, spent);
    const tokens = await this.#ask(spent, ANSWER_TIME, attempt.signal);
    return tokens && { end: 'superseded', by: { tokens } };
  }

  onMessage(data: object): void {
    const message = data as HandOverMessage;
    if (message.type === 'asked') void this.#answer(message.by, message.than);
    else if (message.to !== this.#me) return;
    else if (message.type === 'answered') this.#asking?.answered(message.tokens);
    else this.#asking?.[message.type]();
  }

  /** Asks the other tabs for new tokens. The tab with the refresh token refreshes if necessary. */
  async #takeOver(attempt: Attempt, spent: TokenSet | undefined): Promise<Outcome> {
    const { signal } = attempt;
    try {
      const tokens = await this.#ask(spent, await this.#patienceFor(spent), signal);
      if (tokens || !spent) return { end: 'superseded', by: { tokens: tokens ?? null } };
    } catch (reason) {
      if (signal.aborted) throw reason;
      return this.#unavailable(reason as SessionError);
    }
    const error = new SessionError('refresh_rejected', 'No open tab has the refresh token');
    return attempt.isFinal(error) ? { end: 'rejected', error } : this.#unavailable(error);
  }

  #unavailable(error: SessionError): Outcome {
    this.#member.refresher.breaker.fail();
    return { end: 'unavailable', error };
  }

  /**
   * ms to wait for a promise. A page that opens waits only briefly if nobody has signed in. A tab that is signed in waits
   * longest, because otherwise its session ends.
   */
  async #patienceFor(spent: TokenSet | undefined): Promise<number> {
    if (spent) return 10 * ANSWER_TIME;
    const entry = await this.#meeting.update(() => undefined);
    return entry?.sessionId ? 5 * ANSWER_TIME : ANSWER_TIME;
  }

  /**
   * Asks the other tabs for an access token with a higher generation than that of `than`. `patience`: ms to wait until a tab
   * promises one. Resolves with `undefined` if none does.
   */
  #ask(than: TokenSet | undefined, patience: number, signal: AbortSignal): Promise<TokenSet | undefined> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void) => {
        clearTimeout(timer);
        act();
      };
      const answered = (tokens?: TokenSet) => end(() => resolve(tokens));
      const onAbort = () => end(() => reject(signal.reason));
      const failed = () =>
        end(() =>
          reject(
            new SessionError('refresh_unavailable', 'The tab that has the refresh token could not refresh'),
          ),
        );
      let timer = setTimeout(answered, patience);
      const promised = () => {
        clearTimeout(timer);
        timer = setTimeout(failed, this.#member.settings.refreshTimeout);
      };
      signal.addEventListener('abort', onAbort);
      this.#asking = { promised, failed, answered };
      const isHeard = this.#meeting.post({
        type: 'asked',
        by: this.#me,
        than: than?.generation ?? 0,
      } as HandOverMessage);
      if (!isHeard) answered();
    });
  }

  async #answer(to: string, than: number): Promise<void> {
    const post = (message: HandOverMessage) => this.#meeting.post(message);
    const offered = this.#offer(than);
    if (!offered) return;
    post({ type: 'promised', to });
    try {
      const { refreshToken, ...tokens } = await offered;
      post({ type: 'answered', to, tokens });
    } catch {
      // If the session has ended, the other tab reads that in the ledger.
      if (this.#member.state.credentials) post({ type: 'failed', to });
    }
  }

  /** The tokens for another tab, refreshed first if only this tab can do that. `undefined`: this tab has none to give. */
  #offer(than: number): Promise<TokenSet> | undefined {
    const { state, refresher } = this.#member;
    const mine = state.credentials;
    if (!mine) return undefined;
    if ((mine.tokens.generation ?? 0) > than && mine.usable) return Promise.resolve(mine.tokens);
    // With a cookie, the tab that asks can refresh by itself, and it has the turn.
    if (this.#hasCookie || !mine.tokens.refreshToken) return undefined;
    return refresher.refresh().then(({ tokens }) => tokens);
  }
}
