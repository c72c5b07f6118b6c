import type { Backend } from './backends/backend.js';
import type { ReauthenticateEvent, SignedOutEvent } from './events.js';
import { pageMemory } from './stores/memory.js';
import type { TokenStore } from './stores/store.js';
import { type Claims, subjectOf } from './tokens/claims.js';
import type { TokenSet } from './tokens/token-set.js';

export interface SessionOptions {
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
  /** ms for one refresh, all its tries and waits included. At most 2_147_483_647. @default 30_000 */
  refreshTimeout?: number;
  /**
   * Whether the session is kept alive while nobody asks for anything, by one tab for all. Without it a hidden or idle tab
   * never refreshes on its own. @default false
   */
  keepAlive?: boolean;
  /** Whose session is it? `undefined`: unknown. @default claims.sub ?? claims.user_id */
  identify?(claims: Claims | null, tokens: TokenSet): string | undefined;
  /** Called once per ended session, however many requests failed; `loginRedirect(…)` makes one. */
  onSignedOut?(event: SignedOutEvent): void;
  /**
   * Asks the user to sign in again in place, e.g. in a dialog, when the backend has refused the refresh token. Until it ends,
   * requests are held. It resolves with the login answer, or with nothing if it has called `signIn` itself. The same user
   * (see `identify`): what was held is sent. Another: it is rejected with `session_changed`. If it rejects, or nobody has signed in: the
   * session ends as it would have without. The login request must not be held itself: name its path in `exclude`.
   */
  reauthenticate?(event: ReauthenticateEvent): Promise<unknown>;
  /** ms for which requests are held while `reauthenticate` is under way. At most 2_147_483_647. @default 300_000 */
  reauthenticateTimeout?: number;
}

type Callbacks = 'onSignedOut' | 'reauthenticate';

export type Settings = Required<Omit<SessionOptions, Callbacks>> & Pick<SessionOptions, Callbacks>;

/** What a timer can hold: 24.8 days; a longer one fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** @throws {TypeError | RangeError} naming the option, what it takes and what it got. */
export function readOptions(options: SessionOptions): Settings {
  const { backend, store = pageMemory(), identify = subjectOf, onSignedOut, reauthenticate } = options ?? {};
  assertMethods('backend', backend, ['refresh', 'readTokens']);
  assertMethods('store', store, ['read', 'write']);
  assertFunction('identify', identify);
  for (const [name, callback] of Object.entries({ onSignedOut, reauthenticate }))
    if (callback !== undefined) assertFunction(name, callback);
  return {
    backend,
    store,
    identify,
    ...(onSignedOut && { onSignedOut }),
    ...(reauthenticate && { reauthenticate }),
    keepAlive: options.keepAlive ?? false,
    leeway: milliseconds('leeway', options.leeway, 10_000, 0),
    refreshAhead: milliseconds('refreshAhead', options.refreshAhead, 60_000, 0),
    refreshTimeout: milliseconds('refreshTimeout', options.refreshTimeout, 30_000, 1),
    reauthenticateTimeout: milliseconds('reauthenticateTimeout', options.reauthenticateTimeout, 300_000, 1),
  };
}

function milliseconds(name: string, value: number | undefined, fallback: number, least: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && value >= least && value <= LONGEST_TIMER) return value;
  const kind = least ? 'a positive' : 'a non-negative';
  throw new RangeError(
    `"${name}" must be ${kind} number of milliseconds, at most ${LONGEST_TIMER}, got ${show(value)}`,
  );
}

function assertFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`"${name}" must be a function, got ${show(value)}`);
}

function assertMethods(name: string, value: unknown, methods: readonly string[]): void {
  for (const method of methods) {
    if (typeof (value as Record<string, unknown> | undefined)?.[method] !== 'function') {
      throw new TypeError(
        `"${name}" must be an object with ${methods.join('() and ')}(), got ${show(value)}`,
      );
    }
  }
}

/** Numbers and the like in full; of strings and objects only what they are. */
function show(value: unknown): string {
  return typeof value === 'string'
    ? 'a string'
    : typeof value === 'object' && value
      ? 'an object'
      : String(value);
}
