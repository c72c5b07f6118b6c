import { assert, assertCallbacks, assertKnown, assertTimes } from './assert.js';
import type { Backend } from './backends/backend.js';
import type { ReauthenticateEvent, SignedOutEvent } from './events.js';
import { memoryStore } from './stores/memory.js';
import type { TokenStore } from './stores/store.js';
import { subjectOf } from './tokens/claims.js';
import type { TokenSet } from './tokens/token-set.js';

export interface SessionOptions<C extends object = Record<string, unknown>> {
  /** How to talk to your backend: `envelopeBackend(…)`, or one that you write. */
  backend: Backend;
  /** Where the tokens are kept. @default memoryStore() */
  store?: TokenStore;
  /**
   * How many ms before its expiry an access token counts as stale: requests then wait for a refresh. At most a tenth of the
   * lifetime is used. RFC 7519 §4.1.4 uses the word for the opposite, time *after* expiry.
   * @default 10_000
   */
  leeway?: number;
  /**
   * How many ms before its expiry an access token is refreshed in the background: a request starts the refresh and does not wait
   * for it. At most a quarter of the lifetime is used. `0` turns background refreshes off.
   * @default 60_000
   */
  refreshAhead?: number;
  /**
   * ms that one refresh request may take. Time spent waiting before it is not included: for another tab's turn (at most twice as
   * long), or for a pause that follows a failure or that the server asked for (if it is shorter than this). To limit a request as
   * a whole, use its own timeout or signal. At most 2_147_483_647.
   * @default 30_000
   */
  refreshTimeout?: number;
  /**
   * Identifies the user, so that a request of one user is never sent with the token of another. `undefined`: unknown.
   * @default claims.sub ?? claims.user_id
   */
  identify?(claims: Readonly<C> | null, tokens: TokenSet): string | undefined;
  /** Called once when a session ends, however many requests failed. `loginRedirect(…)` creates such a function. */
  onSignedOut?(event: SignedOutEvent): void;
  /**
   * Asks the user to sign in again without leaving the page, e.g. in a dialog, after the backend refused the refresh token. With
   * `withStepUp`, it is also called when the server requires a stronger sign-in. Requests that need it wait until it settles.
   * Resolve with the login response, or with `undefined` if you called `signIn` yourself. If the same user signed in (see
   * `identify`), the waiting requests are sent; if another user did, they reject with `session_changed`. If it rejects, or if
   * nobody signed in, the session ends. The login request itself must not wait: list its path in `exclude`.
   */
  reauthenticate?(event: ReauthenticateEvent<C>): Promise<unknown>;
  /**
   * Returns the tokens that your application had before it used this SDK. Read them where your old code stored them. Called once,
   * by one tab for all tabs, and only if this SDK has never stored tokens. Return a token set, a login response,
   * `{ refreshToken }` alone, or `null`.
   */
  existing?(): unknown;
  /** ms that requests wait for `reauthenticate`. At most 2_147_483_647. @default 300_000 */
  reauthenticateTimeout?: number;
}

type Callback = 'onSignedOut' | 'reauthenticate' | 'existing';

/** The options, with the defaults filled in. */
export interface Settings extends Required<Omit<SessionOptions, Callback>> {
  onSignedOut: SessionOptions['onSignedOut'] | undefined;
  reauthenticate: SessionOptions['reauthenticate'] | undefined;
  existing: SessionOptions['existing'] | undefined;
}

/** @throws {TypeError | RangeError} naming the option, what it takes and what it got. */
export function readOptions(options: SessionOptions): Settings {
  const {
    backend,
    store = memoryStore(),
    identify = subjectOf,
    onSignedOut,
    reauthenticate,
    existing,
    leeway = 10_000,
    refreshAhead = 60_000,
    refreshTimeout = 30_000,
    reauthenticateTimeout = 300_000,
    ...unknown
  } = options ?? {};
  const callbacks = { identify, onSignedOut, reauthenticate, existing };
  const margins = { leeway, refreshAhead };
  const limits = { refreshTimeout, reauthenticateTimeout };
  assertMethods('backend', backend, 'refresh', 'readTokens');
  assertMethods('store', store, 'read', 'write');
  assertCallbacks(callbacks);
  assertTimes(margins, 0, 'a non-negative');
  assertTimes(limits, 1, 'a positive');
  assertKnown(unknown);
  return { backend, store, ...callbacks, ...margins, ...limits };
}

function assertMethods(name: string, value: unknown, ...methods: string[]): void {
  const has = (method: string) =>
    typeof (value as Record<string, unknown> | undefined)?.[method] === 'function';
  assert(methods.every(has), name, `an object with ${methods.join('() and ')}()`, value);
}
