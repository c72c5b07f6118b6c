import { signedOut } from './errors.js';
import type { SessionListener } from './events.js';
import { readOptions, type SessionOptions, type Settings } from './options.js';
import { Refresher } from './refresh/refresher.js';
import { SessionState } from './state.js';
import { bounded } from './wait.js';

/** The object that your application uses: who is signed in, and with which tokens. */
export interface Session<C extends object = Record<string, unknown>> {
  /**
   * `restoring`: not known yet, because an asynchronous store has not been read, or because the refresh token is in a cookie and
   * the backend could not be asked. The next request, or `refresh()`, asks again.
   */
  readonly status: 'restoring' | 'signed-in' | 'signed-out';
  /** The claims of the access token; `null` if it is opaque, or nobody is signed in. For display only: they are not verified. */
  readonly claims: Readonly<C> | null;
  /**
   * The other fields of the backend's login and refresh responses, without the two tokens, e.g. `id_token`, `scope`, the user.
   * `null` if nobody is signed in. For display, and for a logout at the provider (`id_token_hint`). Not enumerable, so that logs
   * do not contain it.
   */
  readonly details: Readonly<Record<string, unknown>> | null;
  /**
   * When the refresh token expires, in ms since the epoch. The session ends then, unless it is refreshed before. `undefined` if
   * the backend does not report it.
   */
  readonly endsAt: number | undefined;
  /** Resolves when the store was read and, if the refresh token is in a cookie, the backend was asked. Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Signs in with the backend's login response, or with a `TokenSet`. Resolves when the tokens are stored. Does nothing if the
   * session already has these tokens.
   * @throws {SessionError} `invalid_token_response`, e.g. for the response to a wrong password; the current session stays.
   */
  signIn(answer: unknown): Promise<void>;
  /**
   * Signs out at once, here and in all tabs, and empties the store. Waiting requests reject with `signed_out`. Then the server is
   * told, if the backend has a `signOut`. Resolves when that has succeeded or failed, after `refreshTimeout` at most; a failure
   * emits the event `revoke-failed`.
   */
  signOut(): Promise<void>;
  /**
   * Resolves with an access token that has not expired, after a refresh if necessary. For WebSocket, EventSource and downloads.
   * @throws {SessionError} `signed_out`, the error of the refresh, or `no_access_token` if the token is in an HttpOnly cookie.
   * @throws the signal's reason on abort.
   */
  getAccessToken(options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * Refreshes now, or joins the refresh under way.
   * @throws {SessionError} the error of the refresh.
   */
  refresh(): Promise<void>;
  /** Calls `listener` on each event. Returns a function that stops it. */
  subscribe(listener: SessionListener): () => void;
  /** Removes all timers and listeners and rejects pending requests. Stored tokens are kept. */
  dispose(): void;
}

/** The internals of a session, for the other modules of this package. */
export interface SessionCore {
  readonly state: SessionState;
  readonly refresher: Refresher;
  readonly settings: Settings;
  readonly backend: Settings['backend'];
  /** Aborts when the session is disposed. */
  readonly disposal: AbortSignal;
}

/** Shared by the ESM and the CommonJS build, but not with other versions of this package, whose sessions differ. */
const CORE: unique symbol = Symbol.for('unexpired@__VERSION__');

/**
 * Creates a session. It reads the store at once. It calls the backend only if a request needs a new token, or if only the backend
 * knows whether the user is signed in, because the refresh token is in a cookie.
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

/** The public object of a session. Frozen, so that no framework wraps it in a proxy. */
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
  // Tokens can be reached through these. They are not enumerable, so that a logged session shows no tokens.
  const hidden = Object.defineProperties(session, {
    [CORE]: { value: core },
    details: { get: () => state.credentials?.details ?? null },
    endsAt: { get: () => state.credentials?.tokens.endsAt },
  });
  return Object.freeze(hidden) as Session<C>;
}

/** Calls `changed` after each event, and when it turns out that nobody is signed in, for which there is no event. */
export function subscribeView(session: Session, changed: () => void): () => void {
  const source = (session as { [CORE]?: SessionCore })[CORE]?.state ?? session;
  return source.subscribe(() => changed(), changed);
}

/** @throws {TypeError} if `session` was not created by `createSession` of this copy of the package. */
export function coreOf(session: Session): SessionCore {
  const core = (session as { [CORE]?: SessionCore } | undefined)?.[CORE];
  if (!core)
    throw new TypeError(
      `"session" must be what createSession() returned, got ${session}: look for an import circle, or a second copy of this package`,
    );
  return core;
}
