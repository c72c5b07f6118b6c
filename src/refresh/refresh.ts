import { SessionError, sessionChanged, signedOut } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';
import { Breaker } from './breaker.js';
import { singleFlight } from './single-flight.js';
import { assertHeld, Turns } from './turns.js';

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
  readonly #turns: Turns;

  constructor(state: SessionState, settings: Settings) {
    this.#state = state;
    this.#settings = settings;
    this.#turns = new Turns(state, settings, this.#breaker);
    state.wanting = () => void this.restore();
    state.replaced = (next, previous, error) => {
      if (!next) this.#breaker.reset();
      const goesOn = next && (!previous || next.owner === previous.owner);
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
      const { credentials } = this.#state;
      if (stale && stale === credentials && stale.usable) return stale;
      // Whether somebody was signed in had to be asked for: nobody was.
      if (stale === undefined && credentials === null) return null;
      throw error;
    }
  }

  /** Finds out who is signed in, from other tabs or by the backend's cookie. Never rejects. */
  async restore(): Promise<void> {
    await this.refresh().catch(() => {});
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

  /** The tokens that the backend is being asked with at this moment. */
  get asking(): TokenSet | undefined {
    return this.#turns.asking;
  }

  /** ms until the backend may be asked again. */
  get pause(): number {
    return this.#breaker.wait;
  }

  /** The page is put away with all its scripts: it must not sit on the turn meanwhile. */
  leave(): void {
    const error = new SessionError('refresh_unavailable', 'The page was left while it was refreshing');
    this.#flight.land(() => Promise.reject(error));
  }

  /** THE refresh: one at a time, whoever asks. */
  refresh(): Promise<Credentials> {
    return this.#flight.join((signal) => this.#run(signal));
  }

  async #run(signal: AbortSignal): Promise<Credentials> {
    const spent = this.#state.credentials;
    if (spent === null) throw signedOut();
    for (;;) {
      await this.#breaker.pass(this.#settings.refreshTimeout, signal);
      assertHeld(this.#state, spent);
      const good = await this.#turns.take(spent, signal);
      if (good) return good;
    }
  }
}
