import { isSessionError, SessionError, sessionChanged, signedOut } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { LedgerEntry, Pause } from '../tabs/ledger.js';
import type { Credentials } from '../tokens/credentials.js';
import { noteReceipt } from '../tokens/receipt.js';
import { assertTokenSet, isSameTokenSet, type TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import type { Breaker } from './breaker.js';
import { reauthenticate } from './reauthenticate.js';

/** `undefined`: whether somebody is signed in is what the backend is asked for. */
export type Held = Credentials | undefined;

/** What is left to do when a turn is over: it calls the application, which no other tab shall wait for (law 7). */
type End = () => unknown;

/** This tab's turns at refreshing, among the other tabs'. */
export class Turns {
  /** The tokens that the backend is being asked with at this moment. */
  asking: TokenSet | undefined;
  readonly #state: SessionState;
  readonly #settings: Settings;
  readonly #breaker: Breaker;

  constructor(state: SessionState, settings: Settings, breaker: Breaker) {
    this.#state = state;
    this.#settings = settings;
    this.#breaker = breaker;
  }

  /**
   * What the session goes on with. `undefined`: another tab has begun a pause, which is to be waited for without holding up
   * anybody.
   * @throws {SessionError} if there is nothing to go on with (law 5).
   */
  async take(spent: Held, signal: AbortSignal): Promise<Credentials | undefined> {
    const handed = this.#state.sharing?.succeed(spent?.tokens, signal);
    const end = await (handed ? this.#adopt(handed, spent, signal) : this.#inTurn(spent, signal));
    return end && this.#finish(end, spent);
  }

  async #finish(end: End, spent: Held): Promise<Credentials> {
    assertHeld(this.#state, spent);
    await end();
    const { credentials } = this.#state;
    if (!credentials) throw signedOut();
    return credentials;
  }

  /** Another tab has the refresh token, and refreshes for this one. */
  #adopt(handed: Promise<TokenSet | null>, spent: Held, signal: AbortSignal): Promise<End> {
    return handed.then(
      (tokens) => () => this.#state.adopt(tokens),
      (error) =>
        this.#refused(spent, signal, async () => this.#failed(error, () => this.#state.reject(error, 0))),
    );
  }

  /** Check, take the lock, check again: the holder's own credentials may be behind those in the ledger. */
  #inTurn(spent: Held, signal: AbortSignal): Promise<End | undefined> {
    const { tabs } = this.#state;
    const started = Date.now();
    const work = async () => {
      if (signal.aborted) throw signal.reason;
      await this.#state.published;
      try {
        return await this.#readAndAsk(spent, started, signal);
      } finally {
        // Who signed in or out meanwhile must have told the ledger before another tab reads it.
        await this.#state.published;
      }
    };
    return tabs ? tabs.inTurn(signal, work) : work();
  }

  async #readAndAsk(spent: Held, started: number, signal: AbortSignal): Promise<End | undefined> {
    const state = this.#state;
    const entry = await state.read();
    assertHeld(state, spent);
    if (entry && entry.generation > generationOf(spent)) {
      if (entry.tokens !== undefined) return () => state.follow(entry);
      const tokens = await state.sharing?.later(spent?.tokens, signal);
      if (tokens) return () => state.adopt(tokens);
    }
    if (this.#breaker.keepTo(entry?.pause)) {
      return entry?.pause && this.#failedTogether(entry.pause, started, spent);
    }
    return this.#ask(spent, entry, signal);
  }

  async #ask(spent: Held, seen: LedgerEntry | undefined, signal: AbortSignal): Promise<End> {
    this.#state.emit({ type: 'refreshing' });
    const tokens = spent?.tokens ?? NOTHING;
    this.asking = tokens;
    const asked = this.#refreshAndCommit(spent, seen, signal);
    try {
      return await bounded(asked, signal, this.#settings.refreshTimeout);
    } catch (reason) {
      // A late answer is good for as long as nobody signed in or out (law 6).
      void asked.then((end) => this.#finish(end, spent)).catch(() => {});
      return this.#fail(reason, spent, seen, signal);
    } finally {
      if (this.asking === tokens) this.asking = undefined;
    }
  }

  /** To the ledger first: there it is decided whether somebody signed in or out meanwhile, in whatever tab. */
  async #refreshAndCommit(spent: Held, seen: LedgerEntry | undefined, signal: AbortSignal): Promise<End> {
    const tokens = await this.#settings.backend.refresh(spent?.tokens ?? NOTHING, { signal });
    assertHeld(this.#state, spent);
    assertTokenSet(tokens);
    const minted = noteReceipt(succeed(spent?.tokens, tokens, seen?.sessionId), true);
    this.#breaker.reset();
    return this.#commit(
      spent,
      seen,
      minted,
      (generation) => () => this.#state.renew({ ...minted, generation }),
    );
  }

  /** Law 5: only the backend's refusal ends a session, and only if there is nothing newer to go on with. */
  async #fail(
    reason: unknown,
    spent: Held,
    seen: LedgerEntry | undefined,
    signal: AbortSignal,
  ): Promise<End> {
    // Somebody signed in or out, or the page was left: nobody waits for this any more.
    if (signal.aborted) throw reason;
    const error = isSessionError(reason) ? reason : unavailable(reason);
    // Where there was no refresh token to refuse, the access token still serves to its end.
    const servesOn = spent?.usable && !spent.tokens.refreshToken;
    if (error.code === 'refresh_rejected' && !servesOn) {
      const stored = await this.#state.persistence.read();
      if (stored && isNewer(stored, spent?.tokens ?? NOTHING)) return () => this.#state.adopt(stored);
      return this.#refused(spent, signal, () =>
        this.#commit(spent, seen, null, (generation) =>
          this.#failed(error, () => this.#state.reject(error, generation)),
        ),
      );
    }
    const pause = this.#breaker.fail(error.retryAfter);
    await this.#state.tabs?.ledger.update((entry) => ({ generation: 0, ...entry, pause }));
    return this.#goOn(error, spent);
  }

  /** The session ends, unless the user signs in again in place: until then no other tab hears of it. */
  async #refused(spent: Held, signal: AbortSignal, end: () => Promise<End>): Promise<End> {
    if (!spent || !this.#settings.reauthenticate) return end();
    return async () => {
      await reauthenticate(this.#state, this.#settings, spent.claims, signal);
      assertHeld(this.#state, spent);
      return this.#finish(await end(), spent);
    };
  }

  /** The refresh token may have been rotated all the same (FACTS 12): it is tried again when it must be. */
  #goOn(error: SessionError, spent: Held): End {
    return this.#failed(error, () => spent?.useUp());
  }

  #failed(error: SessionError, then: () => void): End {
    return () => {
      this.#state.emit({ type: 'refresh-failed', error });
      then();
      throw error;
    };
  }

  /** Who waited for the turn while another tab failed has failed with it; who comes later waits for the pause to end. */
  #failedTogether({ since, until }: Pause, started: number, spent: Held): End | undefined {
    if (since < started) return undefined;
    const retryAfter = until - Date.now();
    const error = new SessionError('refresh_unavailable', 'The refresh of another tab failed', {
      retryAfter,
    });
    return this.#goOn(error, spent);
  }

  /** Writes to the ledger, unless it has gone on since it was seen; that it is told what was spent is no such thing. */
  async #commit(
    spent: Held,
    seen: LedgerEntry | undefined,
    tokens: TokenSet | null,
    done: (generation: number) => End,
  ): Promise<End> {
    const state = this.#state;
    const expected = [seen?.generation ?? 0, generationOf(spent)];
    const generation = state.nextGeneration(Math.max(...expected));
    const other = await state.commit(tokens, generation, (old) => !expected.includes(old.generation));
    return other ? () => state.follow(other) : done(generation);
  }
}

/** @throws {SessionError} if somebody signed in or out meanwhile: then whatever was under way has lost (law 6). */
export function assertHeld(state: SessionState, spent: Held): void {
  if (state.credentials !== spent) throw sessionChanged();
}

/** What a backend is given that finds the refresh token in a cookie. */
const NOTHING: TokenSet = { accessToken: '' };

function generationOf(held: Held): number {
  return held?.tokens.generation ?? 0;
}

/** What the backend does not answer anew goes on, the refresh token above all (RFC 6749 §6), unless the user is another. */
function succeed(spent: TokenSet | undefined, tokens: TokenSet, sessionId: string | undefined): TokenSet {
  const { expiresAt, receivedAt, ...kept }: Partial<TokenSet> = spent ?? {};
  const { receivedAt: _, ...fresh } = tokens;
  if (sessionId !== undefined && sessionId !== kept.sessionId) return { ...fresh, sessionId };
  const refreshToken = tokens.refreshToken ?? kept.refreshToken;
  return { ...kept, ...fresh, ...(refreshToken && { refreshToken }) };
}

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
