import type { Backend } from '../backends/backend.js';
import type { Membership } from '../coordination/coordination.js';
import { isSessionError, type SessionError, sessionChanged, signedOut, unavailable } from '../errors.js';
import type { Existing } from '../existing.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { Credentials } from '../tokens/credentials.js';
import { noteReceipt } from '../tokens/receipt.js';
import { assertTokenSet, isSameTokenSet, type TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import type { Breaker } from './breaker.js';
import type { Attempt, Outcome } from './outcome.js';
import { reauthenticate } from './reauthenticate.js';

/** What a refresh needs. */
export interface RefreshContext {
  readonly state: SessionState;
  readonly settings: Settings;
  /** Asks for new tokens. */
  readonly backend: Pick<Backend, 'refresh'>;
  readonly breaker: Breaker;
  readonly existing: Existing;
  readonly membership: Membership | undefined;
  /** Called with the late response to a request that timed out. It is used, unless a user signed in or out meanwhile. */
  onLateAnswer(refresh: Refresh, answer: Promise<Outcome>): void;
}

/** One refresh, from the wait for a pause to the outcome. It does not change the session: `Refresher` applies the outcome. */
export class Refresh implements Attempt {
  readonly replacing: Credentials | null | undefined;
  readonly #context: RefreshContext;
  readonly #began: number = performance.now();
  readonly #ended: AbortController = new AbortController();
  readonly signal: AbortSignal = this.#ended.signal;
  /** Aborts the refresh request. */
  readonly #call: AbortController = new AbortController();
  #refreshingWith: TokenSet | undefined;

  constructor(context: RefreshContext) {
    this.#context = context;
    this.replacing = context.state.credentials;
  }

  /** The tokens that the refresh request under way replaces; `undefined` if there is no request. */
  get refreshingWith(): TokenSet | undefined {
    return this.#refreshingWith;
  }

  /** Ends the refresh for all its callers. */
  end(error?: SessionError): void {
    this.#ended.abort(error);
    if (!this.#mustFinish) this.#call.abort(error);
  }

  assertCurrent(): void {
    if (this.#context.state.credentials !== this.replacing && !this.#mustFinish)
      throw this.signal.reason ?? sessionChanged();
  }

  /** A refusal ends the session, except if there was no refresh token, and the access token is still usable. */
  isFinal({ code }: SessionError): boolean {
    return code === 'refresh_rejected' && !(this.replacing?.usable && !this.replacing.tokens.refreshToken);
  }

  async run(): Promise<Outcome> {
    const { state, settings, breaker, membership } = this.#context;
    const { replacing, signal } = this;
    if (replacing === null) throw signedOut();
    let outcome: Outcome | undefined;
    while (!outcome) {
      await breaker.pass(settings.refreshTimeout, signal);
      this.assertCurrent();
      outcome = await (membership ? membership.refresh(this) : this.ask());
    }
    if (outcome.end !== 'rejected' || !replacing || !settings.reauthenticate) return outcome;
    await reauthenticate(state, settings, { claims: replacing.claims, signal });
    this.assertCurrent();
    return membership?.recordRefusal(outcome) ?? outcome;
  }

  async ask(sessionId?: string, commit?: (tokens: TokenSet) => Promise<Outcome>): Promise<Outcome> {
    const { settings, onLateAnswer } = this.#context;
    const answer = this.#answer(sessionId, commit);
    try {
      return await bounded(answer, this.#call.signal, settings.refreshTimeout);
    } catch (reason) {
      onLateAnswer(this, answer);
      return this.#failure(reason);
    } finally {
      this.#refreshingWith = undefined;
    }
  }

  /** Whether the session was disposed during a request whose tokens other members need. */
  get #mustFinish(): boolean {
    const { state, membership } = this.#context;
    return state.disposed && !!this.#refreshingWith && !!membership?.finishesCalls;
  }

  async #answer(
    sessionId: string | undefined,
    commit: ((tokens: TokenSet) => Promise<Outcome>) | undefined,
  ): Promise<Outcome> {
    const spent = this.replacing?.tokens ?? (await this.#tokensToBeginWith());
    if (!spent) return { end: 'superseded', by: { tokens: null } };
    const isExisting = !this.replacing && spent.accessToken;
    const tokens = isExisting ? noteReceipt(spent, false) : await this.#requestTokens(spent, sessionId);
    return commit?.(tokens) ?? { end: 'renewed', tokens };
  }

  /** The tokens to start with if it is unknown who is signed in. `null`: nobody is signed in, and there is no cookie to try. */
  async #tokensToBeginWith(): Promise<TokenSet | null> {
    const { settings, membership } = this.#context;
    const existing = await this.#context.existing.ask();
    this.assertCurrent();
    if (existing) return membership?.stamp(existing) ?? existing;
    return settings.backend.coordination ? NO_TOKENS : null;
  }

  async #requestTokens(spent: TokenSet, sessionId: string | undefined): Promise<TokenSet> {
    const { state, backend, breaker } = this.#context;
    state.emit({ type: 'refreshing', waited: performance.now() - this.#began });
    this.#refreshingWith = spent;
    const { signal } = this.#call;
    const fresh = await backend.refresh(sessionId ? { ...spent, sessionId } : spent, { signal });
    this.assertCurrent();
    assertTokenSet(fresh);
    breaker.reset();
    return noteReceipt(mergeTokens(spent, fresh, sessionId), true);
  }

  /** Only a clear refusal ends the session, and only if the store holds no newer tokens. */
  async #failure(reason: unknown): Promise<Outcome> {
    const { state, breaker } = this.#context;
    if (this.signal.aborted) throw reason;
    const error = isSessionError(reason) ? reason : unavailable(reason);
    if (!this.isFinal(error)) return { end: 'unavailable', error, pause: breaker.fail(error.retryAfter) };
    const stored = await state.persistence.read();
    if (stored && isNewer(stored, this.replacing?.tokens ?? NO_TOKENS))
      return { end: 'superseded', by: { tokens: stored } };
    return { end: 'rejected', error };
  }
}

/** Passed to a backend whose refresh token is in a cookie. */
const NO_TOKENS: TokenSet = { accessToken: '' };

/** Keeps the fields that the response lacks, above all the refresh token (RFC 6749 §6), unless it belongs to another sign-in. */
function mergeTokens(spent: TokenSet, tokens: TokenSet, expected: string | undefined): TokenSet {
  const { expiresAt, receivedAt, ...kept } = spent;
  const { receivedAt: _, sessionId = expected, ...fresh } = tokens;
  if (sessionId && sessionId !== kept.sessionId) return { ...fresh, sessionId };
  const refreshToken = tokens.refreshToken ?? kept.refreshToken;
  return { ...kept, ...fresh, ...(refreshToken && { refreshToken }) };
}

/** Compares the generations. Without one, any other tokens count as newer. */
function isNewer(stored: TokenSet, spent: TokenSet): boolean {
  if (stored.generation !== undefined) return stored.generation > (spent.generation ?? 0);
  return !isSameTokenSet(stored, spent);
}
