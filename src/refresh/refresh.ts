import { isSessionError, SessionError, sessionChanged, signedOut } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { LedgerEntry, Pause } from '../tabs/ledger.js';
import type { Credentials } from '../tokens/credentials.js';
import { noteReceipt } from '../tokens/receipt.js';
import { assertTokenSet, isSameTokenSet, type TokenSet } from '../tokens/token-set.js';
import { abortable } from '../wait.js';
import { Breaker } from './breaker.js';
import { singleFlight } from './single-flight.js';

/** ms for which refusals are passed on at the most. */
const LONGEST_FUTILE = 10_000;

/** The way from credentials that are about to expire, or were refused, to ones that are good. */
export class Refresher {
  readonly #state: SessionState;
  readonly #settings: Settings;
  readonly #flight = singleFlight<Credentials>();
  readonly #breaker = new Breaker();
  /** Refusals that new tokens did not cure: an endpoint that says 401 to everybody must not cause a storm. */
  readonly #futile = new Breaker(LONGEST_FUTILE);
  /** The tokens that the backend is being asked with at this moment. */
  asking: TokenSet | undefined;

  constructor(state: SessionState, settings: Settings) {
    this.#state = state;
    this.#settings = settings;
    state.replaced = (next, previous, error) => {
      if (!next) this.#breaker.reset();
      const goesOn = next && (!previous || next.owner === previous.owner);
      this.#flight.land(() => (goesOn ? next : Promise.reject(error ?? sessionChanged())));
    };
  }

