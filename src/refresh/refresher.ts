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

/** The longest time, in ms, during which refusals do not cause a refresh. */
const LONGEST_FUTILE = 10_000;

/** Replaces credentials that expire soon or were refused. Concurrent callers share one refresh. */
export class Refresher {
  readonly breaker: Breaker = new Breaker();
  readonly existing: Existing;
  readonly #state: SessionState;
  readonly #context: RefreshContext;
  #current: Refresh | undefined;
  #result: Promise<Credentials> | undefined;
  /**
   * Counts requests that were refused even with new tokens: an endpoint that always answers 401 must not cause endless refreshes.
   */
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
   * Returns the credentials that a request can use now. `null`: nobody is signed in. `undefined`: call `acquire` and wait. Starts
   * a background refresh if one is due.
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
   * Waits for the credentials that a request can use. `null`: nobody is signed in.
   * @throws {SessionError} the error of the refresh, if the access token is not usable any more.
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
      // The refresh had to find out whether a user is signed in, and none is.
      if (stale === undefined && credentials === null) return null;
      throw error;
    }
  }

  /** Refreshes to find out who is signed in, from other tabs or by the backend's cookie. Never rejects. */
  async restore(isKnown?: () => boolean): Promise<void> {
    // A refresh under way may have started before another member signed in, so its result may not be enough.
    await this.#result?.catch(() => {});
    if (!isKnown?.()) await this.refresh().catch(() => {});
  }

  /**
   * Waits for credentials of the same user that replace refused ones. Returns `undefined` if new tokens did not help last time:
   * then the token's age is not the reason. `sentAt`: when the request was sent, in ms since the epoch.
   */
  replace(refused: Credentials, sentAt: number): Promise<Credentials> | undefined {
    const held = this.#state.credentials;
    if (!held) return Promise.reject(signedOut());
    if (held.owner !== refused.owner) return Promise.reject(sessionChanged());
    // The browser sent the newest cookie of that moment, even if this tab had not heard of its refresh yet.
    const isShared = this.#context.settings.backend.giveAccessToken;
    const wasSent = held === refused || (isShared && held.tokens.receivedAt! <= sentAt);
    if (!wasSent) return held.usable ? Promise.resolve(held) : this.refresh();
    if (this.#futile.wait) return undefined;
    held.distrust(sentAt);
    return this.refresh();
  }

  /** Reports whether a request that was sent again was accepted. */
  replayed(accepted: boolean): void {
    if (accepted) this.#futile.reset();
    else if (!this.#futile.wait) this.#futile.fail();
  }

  /** The tokens that the refresh request under way replaces; `undefined` if there is no request. */
  get refreshingWith(): TokenSet | undefined {
    return this.#current?.refreshingWith;
  }

  /** Called when the credentials change: stops the refresh of the old ones. */
  onReplaced(error: SessionError): void {
    if (!this.#state.credentials) this.breaker.reset();
    this.stop(error);
  }

  /** Stops the refresh under way, if there is one, for all its callers. */
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
    result.then(ended, ended); // a background refresh has no caller that handles its error
    return result;
  }

  async #run(refresh: Refresh): Promise<Credentials> {
    try {
      return this.#apply(refresh, await bounded(refresh.run(), refresh.signal));
    } catch (error) {
      return this.#successorOf(refresh.replacing, error);
    }
  }

  /** Applies the outcome to the session, unless the session has changed meanwhile. */
  #apply(refresh: Refresh, outcome: Outcome): Credentials {
    const state = this.#state;
    const { replacing } = refresh;
    refresh.assertCurrent();
    if (outcome.end === 'renewed') state.renew(outcome.tokens);
    else if (outcome.end === 'superseded') {
      this.#follow(outcome.by);
      // Another user signed in elsewhere, and only the other member has the tokens.
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

  /** Callers that waited continue with the current credentials if these belong to the same user. */
  #successorOf(replaced: Credentials | null | undefined, error: unknown): Credentials {
    const { credentials } = this.#state;
    if (!credentials || credentials === replaced || (replaced && replaced.owner !== credentials.owner))
      throw error;
    return credentials;
  }
}
