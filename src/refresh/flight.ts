import { isSessionError, SessionError, sessionChanged, signedOut, unavailable } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { LedgerEntry, Pause } from '../tabs/ledger.js';
import type { Credentials } from '../tokens/credentials.js';
import { noteReceipt } from '../tokens/receipt.js';
import { assertTokenSet, type TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import type { Breaker } from './breaker.js';
import { reauthenticate } from './reauthenticate.js';
import { isNewer, succeed } from './successor.js';

/** What is left to do when a turn is over: it calls the application, which no other tab shall wait for (law 7). */
type End = () => unknown;

/** What a refresh is made with. */
export interface Context {
  readonly state: SessionState;
  readonly settings: Settings;
  readonly breaker: Breaker;
}

/** One refresh, shared by all who wait for it: this tab takes its turn among the others, again after each pause. */
export class Flight {
  /** @throws {SessionError} if there is nothing to go on with (law 5). */
  readonly outcome: Promise<Credentials>;
  readonly #context: Context;
  /** What shall be refreshed. */
  readonly #spent: Credentials | null | undefined;
  /** Its signal aborts once the flight has landed, however it did. */
  readonly #controller: AbortController = new AbortController();
  readonly #signal: AbortSignal = this.#controller.signal;
  /** What stood in the ledger when the turn came. */
  #seen: LedgerEntry | undefined;

  constructor(context: Context) {
    this.#context = context;
    this.#spent = context.state.credentials;
    this.outcome = bounded(this.#run(), this.#signal).catch((error) => this.#orSuccessor(error));
  }

  /** Lands for all who wait, whatever its work comes to later. */
  land(error?: SessionError): void {
    this.#controller.abort(error);
  }

  /** Whoever waited goes on with what is there instead, if it is of the same user. */
  #orSuccessor(error: unknown): Credentials {
    const { credentials } = this.#context.state;
    const spent = this.#spent;
    if (!credentials || credentials === spent || (spent && spent.owner !== credentials.owner)) throw error;
    return credentials;
  }

  async #run(): Promise<Credentials> {
    const { breaker, settings } = this.#context;
    if (this.#spent === null) throw signedOut();
    for (;;) {
      await breaker.pass(settings.refreshTimeout, this.#signal);
      this.#assertHeld();
      const end = await this.#take();
      if (end) return this.#finish(end);
    }
  }

  /** @throws {SessionError} if somebody signed in or out meanwhile: then whatever was under way has lost (law 6). */
  #assertHeld(): void {
    if (this.#context.state.credentials !== this.#spent) throw sessionChanged();
  }

  /** `undefined`: another tab has begun a pause, which is to be waited for without holding up anybody. */
  #take(): Promise<End | undefined> {
    const handed = this.#context.state.sharing?.succeed(this.#spent?.tokens, this.#signal);
    return handed ? this.#adopt(handed) : this.#inTurn();
  }

  async #finish(end: End): Promise<Credentials> {
    const { state } = this.#context;
    this.#assertHeld();
    await end();
    if (!state.credentials) throw signedOut();
    return state.credentials;
  }

  /** Another tab has the refresh token, and refreshes for this one. */
  async #adopt(handed: Promise<TokenSet | null>): Promise<End> {
    const { state, breaker } = this.#context;
    try {
      const tokens = await handed;
      return () => state.adopt(tokens);
    } catch (reason) {
      if (this.#signal.aborted) throw reason;
      const error = reason as SessionError;
      if (this.#isFinal(error))
        return this.#refused(async () => this.#failed(error, () => state.reject(error, 0)));
      breaker.fail();
      return this.#goOn(error);
    }
  }

  /** Check, take the lock, check again: the holder's own credentials may be behind those in the ledger. */
  #inTurn(): Promise<End | undefined> {
    const { state } = this.#context;
    const signal = this.#signal;
    const started = Date.now();
    const work = async () => {
      if (signal.aborted) throw signal.reason;
      await state.published;
      try {
        return await this.#readAndAsk(started);
      } finally {
        // Who signed in or out meanwhile must have told the ledger before another tab reads it.
        await state.published;
      }
    };
    return state.tabs ? state.tabs.inTurn(signal, work) : work();
  }

  async #readAndAsk(started: number): Promise<End | undefined> {
    const { state, breaker } = this.#context;
    const entry = await state.read();
    this.#assertHeld();
    this.#seen = entry;
    if (entry && this.#isNews(entry, started)) {
      if (entry.tokens !== undefined) return () => state.follow(entry);
      const end = await this.#askTabs(entry);
      if (end) return end;
    }
    if (breaker.keepTo(entry?.pause)) return entry?.pause && this.#failedTogether(entry.pause, started);
    return this.#ask();
  }

  /** For what stands where only another tab can see it. `undefined`: nobody answers, and this tab can refresh by itself. */
  async #askTabs({ sessionId }: LedgerEntry): Promise<End | undefined> {
    const { state } = this.#context;
    const { sharing } = state;
    if (!sharing) return undefined;
    const { refreshToken, ...spent } = this.#spent?.tokens ?? NOTHING;
    // Somebody has signed in there since: the refresh token here is of a session that is over.
    const handed = sessionId !== spent.sessionId && sharing.succeed(spent, this.#signal);
    if (handed) return this.#adopt(handed);
    const tokens = await sharing.later(spent, this.#signal);
    return tokens && (() => state.adopt(tokens));
  }

  /** What a page that is opened finds refused from before is not: the user may have signed in elsewhere, and have a cookie. */
  #isNews({ generation, refused }: LedgerEntry, started: number): boolean {
    if (!this.#spent && refused) return generation >= started;
    return generation > (this.#spent?.tokens.generation ?? 0);
  }

  async #ask(): Promise<End> {
    const { state, settings } = this.#context;
    state.emit({ type: 'refreshing' });
    const tokens = this.#spent?.tokens ?? NOTHING;
    state.asking = tokens;
    const asked = this.#refreshAndCommit(tokens);
    try {
      return await bounded(asked, this.#signal, settings.refreshTimeout);
    } catch (reason) {
      // A late answer is good for as long as nobody signed in or out (law 6).
      void asked.then((end) => this.#finish(end)).catch(() => {});
      return this.#fail(reason);
    } finally {
      if (state.asking === tokens) state.asking = undefined;
    }
  }

  /** To the ledger first: there it is decided whether somebody signed in or out meanwhile, in whatever tab. */
  async #refreshAndCommit(spent: TokenSet): Promise<End> {
    const { state, settings, breaker } = this.#context;
    const tokens = await settings.backend.refresh(spent, { signal: this.#signal });
    this.#assertHeld();
    assertTokenSet(tokens);
    const minted = noteReceipt(succeed(spent, tokens, this.#seen?.sessionId), true);
    breaker.reset();
    return this.#commit(minted, (generation) => () => state.renew({ ...minted, generation }));
  }

  /** Law 5: only the backend's refusal ends a session, and only if there is nothing newer to go on with. */
  async #fail(reason: unknown): Promise<End> {
    // Somebody signed in or out, or the page was left: nobody waits for this any more.
    if (this.#signal.aborted) throw reason;
    const { state, breaker } = this.#context;
    const error = isSessionError(reason) ? reason : unavailable(reason);
    if (this.#isFinal(error)) {
      const stored = await state.persistence.read();
      if (stored && isNewer(stored, this.#spent?.tokens ?? NOTHING)) return () => state.adopt(stored);
      return this.#refused(() =>
        this.#commit(null, (generation) => this.#failed(error, () => state.reject(error, generation))),
      );
    }
    const pause = breaker.fail(error.retryAfter);
    await state.tabs?.ledger.update((entry) => ({ generation: 0, ...entry, pause }));
    return this.#goOn(error);
  }

  /** Where there was no refresh token to refuse, the access token still serves to its end. */
  #isFinal({ code }: SessionError): boolean {
    const servesOn = this.#spent?.usable && !this.#spent.tokens.refreshToken;
    return code === 'refresh_rejected' && !servesOn;
  }

  /** The session ends, unless the user signs in again in place: until then no other tab hears of it. */
  async #refused(end: () => Promise<End>): Promise<End> {
    const { state, settings } = this.#context;
    const spent = this.#spent;
    if (!spent || !settings.reauthenticate) return end();
    return async () => {
      await reauthenticate(state, settings, spent.claims, this.#signal);
      this.#assertHeld();
      await this.#finish(await end());
    };
  }

  /** Who waited for the turn while another tab failed has failed with it; who comes later waits for the pause to end. */
  #failedTogether({ since, until }: Pause, started: number): End | undefined {
    if (since < started) return undefined;
    const retryAfter = until - Date.now();
    const message = 'The refresh of another tab failed';
    return this.#goOn(new SessionError('refresh_unavailable', message, { retryAfter }));
  }

  /** The refresh token may have been rotated all the same (FACTS 12): it is tried again when it must be. */
  #goOn(error: SessionError): End {
    return this.#failed(error, () => this.#spent?.useUp());
  }

  #failed(error: SessionError, then: () => void): End {
    return () => {
      this.#context.state.emit({ type: 'refresh-failed', error });
      then();
      throw error;
    };
  }

  /** Writes to the ledger, unless it has gone on since it was seen; that it is told what was spent is no such thing. */
  async #commit(tokens: TokenSet | null, done: (generation: number) => End): Promise<End> {
    const { state } = this.#context;
    const expected = [this.#seen?.generation ?? 0, this.#spent?.tokens.generation ?? 0];
    const generation = state.nextGeneration(Math.max(...expected));
    const hasGoneOn = (old: LedgerEntry) => !expected.includes(old.generation);
    const other = await state.commit(tokens, generation, hasGoneOn, !tokens);
    return other ? () => state.follow(other) : done(generation);
  }
}

/** What a backend is given that finds the refresh token in a cookie. */
const NOTHING: TokenSet = { accessToken: '' };
