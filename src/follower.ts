import type { Refresher } from './refresh/refresh.js';
import type { SessionState } from './state.js';
import { isSameTokenSet, type TokenSet } from './tokens/token-set.js';

/** ms within which the store and the ledger come to say the same. */
const ECHO_TIME = 500;

/** Keeps a session in step with what others write: other tabs, and the application itself. */
export class Follower {
  readonly #state: SessionState;
  readonly #refresher: Refresher;
  #unsubscribe: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The generation in the ledger of a session that the store has been cleared of. */
  #cleared: number | undefined;

  constructor(state: SessionState, refresher: Refresher) {
    this.#state = state;
    this.#refresher = refresher;
  }

  /** Reads the store and begins to listen. */
  start(): void {
    const state = this.#state;
    this.#unsubscribe = state.persistence.store.subscribe?.(() => void this.#followStore());
    state.tabs?.attend({
      stirred: () => void this.#followLedger(),
      left: () => this.#refresher.leave(),
      heard: (message) => state.sharing?.hear(message),
    });
    const read = this.#followStore();
    state.ready = read.then(() => this.#begin());
  }

  dispose(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
  }

  /** The store says whether there is a session at all; the ledger, whether there are newer tokens for it. */
  async #begin(): Promise<void> {
    const { credentials } = this.#state;
    if (credentials) await this.#followLedger();
    // Tabs are one session, and yet no token stands where all of them can see it: others are asked.
    else if (credentials === undefined) await this.#refresher.restore();
    else void this.#forget();
  }

  /** That there was a session, of which the store has been cleared, is no news. */
  async #forget(): Promise<void> {
    this.#cleared = (await this.#state.read())?.generation;
  }

  /** Another tab has written to the ledger, or this page has slept. */
  async #followLedger(): Promise<void> {
    const state = this.#state;
    const entry = await state.read();
    if (entry && entry.generation !== this.#cleared) state.follow(entry);
    this.#later();
  }

  /** What the store held when the page was opened, and what somebody else wrote since. */
  async #followStore(): Promise<void> {
    const { persistence, credentials: before } = this.#state;
    if (persistence.busy) return;
    const read = persistence.read();
    // Without a promise between, where the store needs none: then the session is never seen `restoring`.
    const tokens = read instanceof Promise ? await read : read;
    if (this.#state.disposed || this.#state.credentials !== before || persistence.busy) return;
    // One that could not be read tells nothing of a session that is under way.
    if (tokens === undefined && before) return;
    if (!tokens) this.#emptied();
    else if (!before || !isSameTokenSet(tokens, before.tokens)) await this.#changed(tokens);
    this.#later();
  }

  /** Where there are tabs, what the ledger says in a moment decides. */
  #emptied(): void {
    const { tabs, credentials, persistence } = this.#state;
    if (!tabs || (tabs.persistent && !credentials)) this.#state.adopt(null);
    else if (credentials) persistence.noteHeld(credentials.tokens);
  }

  async #changed(tokens: TokenSet): Promise<void> {
    const state = this.#state;
    const { generation } = tokens;
    if (!state.tabs) state.adopt(tokens);
    // The application wrote it, or an earlier version: a sign-in like any other.
    else if (generation === undefined) void state.signIn(tokens).catch((error) => state.storeFailed(error));
    // A page that is opened takes what the store holds; after that the store only tells that there is news.
    else if (generation && state.credentials === undefined) state.follow({ generation, tokens });
    else {
      await this.#followLedger();
      // Generation 0: the store is the application's own state, which forgets over a reload what the ledger remembers.
      if (state.credentials === undefined) state.adopt(tokens);
    }
  }

  /** The store and the ledger tell their news in no common order: what they come to say together counts. */
  #later(): void {
    clearTimeout(this.#timer);
    const { tabs, disposed } = this.#state;
    if (tabs?.persistent && !disposed) this.#timer = setTimeout(() => void this.#reconcile(), ECHO_TIME);
  }

  async #reconcile(): Promise<void> {
    const state = this.#state;
    const { generation, persistence } = state;
    await state.published;
    const [entry, stored] = [await state.read(), await persistence.read()];
    if (state.disposed || generation !== state.generation || persistence.busy) return this.#later();
    if (stored === undefined) return;
    const { credentials } = state;
    if (!stored && credentials && persistence.hasHeld(credentials.tokens)) return this.#end();
    if (!stored && !credentials) this.#cleared = entry?.generation;
    // Two tabs have crossed, one was closed between the two, or the store is slow.
    else if (entry && entry.generation > (stored?.generation ?? 0)) await state.settle(entry);
    else if (entry) state.follow(entry);
  }

  /** Somebody emptied the store, in whatever way: that is a sign-out. */
  async #end(): Promise<void> {
    const state = this.#state;
    const { generation } = state;
    const next = state.nextGeneration();
    const other = await state.commit(null, next, (old) => old.generation > generation);
    state.follow(other ?? { generation: next, tokens: null });
  }
}
