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
   * ms before its expiry when an access token counts as stale, so that requests wait for a refresh. At most a tenth of the lifetime
   * is used. RFC 7519 §4.1.4 uses the word for the opposite, time *after* expiry.
   * @default 10_000
   */
  leeway?: number;
  /**
   * ms before expiry when a request starts a refresh that nobody waits for. At most a quarter of the lifetime is used. `0` turns it
   * off.
   * @default 60_000
   */
  refreshAhead?: number;
  /**
   * ms for one call of the backend. Other waits come on top: another tab's turn, at most twice as long, and a pause after a failure
   * or one that the server asked for, if it is shorter than this. To limit a request as a whole, use its own time-out or signal.
   * At most 2_147_483_647.
   * @default 30_000
   */
  refreshTimeout?: number;
  /**
   * Says whose session it is, so that one user's request is never sent with another's token. `undefined`: unknown.
   * @default claims.sub ?? claims.user_id
   */
  identify?(claims: Readonly<C> | null, tokens: TokenSet): string | undefined;
  /** Called once per ended session, however many requests failed. `loginRedirect(…)` makes one. */
  onSignedOut?(event: SignedOutEvent): void;
  /**
   * Asks the user to sign in again in place, e.g. in a dialog, after the backend refused the refresh token. With `withStepUp`, also asks
   * the user to prove more when the server wants it. Requests are held until it ends. Resolve with the login answer, or with nothing if
   * you called `signIn` yourself. If the same user signed in (see `identify`), the held requests are sent; if another did, they reject
   * with `session_changed`. If it rejects, or nobody signed in, the session ends. The login request must not be held itself: name its
   * path in `exclude`.
   */
  reauthenticate?(event: ReauthenticateEvent<C>): Promise<unknown>;
  /**
   * Returns tokens from before this SDK: read them where your old code kept them. Called once, by one tab for all, and only if no
   * tokens were ever stored. Return a token set, a login answer, `{ refreshToken }` alone, or `null`.
   */
  existing?(): unknown;
  /** ms that requests are held while `reauthenticate` runs. At most 2_147_483_647. @default 300_000 */
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
