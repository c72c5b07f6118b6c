import { SessionError, sessionChanged, signedOut } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';
import { Breaker } from './breaker.js';
import { type Context, Flight } from './flight.js';

/** ms for which refusals are passed on at the most. */
const LONGEST_FUTILE = 10_000;

/** The way from credentials that are about to expire, or were refused, to ones that are good. */
export class Refresher {
  readonly #state: SessionState;
  readonly #context: Context;
  #flight: Flight | undefined;
  readonly #breaker = new Breaker();
  /** Refusals that new tokens did not cure: an endpoint that says 401 to everybody must not cause a storm. */
  readonly #futile = new Breaker(LONGEST_FUTILE);

  constructor(state: SessionState, settings: Settings) {
    this.#state = state;
    this.#context = { state, settings, breaker: this.#breaker };
    state.wanting = () => void this.restore();
    state.replaced = (error) => {
      if (!state.credentials) this.#breaker.reset();
      this.#land(error);
    };
  }

  /**
   * What a request may carry now, with no promise between; `null`: nobody is signed in; `undefined`: see `acquire`.
   * Starts the refresh that nobody waits for.
   */
  peek(): Credentials | null | undefined {
    const held = this.#state.credentials;
    if (!held || held.ageingIn > 0) return held;
    if (this.#breaker.wait && held.usable) return held;
    if (held.staleIn <= 0) return undefined;
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
    return this.#state.asking;
  }

  /** ms until the backend may be asked again. */
  get pause(): number {
    return this.#breaker.wait;
  }

  /** The page is put away with all its scripts: it must not sit on the turn meanwhile. What was asked may have been done (FACTS 12). */
  leave(): void {
    if (this.asking) this.#state.credentials?.useUp();
    this.#land(new SessionError('refresh_unavailable', 'The page was left while it was refreshing'));
  }

  /** THE refresh: one at a time, whoever asks; all share its outcome. */
  refresh(): Promise<Credentials> {
    if (this.#flight) return this.#flight.outcome;
    const flight = new Flight(this.#context);
    this.#flight = flight;
    const landed = () => {
      if (this.#flight === flight) this.#flight = undefined;
      flight.land();
    };
    flight.outcome.then(landed, landed); // nobody need wait for a refresh that was started ahead of time
    return flight.outcome;
  }

  #land(error: SessionError): void {
    const flight = this.#flight;
    this.#flight = undefined;
    flight?.land(error);
  }
}