  /**
   * What a request may carry now, with no promise between; `null`: nobody is signed in; `undefined`: see `acquire`.
   * Starts the refresh that nobody waits for.
   */
  peek(): Credentials | null | undefined {
    const held = this.#state.credentials;
    const freshness = held?.freshness ?? 'fresh';
    if (freshness === 'fresh') return held;
    if (this.#breaker.wait && held?.usable) return held;
    if (freshness === 'stale') return undefined;
    void this.refresh();
    return held;
  }

  /**
   * Waits for what a request may carry.
   * @throws {SessionError} how the refresh ended, where the access token is no use any more.
   */
  async acquire(): Promise<Credentials | null> {
    if (this.#state.credentials === undefined) await this.#state.ready;
    const held = this.peek();
    if (held !== undefined) return held;
    const stale = this.#state.credentials;
    try {
      return await this.refresh();
    } catch (error) {
      const { credentials } = this.#state;
      if (stale && stale === credentials && stale.usable) return stale;
      // Whether somebody was signed in had to be asked for: nobody was.
      if (stale === undefined && credentials === null) return null;
      throw error;
    }
  }

  /** Finds out who is signed in, from other tabs or by the backend's cookie. Never rejects. */
  async restore(): Promise<void> {
    await this.refresh().catch(() => {});
  }

  /** The access token for another tab, refreshed first if this tab alone can do that. */
  offer(than: number): Promise<TokenSet> | undefined {
    const held = this.#state.credentials;
    if (!held) return undefined;
    const isLater = (held.tokens.generation ?? 0) > than && held.usable;
    if (isLater) return Promise.resolve(withoutRefreshToken(held.tokens));
    // With a cookie the tab that asks can do that itself, and has the turn.
    if (this.#settings.backend.lockName || !held.tokens.refreshToken) return undefined;
    return this.refresh().then(({ tokens }) => withoutRefreshToken(tokens));
  }

  /**
   * Waits for what a request may carry that was refused with `refused`: a successor, of the same user. `undefined` where
   * new tokens did not help last time: then the refusal has nothing to do with the token's age.
   */
  replace(refused: Credentials): Promise<Credentials> | undefined {
    const held = this.#state.credentials;
    if (!held) return Promise.reject(signedOut());
    if (held.owner !== refused.owner) return Promise.reject(sessionChanged());
    if (held !== refused) return held.usable ? Promise.resolve(held) : this.refresh();
    if (this.#futile.wait) return undefined;
    held.distrust();
    return this.refresh();
  }

  /** Whether the request that was sent again was accepted. */
  replayed(accepted: boolean): void {
    if (accepted) this.#futile.reset();
    else if (!this.#futile.wait) this.#futile.fail();
  }

  /** ms until the backend may be asked again. */
  get pause(): number {
    return this.#breaker.wait;
  }

  /** The page is put away with all its scripts: it must not sit on the turn meanwhile. */
  leave(): void {
    const error = new SessionError('refresh_unavailable', 'The page was left while it was refreshing');
    this.#flight.land(() => Promise.reject(error));
  }

  /** THE refresh: one at a time, whoever asks. */
  refresh(): Promise<Credentials> {
    return this.#flight.join((signal) => this.#run(signal));
  }

  async #run(signal: AbortSignal): Promise<Credentials> {
    const spent = this.#state.credentials;
    if (spent === null) throw signedOut();
    for (;;) {
      await this.#breaker.pass(this.#settings.refreshTimeout, signal);
      this.#assertHeld(spent);
      const end = await (this.#depends(spent) ? this.#askTabs(spent) : this.#inTurn(spent, signal));
      if (end) return this.#settle(end, spent);
    }
  }

  /** Whether the refresh token is with another tab, which alone can refresh. */
  #depends(spent: Held): boolean | undefined {
    return this.#state.tabs?.share && !this.#settings.backend.lockName && !spent?.tokens.refreshToken;
  }

  async #askTabs(spent: Held): Promise<End> {
    const tokens = await this.#state.tabs?.ask(generationOf(spent));
    if (tokens) return { stored: tokens };
    if (!spent) return { nobody: true };
    const error = new SessionError('refresh_rejected', 'No tab that is open holds the refresh token');
    return { rejected: error, generation: 0 };
  }

  /** Check, take the lock, check again: the holder's own credentials may be behind those in the ledger. */
  #inTurn(spent: Held, signal: AbortSignal): Promise<End | undefined> {
    const { tabs } = this.#state;
    if (!tabs) return this.#ask(spent, undefined, signal);
    const started = Date.now();
    return tabs.inTurn(signal, async () => {
      await this.#state.published;
      const entry = await tabs.read();
      this.#assertHeld(spent);
      if (entry && entry.generation > generationOf(spent)) {
        if (entry.tokens !== undefined) return { superseded: entry };
        const tokens = await tabs.ask(generationOf(spent));
        if (tokens) return { stored: tokens };
      }
      if (this.#breaker.keepTo(entry?.pause)) return entry?.pause && failedTogether(entry.pause, started);
      return this.#ask(spent, entry, signal);
    });
  }

  async #ask(spent: Held, seen: LedgerEntry | undefined, signal: AbortSignal): Promise<End> {
    this.#state.emit({ type: 'refreshing' });
    const tokens = spent?.tokens ?? NOTHING;
    this.asking = tokens;
    const asked = this.#refreshAndCommit(spent, seen, signal);
    try {
      return await within(this.#settings.refreshTimeout, asked, signal);
    } catch (reason) {
      // A late answer is good for as long as nobody signed in or out (law 6).
      void asked.then((end) => this.#settle(end, spent)).catch(() => {});
      return this.#fail(reason, spent, seen);
    } finally {
      if (this.asking === tokens) this.asking = undefined;
    }
  }

  /** To the ledger first: there it is decided whether somebody signed in or out meanwhile, in whatever tab. */
  async #refreshAndCommit(spent: Held, seen: LedgerEntry | undefined, signal: AbortSignal): Promise<End> {
    const tokens = await this.#settings.backend.refresh(spent?.tokens ?? NOTHING, { signal });
    this.#assertHeld(spent);
    assertTokenSet(tokens);
    const minted = noteReceipt(succeed(spent?.tokens, tokens, seen?.sessionId), true);
    this.#breaker.reset();
    return this.#write(seen, minted, (generation) => ({ minted: { ...minted, generation } }));
  }

  /** Law 5: only the backend's refusal ends a session, and only if there is nothing newer to go on with. */
  async #fail(reason: unknown, spent: Held, seen: LedgerEntry | undefined): Promise<End> {
    this.#assertHeld(spent);
    const error = isSessionError(reason) ? reason : unavailable(reason);
    // Where there was no refresh token to refuse, the access token still serves to its end.
    const servesOn = spent?.usable && !spent.tokens.refreshToken;
    if (error.code === 'refresh_rejected' && !servesOn) {
      const stored = await this.#state.reread();
      if (stored && isNewer(stored, spent?.tokens ?? NOTHING)) return { stored };
      return this.#write(seen, null, (generation) => ({ rejected: error, generation }));
    }
    this.#breaker.fail(error.retryAfter);
    const { pause } = this.#breaker;
    await this.#state.tabs?.update((entry) => ({ generation: 0, ...entry, pause }));
    return { unavailable: error };
  }

  /** Writes to the ledger, unless it has gone on since it was seen. */
  async #write(
    seen: LedgerEntry | undefined,
    tokens: TokenSet | null,
    done: (generation: number) => End,
  ): Promise<End> {
    const expected = seen?.generation ?? 0;
    const generation = this.#state.nextGeneration(expected);
    const sessionId = tokens?.sessionId;
    const entry = await this.#state.tabs?.update((old) => {
      const lease = old?.lease && { lease: old.lease };
      return (old?.generation ?? 0) === expected ? { ...lease, generation, sessionId, tokens } : undefined;
    });
    return entry && entry.generation !== generation ? { superseded: entry } : done(generation);
  }

  /** What the turn came to, told to the application now that no other tab waits for it. */
  #settle(end: End, spent: Held): Credentials {
    this.#assertHeld(spent);
    if ('minted' in end) return this.#state.renew(end.minted);
    if ('superseded' in end) this.#state.follow(end.superseded);
    if ('stored' in end) this.#state.adopt(end.stored);
    if ('nobody' in end) this.#state.vacate();
    if ('rejected' in end) {
      this.#state.emit({ type: 'refresh-failed', error: end.rejected });
      this.#state.reject(end.rejected, end.generation);
      throw end.rejected;
    }
    if ('unavailable' in end) {
      this.#state.emit({ type: 'refresh-failed', error: end.unavailable });
      // The refresh token may have been rotated all the same (FACTS 12): it is tried again when it must be.
      spent?.useUp();
      throw end.unavailable;
    }
    const { credentials } = this.#state;
    if (!credentials) throw signedOut();
    return credentials;
  }

  #assertHeld(spent: Held): void {
    if (this.#state.credentials !== spent) throw sessionChanged();
  }
}

