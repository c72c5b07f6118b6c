import type { Backend } from './backends/backend.js';
import type { ReauthenticateEvent, SignedOutEvent } from './events.js';
import { memoryStore } from './stores/memory.js';
import type { TokenStore } from './stores/store.js';
import { subjectOf } from './tokens/claims.js';
import { kindOf, type TokenSet } from './tokens/token-set.js';

export interface SessionOptions<C extends object = Record<string, unknown>> {
  /** How the backend speaks: `envelopeBackend(…)`, or one written by hand. */
  backend: Backend;
  /** Where the tokens are kept. @default memoryStore() */
  store?: TokenStore;
  /**
   * ms before its expiry at which an access token counts as stale: requests wait for a refresh. At most a tenth of the
   * lifetime is used. Mind that RFC 7519 §4.1.4 means the opposite by the word, time *after* expiry.
   * @default 10_000
   */
  leeway?: number;
  /**
   * ms before expiry from which a request starts a refresh that nobody waits for. At most a quarter of the lifetime
   * is used. `0`: never ahead.
   * @default 60_000
   */
  refreshAhead?: number;
  /**
   * ms for one call of the backend. What comes before it comes on top: another tab's turn, at the longest twice as long, and a
   * pause that the server asked for, or that follows a failure, if it is shorter than this. What bounds a request as a whole is
   * its own time-out or signal. At most 2_147_483_647.
   * @default 30_000
   */
  refreshTimeout?: number;
  /** Whose session is it? `undefined`: unknown. @default claims.sub ?? claims.user_id */
  identify?(claims: Readonly<C> | null, tokens: TokenSet): string | undefined;
  /** Called once per ended session, however many requests failed; `loginRedirect(…)` makes one. */
  onSignedOut?(event: SignedOutEvent): void;
  /**
   * Asks the user to sign in again in place, e.g. in a dialog, when the backend has refused the refresh token. With `withStepUp`,
   * also to prove more when the server asks for it. Until it ends, requests are held. Resolve with the login answer, or with nothing
   * if you called `signIn` yourself. If it is the same user (see `identify`), what was held is sent; if it is another one, it is
   * rejected with `session_changed`. If the function rejects, or nobody has signed in, the session ends as it would have without.
   * Your login request must not be held itself: name its path in `exclude`.
   */
  reauthenticate?(event: ReauthenticateEvent<C>): Promise<unknown>;
  /** ms for which requests are held while `reauthenticate` is under way. At most 2_147_483_647. @default 300_000 */
  reauthenticateTimeout?: number;
}

/** With what is left out filled in. */
export interface Settings extends Required<Omit<SessionOptions, 'onSignedOut' | 'reauthenticate'>> {
  onSignedOut: SessionOptions['onSignedOut'] | undefined;
  reauthenticate: SessionOptions['reauthenticate'] | undefined;
}

/** What a timer can hold: 24.8 days; a longer one fires at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** @throws {TypeError | RangeError} naming the option, what it takes and what it got. */
export function readOptions(options: SessionOptions): Settings {
  const { backend, store = memoryStore() } = options ?? {};
  assertMethods('backend', backend, 'refresh', 'readTokens');
  assertMethods('store', store, 'read', 'write');
  const { identify = subjectOf, onSignedOut, reauthenticate } = options;
  const callbacks = { identify, onSignedOut, reauthenticate };
  assertCallbacks(callbacks);
  const {
    leeway = 10_000,
    refreshAhead = 60_000,
    refreshTimeout = 30_000,
    reauthenticateTimeout = 300_000,
  } = options;
  const margins = { leeway, refreshAhead };
  const limits = { refreshTimeout, reauthenticateTimeout };
  assertTimes(margins, 0, 'a non-negative');
  assertTimes(limits, 1, 'a positive');
  return { backend, store, ...callbacks, ...margins, ...limits };
}

function assertMethods(name: string, value: unknown, ...methods: string[]): void {
  const has = (method: string) =>
    typeof (value as Record<string, unknown> | undefined)?.[method] === 'function';
  assert(methods.every(has), name, `an object with ${methods.join('() and ')}()`, value);
}

/** @throws {TypeError} naming the option that is neither a function nor left out. */
export function assertCallbacks(callbacks: Record<string, unknown>): void {
  for (const [name, callback] of Object.entries(callbacks))
    assert(callback === undefined || typeof callback === 'function', name, 'a function', callback);
}

/** @throws {RangeError} naming the option that is no number of ms from `least` on; `kind` says so in words. */
export function assertTimes(times: Record<string, unknown>, least: number, kind: string): void {
  for (const [name, ms] of Object.entries(times)) {
    const holds = typeof ms === 'number' && ms >= least && ms <= LONGEST_TIMER;
    assert(holds, name, `${kind} number of milliseconds, at most ${LONGEST_TIMER}`, ms, RangeError);
  }
}

function assert(holds: boolean, name: string, wanted: string, value: unknown, Kind = TypeError): void {
  if (!holds) throw new Kind(`"${name}" must be ${wanted}, got ${show(value)}`);
}

/** Numbers and the like in full; of all else only what it is. */
function show(value: unknown): string {
  return typeof value === 'string' ? 'a string' : kindOf(value);
}
