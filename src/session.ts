import { signedOut } from './errors.js';
import type { SessionListener } from './events.js';
import { readOptions, type SessionOptions, type Settings } from './options.js';
import { Refresher } from './refresh/refresher.js';
import { SessionState } from './state.js';
import { bounded } from './wait.js';

/** The one object that an application holds: who is signed in, and the tokens to prove it. */
export interface Session {
  /**
   * `restoring`: not known yet. An asynchronous store has not been read, or a backend that knows by its cookie could not be
   * asked: the next request, or `refresh`, asks it again.
   */
  readonly status: 'restoring' | 'signed-in' | 'signed-out';
  /** The claims of the access token, `null` if it is opaque or nobody is signed in. For display, never for trust. */
  readonly claims: Readonly<Record<string, unknown>> | null;
  /** The store has been read and, where the backend knows by its cookie, the backend asked. Never rejects. */
  readonly ready: Promise<void>;
  /**
   * Begins a session, with a `TokenSet` or the login answer as the backend sent it. Resolves when it is stored.
   * @throws {SessionError} `invalid_token_response`, e.g. for the answer to a wrong password; a session under way goes on.
   */
  signIn(answer: unknown): Promise<void>;
  /**
   * Ends the session at once, here and in every tab, and empties the store; requests that wait are rejected with `signed_out`.
   * Then the server is told, if the backend has a `signOut`. Resolves when that is done or has failed, which takes `refreshTimeout`
   * at most; a failure is the event `revoke-failed`.
   */
  signOut(): Promise<void>;
  /**
   * An access token that is still good, refreshed first if need be: for WebSocket, EventSource, downloads.
   * @throws {SessionError} `signed_out`, or how the refresh ended. `no_access_token` if it is in an HttpOnly cookie.
   * @throws the signal's reason on abort.
   */
  getAccessToken(options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * Refreshes now, or joins the refresh under way.
   * @throws {SessionError} how the refresh ended.
   */
  refresh(): Promise<void>;
  /** Calls `listener` on every event. Returns what ends it. */
  subscribe(listener: SessionListener): () => void;
  /** Removes all timers and listeners and rejects pending requests. Stored tokens are kept. */
  dispose(): void;
}

/** What the clients of this package see of a session. */
export interface SessionCore {
  readonly state: SessionState;
  readonly refresher: Refresher;
  readonly backend: Settings['backend'];
  /** Aborts when the session is disposed. */
  readonly disposal: AbortSignal;
}

const CORE = Symbol('unexpired');

/**
 * Makes a session. Reads the store at once; asks the backend for nothing until a request needs it.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function createSession(options: SessionOptions): Session {
  const settings = readOptions(options);
  const { store, backend } = settings;
  const state = new SessionState(settings, {
    membership: () => membership,
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
  const session: Session = {
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
    signOut: () => (server ?? state).signOut(),
    async getAccessToken({ signal } = {}) {
      signal?.throwIfAborted();
      const held = refresher.peek() ?? (await bounded(refresher.acquire(), signal));
      if (!held) throw signedOut();
      return backend.giveAccessToken?.(held.tokens) ?? held.tokens.accessToken;
    },
    async refresh() {
      await state.ready;
      await refresher.refresh();
    },
    subscribe: (listener) => state.subscribe(listener),
    dispose() {
      disposal.abort();
      unsubscribe?.();
      membership?.dispose();
      state.dispose();
    },
  };
  const core: SessionCore = { state, refresher, backend: settings.backend, disposal: disposal.signal };
  // Not enumerable, as it leads to tokens: a session that is logged shows none. Frozen, so that no framework wraps it.
  return Object.freeze(Object.defineProperty(session, CORE, { value: core }));
}

/** @throws {TypeError} if `session` was not made by `createSession` of this copy of the package. */
export function coreOf(session: Session): SessionCore {
  const core = (session as { [CORE]?: SessionCore } | undefined)?.[CORE];
  if (!core)
    throw new TypeError('"session" must be what createSession() returned; is `unexpired` installed twice?');
  return core;
}
