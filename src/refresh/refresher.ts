import type { Membership } from '../coordination/coordination.js';
import { type SessionError, sessionChanged, signedOut } from '../errors.js';
import { Existing } from '../existing.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import { Breaker } from './breaker.js';
import type { Outcome } from './outcome.js';
import { Refresh, type RefreshContext } from './refresh.js';

/** ms for which refusals are passed on at the most. */
const LONGEST_FUTILE = 10_000;

/** Gets from credentials that expire soon, or were refused, to good ones. All who wait share one refresh. */
export class Refresher {
  readonly breaker: Breaker = new Breaker();
  readonly existing: Existing;
  readonly #state: SessionState;
  readonly #context: RefreshContext;
  #current: Refresh | undefined;
  #result: Promise<Credentials> | undefined;
  /** Refusals that new tokens did not cure: an endpoint that answers 401 to everybody must not cause a storm. */
  readonly #futile = new Breaker(LONGEST_FUTILE);

  constructor(
    state: SessionState,
    settings: Settings,
    backend: RefreshContext['backend'],
    membership: () => Membership | undefined,
  ) {
    this.#state = state;
    this.existing = new Existing(settings);
    this.#context = {
      state,
      settings,
      backend,
      breaker: this.breaker,
      existing: this.existing,
      get membership() {
        return membership();
      },
      onLateAnswer: (refresh, answer) =>
        void answer.then((outcome) => this.#apply(refresh, outcome)).catch(() => {}),
    };
  }

  /**
   * What a request may carry now, without waiting. `null`: nobody is signed in. `undefined`: wait with `acquire`.
   * Starts a refresh that nobody waits for, if one is due.
   */
  peek(): Credentials | null | undefined {
    const held = this.#state.credentials;
    if (!held || held.ageingIn > 0) return held;
    if (this.breaker.wait && held.usable) return held;
    if (held.staleIn <= 0) return undefined;
    void this.refresh();
    return held;
  }

  /**
   * Waits for what a request may carry.
   * @throws {SessionError} how the refresh ended, if the access token is of no use any more.
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
      // The refresh had to find out whether somebody was signed in: nobody was.
      if (stale === undefined && credentials === null) return null;
      throw error;
    }
  }

  /** Finds out who is signed in, from other tabs or by the backend's cookie. Never rejects. */
  async restore(isKnown?: () => boolean): Promise<void> {
    // One that is under way may have found out before there was news.
    await this.#result?.catch(() => {});
    if (!isKnown?.()) await this.refresh().catch(() => {});
  }

  /**
   * Waits for credentials of the same user that replace refused ones. Returns `undefined` if new tokens did not help last time:
   * then the refusal has nothing to do with the token's age. `sentAt`: when the request was sent, in ms since the epoch.
   */
  replace(refused: Credentials, sentAt: number): Promise<Credentials> | undefined {
    const held = this.#state.credentials;
    if (!held) return Promise.reject(signedOut());
    if (held.owner !== refused.owner) return Promise.reject(sessionChanged());
    // A cookie is sent by the browser: the newest of that moment, whatever this tab had heard by then.
    const isShared = this.#context.settings.backend.giveAccessToken;
    const wasSent = held === refused || (isShared && held.tokens.receivedAt! <= sentAt);
    if (!wasSent) return held.usable ? Promise.resolve(held) : this.refresh();
    if (this.#futile.wait) return undefined;
    held.distrust(sentAt);
    return this.refresh();
  }

  /** Whether a request that was sent again was accepted. */
  replayed(accepted: boolean): void {
    if (accepted) this.#futile.reset();
    else if (!this.#futile.wait) this.#futile.fail();
  }

  /** The tokens that the backend is being asked with right now. */
  get refreshingWith(): TokenSet | undefined {
    return this.#current?.refreshingWith;
  }

  /** The credentials changed: tells those who wait for a refresh of the old ones. */
  onReplaced(error: SessionError): void {
    if (!this.#state.credentials) this.breaker.reset();
    this.stop(error);
  }

  /** Stops the refresh under way, if there is one, for all who wait. */
  stop(error?: SessionError): void {
    const refresh = this.#current;
    this.#current = this.#result = undefined;
    refresh?.end(error);
  }

  /** Refreshes now, or joins the refresh under way. */
  refresh(): Promise<Credentials> {
    if (this.#result) return this.#result;
    const refresh = new Refresh(this.#context);
    const result = this.#run(refresh);
    this.#current = refresh;
    this.#result = result;
    const ended = () => {
      if (this.#current === refresh) this.stop();
    };
    result.then(ended, ended); // nobody need wait for a refresh that was started ahead of time
    return result;
  }

  async #run(refresh: Refresh): Promise<Credentials> {
    try {
      return this.#apply(refresh, await bounded(refresh.run(), refresh.signal));
    } catch (error) {
      return this.#successorOf(refresh.replacing, error);
    }
  }

  /** Changes the session as the outcome says, unless somebody else changed it. */
  #apply(refresh: Refresh, outcome: Outcome): Credentials {
    const state = this.#state;
    const { replacing } = refresh;
    refresh.assertCurrent();
    if (outcome.end === 'renewed') state.renew(outcome.tokens);
    else if (outcome.end === 'superseded') {
      this.#follow(outcome.by);
      // Another user signed in where only another member can see the tokens.
      const isSame = outcome.by.sessionId === replacing?.tokens.sessionId;
      if (replacing && replacing === state.credentials && !isSame) throw sessionChanged();
    } else {
      const { error } = outcome;
      state.emit({ type: 'refresh-failed', error });
      if (outcome.end === 'unavailable') replacing?.useUntilExpiry();
      else state.reject(error);
      throw error;
    }
    const { credentials } = state;
    if (!credentials) throw signedOut();
    if (replacing && replacing.owner !== credentials.owner) throw sessionChanged();
    return credentials;
  }

  #follow(standing: Extract<Outcome, { end: 'superseded' }>['by']): void {
    const { membership } = this.#context;
    if (membership) membership.follow(standing);
    else this.#state.adopt(standing.tokens ?? null);
  }

  /** Whoever waited goes on with what is there instead, if it belongs to the same user. */
  #successorOf(replaced: Credentials | null | undefined, error: unknown): Credentials {
    const { credentials } = this.#state;
    if (!credentials || credentials === replaced || (replaced && replaced.owner !== credentials.owner))
      throw error;
    return credentials;
  }
}
