import { isSessionError, SessionError, sessionChanged, signedOut } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { Credentials } from '../tokens/credentials.js';
import { assertTokenSet, type TokenSet } from '../tokens/token-set.js';
import { abortable } from '../wait.js';
import { Breaker } from './breaker.js';
import { singleFlight } from './single-flight.js';

/** ms for which refusals are passed on at the most. */
const LONGEST_FUTILE = 10_000;

/** The way from credentials that are about to expire, or were refused, to ones that are good. */
export class Refresher {
  readonly #state: SessionState;
  readonly #settings: Settings;
  readonly #flight = singleFlight<Credentials>();
  readonly #breaker = new Breaker();
  /** Refusals that new tokens did not cure: an endpoint that says 401 to everybody must not cause a storm. */
  readonly #futile = new Breaker(LONGEST_FUTILE);
  /** The tokens that the backend is being asked with at this moment. */
  asking: TokenSet | undefined;

  constructor(state: SessionState, settings: Settings) {
    this.#state = state;
    this.#settings = settings;
    state.replaced = (next, previous, error) => {
      if (!next) this.#breaker.reset();
      const goesOn = next && next.owner === previous?.owner;
      this.#flight.land(() => (goesOn ? next : Promise.reject(error ?? sessionChanged())));
    };
  }

  /**
   * What a request may carry now, with no promise between; `null`: nobody is signed in; `undefined`: see `acquire`.
   * Starts the refresh that nobody waits for.
   */
  peek(): Credentials | null | undefined {
    const held = this.#state.credentials;
    const freshness = held?.freshness ?? 'fresh';
    if (freshness === 'fresh') return held;
    if (this.#breaker.wait && held?.usable) return held;
    if (freshness === 'stale') return undefined;
    void this.refresh();
    return held;
  }

  /**
   * Waits for what a request may carry.
   * @throws {SessionError} how the refresh ended, where the access token is no use any more.
   */
  async acquire(): Promise<Credentials | null> {
    if (this.#state.credentials === undefined) await this.#state.ready;
    const held = this.peek();
    if (held !== undefined) return held;
    const stale = this.#state.credentials;
    try {
      return await this.refresh();
    } catch (error) {
      if (stale && stale === this.#state.credentials && stale.usable) return stale;
      throw error;
    }
  }

  /**
   * Waits for what a request may carry that was refused with `refused`: a successor, of the same user. `undefined` where
   * new tokens did not help last time: then the refusal has nothing to do with the token's age.
   */
  replace(refused: Credentials): Promise<Credentials> | undefined {
    const held = this.#state.credentials;
    if (!held) return Promise.reject(signedOut());
    if (held.owner !== refused.owner) return Promise.reject(sessionChanged());
    if (held !== refused) return held.usable ? Promise.resolve(held) : this.refresh();
    if (this.#futile.wait) return undefined;
    held.distrust();
    return this.refresh();
  }

  /** Whether the request that was sent again was accepted. */
  replayed(accepted: boolean): void {
    if (accepted) this.#futile.reset();
    else if (!this.#futile.wait) this.#futile.fail();
  }

  /** THE refresh: one at a time, whoever asks. */
  refresh(): Promise<Credentials> {
    return this.#flight.join((signal) => this.#run(signal));
  }

  async #run(signal: AbortSignal): Promise<Credentials> {
    const spent = this.#state.credentials;
    if (!spent) throw signedOut();
    try {
      return await within(this.#settings.refreshTimeout, this.#ask(spent, signal), signal);
    } catch (error) {
      throw this.#failed(error, spent);
    }
  }

  async #ask(spent: Credentials, signal: AbortSignal): Promise<Credentials> {
    await this.#breaker.pass(this.#settings.refreshTimeout, signal);
    this.#assertHeld(spent);
    this.#state.emit({ type: 'refreshing' });
    this.asking = spent.tokens;
    try {
      const tokens = await this.#settings.backend.refresh(spent.tokens, { signal });
      return this.#commit(tokens, spent);
    } finally {
      if (this.asking === spent.tokens) this.asking = undefined;
    }
  }

  /** An answer that comes late, after the time-out even, is good for as long as nobody signed in or out (law 6). */
  #commit(tokens: TokenSet, spent: Credentials): Credentials {
    this.#assertHeld(spent);
    assertTokenSet(tokens);
    const { expiresAt, receivedAt, ...kept } = spent.tokens;
    const refreshToken = tokens.refreshToken ?? kept.refreshToken;
    this.#breaker.reset();
    return this.#state.receive({ ...kept, ...tokens, ...(refreshToken && { refreshToken }) }, true)
      .credentials;
  }

  #assertHeld(spent: Credentials): void {
    if (this.#state.credentials !== spent) throw sessionChanged();
  }

  /** Law 5: only the backend's refusal ends a session. */
  #failed(reason: unknown, spent: Credentials): SessionError {
    const error = isSessionError(reason) ? reason : unavailable(reason);
    if (this.#state.credentials !== spent) return error;
    this.#state.emit({ type: 'refresh-failed', error });
    // Where there was no refresh token to refuse, the access token still serves to its end.
    const servesOn = spent.usable && !spent.tokens.refreshToken;
    if (error.code === 'refresh_rejected' && !servesOn) {
      void this.#state.end('refresh_rejected', error);
    } else {
      this.#breaker.fail(error.retryAfter);
      // The refresh token may have been rotated all the same (FACTS 12): it is tried again when it must be.
      spent.useUp();
    }
    return error;
  }
}

/** What a backend throws may lead to a token, as an `AxiosError` does by its config: only its words are kept. */
function unavailable(reason: unknown): SessionError {
  const { name, message = String(reason), stack } = (reason ?? {}) as Partial<Error>;
  const cause = Object.assign(new Error(message), { name: name ?? 'Error', stack });
  return new SessionError('refresh_unavailable', `The refresh failed: ${message}`, { cause });
}

/** Bounds the work; the timer does not outlive the flight. */
async function within<T>(ms: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new SessionError('refresh_timeout', `No new tokens within ${ms} ms`)),
    ms,
  );
  signal.addEventListener('abort', () => limit.abort(signedOut()));
  return abortable(work, limit.signal).finally(() => clearTimeout(timer));
}
