import type { SignOutOption } from '../backends/http.js';
import { SessionError, wordsOf } from '../errors.js';
import type { TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import { SignOutNote } from './note.js';
import type { ServerSession, SigningOut, SignOut } from './sign-out.js';

/** Ends the session at the server. `tokens.accessToken` is `''` if the page does not know who is signed in. */
export type Revoke = (tokens: TokenSet, context: { signal: AbortSignal }) => Promise<unknown>;

/**
 * Tells the server about a sign-out with your own function: `signOut: signOutBy(revoke)`, in a backend of your own, or as the
 * option of a backend of this package. `revoke` is
 * called after the user is signed out on this page. Send its request with `keepalive`, so that the request continues if the page
 * is closed. Throw if the server did not end the session: then a `revoke-failed` event follows. If you throw a `SessionError`
 * with a `retryAfter` below `refreshTimeout`, `revoke` is called once more after that time.
 */
export function signOutBy(revoke: Revoke): SignOut & SignOutOption {
  const signOut: SignOut = { join: (session) => new Revocation(session, revoke) };
  return Object.assign(() => signOut, signOut);
}

/** ms after which all tabs know the tokens of a refresh. */
const NEWS_TIME = 5_000;

/** After these events, the response to the last refresh is no longer needed for a sign-out. */
const ENDS_OF_REFRESH = ['signed-in', 'adopted', 'refreshed'];

/** Passed to `revoke` if the page has no tokens: the server may find the session by a cookie. */
const NO_TOKENS: TokenSet = { accessToken: '' };

class Revocation implements ServerSession {
  readonly #session: SigningOut;
  readonly #revoke: Revoke;
  /** Only with a cookie: the cookie may outlive the sign-out, so the next page must know about it. */
  readonly #note: SignOutNote | undefined;
  /** The response to the last refresh, until every tab knows its tokens. Never rejects. */
  #latest: Promise<TokenSet | undefined> | undefined;
  /** When every tab knows them, in ms since the epoch. */
  #knownAt = Number.POSITIVE_INFINITY;
  /** The tokens with a refresh token that no other tab has: this tab also revokes it if another tab signs out. */
  #ownTokens: TokenSet | undefined;
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
    const noted = this.#note?.read();
    if (!noted) return;
    this.#session.state.adopt(null);
    if (noted === 'told') return;
    this.#note!.write('told');
    void this.#tell(NO_TOKENS);
  }

  /** Refreshes. A sign-out does not abort the request, because the new tokens have to be revoked. */
  refresh(tokens: TokenSet, { signal }: { signal: AbortSignal }): Promise<TokenSet> {
    const { state, settings } = this.#session;
    const call = new AbortController();
    signal.addEventListener('abort', () => {
      if (state.credentials !== null || state.disposed) call.abort(signal.reason);
    });
    this.#stopRefresh = () => call.abort(signal.reason);
    const answer = settings.backend.refresh(tokens, { signal: call.signal });
    // If this refresh fails or is aborted, the previous response is still the latest.
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

  /** Tokens that this tab is receiving, or has just received. The tab that signs out may not know them. */
  get #news(): Promise<TokenSet | undefined> | undefined {
    return Date.now() < this.#knownAt ? this.#latest : undefined;
  }

  #onEvent(type: string, reason: string | undefined): void {
    if (reason === 'signed_out_elsewhere') void this.#tell(this.#ownTokens);
    else if (type === 'refreshed' && !this.#note) this.#knownAt = Date.now() + NEWS_TIME;
    else if (type === 'refresh-failed') this.#knownAt = Math.min(this.#knownAt, Date.now() + NEWS_TIME);
    else if (ENDS_OF_REFRESH.includes(type)) this.#latest = undefined;
    this.#noteOwnTokens();
    if (type !== 'signed-in' || !this.#note) return;
    this.#note.clear();
    // The request under way would remove the cookie of the user who has just signed in.
    this.#call?.abort();
  }

  #noteOwnTokens(): void {
    const { state, settings } = this.#session;
    const tokens = state.credentials?.tokens;
    const isOwn = settings.store.coordination?.keepsRefreshToken && tokens?.refreshToken;
    this.#ownTokens = isOwn ? tokens : undefined;
  }

  /** Tells the server, if there are tokens or a refresh under way. Resolves with `false` if that failed. */
  async #tell(held?: TokenSet): Promise<boolean> {
    const { state, settings, disposal } = this.#session;
    const call = new AbortController();
    this.#call = call;
    // Read now: when the sign-out times out, the refresh under way may be that of a user who has signed in since.
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
    // Without a refresh, nothing is awaited, because the page may be closed at once.
    const fresh = latest && (await this.#resultOf(latest));
    // If the sign-out has been given up meanwhile, nothing would end this request.
    if (signal.aborted || (!held && !fresh)) return;
    // With a cookie, the server would end the session of the user who has signed in since.
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

  /** The tokens of a refresh; `undefined` if it fails, or if the page is closed before it ends. */
  async #resultOf(refresh: Promise<TokenSet | undefined>): Promise<TokenSet | undefined> {
    const waiting = new AbortController();
    const pageHidden = new Promise<undefined>((resolve) => {
      const onPageHide = () => resolve(undefined);
      globalThis.addEventListener?.('pagehide', onPageHide, { signal: waiting.signal });
    });
    const result = await Promise.race([refresh, pageHidden]);
    waiting.abort();
    return result;
  }
}

/** Waits `ms`. Does not resolve after a signal has aborted. */
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
