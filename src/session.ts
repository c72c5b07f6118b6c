import { signedOut } from './errors.js';
import type { SessionListener } from './events.js';
import { readOptions, type SessionOptions, type Settings } from './options.js';
import { Refresher } from './refresh/refresher.js';
import { SessionState } from './state.js';
import { bounded } from './wait.js';

/** The one object that your application holds: who is signed in, and with which tokens. */
export interface Session<C extends object = Record<string, unknown>> {
  /**
   * `restoring`: not known yet. An asynchronous store was not read yet, or a backend with a cookie could not be asked; the next request,
   * or `refresh()`, asks it again.
   */
  readonly status: 'restoring' | 'signed-in' | 'signed-out';
  /** The claims of the access token; `null` if it is opaque, or nobody is signed in. For display, never for trust. */
  readonly claims: Readonly<C> | null;
  /**
   * What else the backend answered at sign-in or refresh, without the two tokens: `id_token`, `scope`, the user. `null` if nobody
   * is signed in. For display, and for a logout at the provider (`id_token_hint`). Not enumerable, so that no log shows it.
   */
  readonly details: Readonly<Record<string, unknown>> | null;
  /**
   * ms since the epoch: when the refresh token expires, and the session with it unless it is refreshed before. `undefined` if the
   * backend does not say.
   */
  readonly endsAt: number | undefined;
  /** Resolves when the store was read and, if the refresh token is in a cookie, the backend was asked. Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Signs in with a login answer as the backend sent it, or with a `TokenSet`. Resolves when the tokens are stored. Tokens that the
   * session has already change nothing.
   * @throws {SessionError} `invalid_token_response`, e.g. for the answer to a wrong password; the current session stays.
   */
  signIn(answer: unknown): Promise<void>;
  /**
   * Signs out at once, here and in all tabs, and empties the store. Requests that wait reject with `signed_out`. Then the server is told,
   * if the backend has a `signOut`. Resolves when that is done or has failed, which takes `refreshTimeout` at most; a failure is the
   * event `revoke-failed`.
   */
  signOut(): Promise<void>;
  /**
   * Resolves with an access token that is still good, refreshed first if necessary: for WebSocket, EventSource, downloads.
   * @throws {SessionError} `signed_out`, or why the refresh failed. `no_access_token` if it is in an HttpOnly cookie.
   * @throws the signal's reason on abort.
   */
  getAccessToken(options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * Refreshes now, or joins the refresh under way.
   * @throws {SessionError} why the refresh failed.
   */
  refresh(): Promise<void>;
  /** Calls `listener` on each event. Returns a function that stops it. */
  subscribe(listener: SessionListener): () => void;
  /** Removes all timers and listeners and rejects pending requests. Stored tokens are kept. */
  dispose(): void;
}

/** What the rest of this package sees of a session. */
export interface SessionCore {
  readonly state: SessionState;
  readonly refresher: Refresher;
  readonly settings: Settings;
  readonly backend: Settings['backend'];
  /** Aborts when the session is disposed. */
  readonly disposal: AbortSignal;
}

/** One for both module formats, but not for other versions of the package, whose sessions are made differently. */
const CORE: unique symbol = Symbol.for('unexpired@__VERSION__');

/**
 * Makes a session. It reads the store at once, and asks the backend only when a request needs it.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function createSession<C extends object = Record<string, unknown>>(
  options: SessionOptions<C>,
): Session<C> {
  const settings = readOptions(options as SessionOptions);
  const { store, backend } = settings;
  const state = new SessionState(settings, {
    membership: () => membership,
    begin() {
      if (membership) return membership.begin();
      return state.credentials === undefined ? refresher.restore() : undefined;
    },
    onReplaced: (error) => refresher.onReplaced(error),
  });
  const disposal = new AbortController();
  const server = backend.signOut?.join({ state, settings, disposal: disposal.signal });
  const refresher: Refresher = new Refresher(state, settings, server ?? backend, () => membership);
  const coordination = store.coordination ?? backend.coordination;
  const membership = coordination?.join({ state, refresher, settings });
  const unsubscribe = store.subscribe?.(() => void state.readStore());
  membership?.listen();
  server?.begin();
  state.open();
  const core: SessionCore = { state, refresher, settings, backend, disposal: disposal.signal };
  return publicSession(core, {
    signOut: () => (server ?? state).signOut(),
    dispose() {
      disposal.abort();
      unsubscribe?.();
      membership?.dispose();
      state.dispose();
    },
  });
}

/** What the application sees of a session. Frozen, so that no framework wraps it. */
function publicSession<C extends object>(
  core: SessionCore,
  ends: Pick<Session, 'signOut' | 'dispose'>,
): Session<C> {
  const { state, refresher, backend } = core;
  const session: Omit<Session, 'details' | 'endsAt'> = {
    get status() {
      const { credentials } = state;
      return credentials ? 'signed-in' : credentials === null ? 'signed-out' : 'restoring';
    },
    get claims() {
      return state.credentials?.claims ?? null;
    },
    get ready() {
      return state.ready;
    },
    signIn: (answer) => state.signIn(answer),
    async getAccessToken({ signal } = {}) {
      if (signal?.aborted) throw signal.reason;
      const held = refresher.peek() ?? (await bounded(refresher.acquire(), signal));
      if (!held) throw signedOut();
      return backend.giveAccessToken?.(held.tokens) ?? held.tokens.accessToken;
    },
    async refresh() {
      await state.ready;
      await refresher.refresh();
    },
    subscribe: (listener) => state.subscribe(listener),
    ...ends,
  };
  // Not enumerable, because they lead to tokens, and a logged session must show none.
  const hidden = Object.defineProperties(session, {
    [CORE]: { value: core },
    details: { get: () => state.credentials?.details ?? null },
    endsAt: { get: () => state.credentials?.tokens.endsAt },
  });
  return Object.freeze(hidden) as Session<C>;
}

/** @throws {TypeError} if `session` was not made by `createSession` of this copy of the package. */
export function coreOf(session: Session): SessionCore {
  const core = (session as { [CORE]?: SessionCore } | undefined)?.[CORE];
  if (!core)
    throw new TypeError(
      `"session" must be what createSession() returned, got ${session}: look for an import circle, or a second copy of this package`,
    );
  return core;
}