/** `undefined`: whether somebody is signed in is what the backend is asked for. */
type Held = Credentials | undefined;

/** What a backend is given that finds the refresh token in a cookie. */
const NOTHING: TokenSet = { accessToken: '' };

function generationOf(held: Held): number {
  return held?.tokens.generation ?? 0;
}

function withoutRefreshToken({ refreshToken, ...tokens }: TokenSet): TokenSet {
  return tokens;
}

/** What the backend does not answer anew goes on, the refresh token above all (RFC 6749 §6), unless the user is another. */
function succeed(spent: TokenSet | undefined, tokens: TokenSet, sessionId: string | undefined): TokenSet {
  const { expiresAt, receivedAt, ...kept }: Partial<TokenSet> = spent ?? {};
  const { receivedAt: _, ...fresh } = tokens;
  if (sessionId !== undefined && sessionId !== kept.sessionId) return { ...fresh, sessionId };
  const refreshToken = tokens.refreshToken ?? kept.refreshToken;
  return { ...kept, ...fresh, ...(refreshToken && { refreshToken }) };
}

/** Who waited for the turn while another tab failed has failed with it; who comes later waits for the pause to end. */
function failedTogether({ since, until }: Pause, started: number): End | undefined {
  if (since < started) return undefined;
  const retryAfter = until - Date.now();
  return {
    unavailable: new SessionError('refresh_unavailable', 'The refresh of another tab failed', { retryAfter }),
  };
}

/** How a turn can end (law 5). */
type End =
  | { minted: TokenSet }
  | { superseded: LedgerEntry }
  | { stored: TokenSet }
  | { nobody: true }
  | { rejected: SessionError; generation: number }
  | { unavailable: SessionError };

/** By its generation, where it has one; else whatever differs. */
function isNewer(stored: TokenSet, spent: TokenSet): boolean {
  if (stored.generation !== undefined) return stored.generation > (spent.generation ?? 0);
  return !isSameTokenSet(stored, spent);
}

/** What a backend throws may lead to a token, as an `AxiosError` does by its config: only its words are kept. */
function unavailable(reason: unknown): SessionError {
  const { name, message = String(reason), stack } = (reason ?? {}) as Partial<Error>;
  const cause = Object.assign(new Error(message), { name: name ?? 'Error', stack });
  return new SessionError('refresh_unavailable', `The refresh failed: ${message}`, { cause });
}

/** Bounds the work; the timer does not outlive the flight. */
async function within<T>(ms: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new SessionError('refresh_timeout', `No new tokens within ${ms} ms`)),
    ms,
  );
  signal.addEventListener('abort', () => limit.abort(signedOut()));
  return abortable(work, limit.signal).finally(() => clearTimeout(timer));
}
