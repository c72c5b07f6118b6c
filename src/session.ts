import { signedOut } from './errors.js';
import type { SessionListener } from './events.js';
import { Follower } from './follower.js';
import { readOptions, type SessionOptions, type Settings } from './options.js';
import { keepAlive } from './refresh/keep-alive.js';
import { Refresher } from './refresh/refresh.js';
import { SessionState } from './state.js';
import { SHARED, type SharedStore } from './stores/memory.js';
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
  /** Ends the session and empties the store; requests that wait are rejected with `signed_out`. */
  signOut(): Promise<void>;
  /**
   * An access token that is still good, refreshed first if need be: for WebSocket, EventSource, downloads.
   * @throws {SessionError} `signed_out`, or how the refresh ended. @throws the signal's reason on abort.
   */
  getAccessToken(options?: { signal?: AbortSignal }): Promise<string>;
  /**
   * Refreshes now, or joins the refresh under way.
   * @throws {SessionError} how the refresh ended.
   */
  refresh(): Promise<void>;
  /** Calls `listener` on every event. Returns what ends it. */
  subscribe(listener: SessionListener): () => void;
  /** Lets go of every timer and listener; what waits is rejected. The store keeps the tokens. */
  dispose(): void;
}

/** What the clients of this package see of a session. */
export interface SessionCore {
  readonly state: SessionState;
  readonly refresher: Refresher;
  readonly backend: Settings['backend'];
}

/** One for both module formats, but not for other versions of the package, whose sessions are made differently. */
const CORE: unique symbol = Symbol.for('unexpired@__VERSION__');

/**
 * Makes a session. Reads the store at once; asks the backend for nothing until a request needs it.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function createSession(options: SessionOptions): Session {
  const settings = readOptions(options);
  const state = new SessionState(settings);
  const refresher = new Refresher(state, settings);
  const follower = new Follower(state, refresher);
  state.sharing = (settings.store as SharedStore)[SHARED]?.(state, refresher, settings);
  follower.start();
  const letDie = settings.keepAlive ? keepAlive(state, refresher) : undefined;
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
    signOut: () => state.signOut(),
    async getAccessToken({ signal } = {}) {
      signal?.throwIfAborted();
      const held = refresher.peek() ?? (await bounded(refresher.acquire(), signal));
      if (!held) throw signedOut();
      return held.tokens.accessToken;
    },
    async refresh() {
      await state.ready;
      await refresher.refresh();
    },
    subscribe: (listener) => state.subscribe(listener),
    dispose() {
      letDie?.();
      follower.dispose();
      state.dispose();
    },
  };
  const core: SessionCore = { state, refresher, backend: settings.backend };
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
