import { SessionError, wordsOf } from '../errors.js';
import type { TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import { SignOutNote } from './note.js';
import type { ServerSession, SigningOut, SignOut } from './sign-out.js';

/** Ends the session at the server. `tokens.accessToken` is `''` if the page does not know who is signed in. */
export type Revoke = (tokens: TokenSet, context: { signal: AbortSignal }) => Promise<unknown>;

/**
 * Tells the server of a sign-out by a function of your own, for a backend of your own: `signOut: signOutBy(revoke)`. `revoke` is
 * called when the user is signed out here already. Have it send its request with `keepalive`, so that it survives the end of the
 * page, and throw if the server did not do it: then a `revoke-failed` event follows. If it throws a `SessionError` with
 * `retryAfter`, it is called once more after that time.
 */
export function signOutBy(revoke: Revoke): SignOut {
  return { join: (session) => new Revocation(session, revoke) };
}

/** ms within which all tabs hear of a refresh. */
const NEWS_TIME = 5_000;

/** The events after which what the last refresh answers is not what ends the session. */
const ENDS_OF_REFRESH = ['signed-in', 'adopted', 'refreshed'];

/** What the server may know of somebody who has a cookie. */
const NO_TOKENS: TokenSet = { accessToken: '' };

class Revocation implements ServerSession {
  readonly #session: SigningOut;
  readonly #revoke: Revoke;
  /** A cookie may be left behind, so the next page has to know. */
  readonly #note: SignOutNote | undefined;
  /** The answer of a refresh, until every tab has heard of its tokens. Never rejects. */
  #latest: Promise<TokenSet | undefined> | undefined;
  /** When every tab has. */
  #knownAt = Number.POSITIVE_INFINITY;
  #stopRefresh: (() => void) | undefined;
  #call: AbortController | undefined;

  constructor(session: SigningOut, revoke: Revoke) {
    this.#session = session;
    this.#revoke = revoke;
    const { coordination } = session.settings.backend;
    if (coordination) this.#note = new SignOutNote(coordination.name);
    session.state.subscribe(({ type, reason }) => this.#onEvent(type, reason));
    session.disposal.addEventListener('abort', () => {
      if (!session.state.credentials) this.#stopRefresh?.();
    });
  }

  begin(): void {
    const left = this.#note?.read();
    if (!left) return;
    this.#session.state.adopt(null);
    if (left === 'told') return;
    this.#note!.write('told');
    void this.#tell(NO_TOKENS);
  }

  /** A sign-out does not stop it, because its tokens have to be revoked. */
  refresh(tokens: TokenSet, { signal }: { signal: AbortSignal }): Promise<TokenSet> {
    const { state, settings } = this.#session;
    const call = new AbortController();
    signal.addEventListener('abort', () => {
      if (state.credentials !== null || state.disposed) call.abort(signal.reason);
    });
    this.#stopRefresh = () => call.abort(signal.reason);
    const answer = settings.backend.refresh(tokens, { signal: call.signal });
    // If it fails or is given up, what came just before is still the latest.
    const before = this.#news;
    this.#latest = bounded(Promise.resolve(answer), call.signal).catch(() => before);
    this.#knownAt = Number.POSITIVE_INFINITY;
    return answer;
  }

  async signOut(): Promise<void> {
    const { state } = this.#session;
    const { credentials } = state;
    const ended = state.signOut();
    const held = credentials === undefined ? this.#note && NO_TOKENS : credentials?.tokens;
    if (held) this.#note?.write('pending');
    const isTold = (await this.#tell(held)) && held;
    if (isTold && this.#note?.read() === 'pending') this.#note.write('told');
    await ended;
  }

  /** What the tab that signs out may know nothing of: tokens that this tab is just getting, or has just got. */
  get #news(): Promise<TokenSet | undefined> | undefined {
    return Date.now() < this.#knownAt ? this.#latest : undefined;
  }

  #onEvent(type: string, reason: string | undefined): void {
    if (reason === 'signed_out_elsewhere') void this.#tell();
    else if (type === 'refreshed' && !this.#note) this.#knownAt = Date.now() + NEWS_TIME;
    else if (type === 'refresh-failed') this.#knownAt = Math.min(this.#knownAt, Date.now() + NEWS_TIME);
    else if (ENDS_OF_REFRESH.includes(type)) this.#latest = undefined;
    if (type !== 'signed-in' || !this.#note) return;
    this.#note.clear();
    // It would take back the cookie of whoever has just signed in.
    this.#call?.abort();
  }

  /** Whether the server was told. Nothing is told if there are neither tokens nor a refresh under way. */
  async #tell(held?: TokenSet): Promise<boolean> {
    const { state, settings, disposal } = this.#session;
    const call = new AbortController();
    this.#call = call;
    // By the time that it is given up, another refresh may be under way: of whoever has signed in since.
    const stopRefresh = this.#stopRefresh;
    try {
      await bounded(this.#revokeNewest(held, call.signal), disposal, settings.refreshTimeout);
      return true;
    } catch (reason) {
      if (disposal.aborted || call.signal.aborted) return false;
      call.abort();
      stopRefresh?.();
      state.emit({ type: 'revoke-failed', error: failure(reason) });
      return false;
    }
  }

  async #revokeNewest(held: TokenSet | undefined, signal: AbortSignal): Promise<void> {
    const latest = this.#news;
    this.#latest = undefined;
    // Without a refresh nothing is awaited: the page may be left at once.
    const fresh = latest && (await this.#resultOf(latest));
    // If the sign-out was given up meanwhile, nobody waits for this call, and nothing ends it.
    if (signal.aborted || (!held && !fresh)) return;
    // With a cookie, the newest session at the server would end: it is somebody else's by now.
    if (this.#note && this.#session.state.credentials) return;
    const tokens = { ...NO_TOKENS, ...held, ...fresh };
    const revoke = async () => this.#revoke(tokens, { signal });
    await revoke().catch(async (error) => {
      const { retryAfter } = error as Partial<SessionError>;
      if (retryAfter === undefined || retryAfter >= this.#session.settings.refreshTimeout) throw error;
      await pause(retryAfter, [signal, this.#session.disposal]);
      await revoke();
    });
  }

  /** Its tokens, unless it fails, or the page is left before. */
  async #resultOf(refresh: Promise<TokenSet | undefined>): Promise<TokenSet | undefined> {
    const waiting = new AbortController();
    const left = new Promise<undefined>((resolve) => {
      const onLeft = () => resolve(undefined);
      globalThis.addEventListener?.('pagehide', onLeft, { signal: waiting.signal });
    });
    const result = await Promise.race([refresh, left]);
    waiting.abort();
    return result;
  }
}

/** ms; never ends once a signal aborts. */
function pause(ms: number, signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    for (const signal of signals) signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

function failure(reason: unknown): SessionError {
  const cause = wordsOf(reason);
  const message = `The server could not be told of the sign-out: ${cause.message}`;
  return new SessionError('revoke_failed', message, { cause });
}
