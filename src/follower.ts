import type { SessionState } from './state.js';
import type { Neighbour, Tabs } from './tabs/tabs.js';
import type { Credentials } from './tokens/credentials.js';
import { isSameTokenSet, type TokenSet } from './tokens/token-set.js';

/** ms within which the store and the ledger come to say the same. */
const ECHO_TIME = 500;

/** What only who can ask the backend can do. */
export interface Helpers extends Pick<Neighbour, 'offer' | 'left'> {
  /** Finds out who is signed in, where neither the store nor the ledger can tell. Never rejects. */
  restore(): Promise<void>;
}

/** Keeps a session in step with what others write: other tabs, and the application itself. */
export class Follower {
  readonly #state: SessionState;
  readonly #helpers: Helpers;
  #unsubscribe: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(state: SessionState, helpers: Helpers) {
    this.#state = state;
    this.#helpers = helpers;
    state.wanting = () => void helpers.restore();
  }

  /** Reads the store and begins to listen. */
  start(): void {
    const state = this.#state;
    state.tabs?.attend({ ...this.#helpers, stirred: () => void this.#followLedger() });
    this.#unsubscribe = state.persistence.store.subscribe?.(() => void this.#followStore());
    const read = this.#followStore();
    state.ready = read.then(() =>
      state.credentials === undefined ? this.#helpers.restore() : void this.#begin(),
    );
  }

  dispose(): void {
    this.#unsubscribe?.();
    clearTimeout(this.#timer);
  }

  /** The store says whether there is a session at all; the ledger, whether there are newer tokens for it. */
  async #begin(): Promise<void> {
    const { tabs, credentials } = this.#state;
    const entry = await tabs?.read();
    if (entry && credentials) this.#state.follow(entry);
    this.#later();
  }

  /** Another tab has written to the ledger, or this page has slept. */
  async #followLedger(): Promise<void> {
    const entry = await this.#state.tabs?.read();
    if (entry) this.#state.follow(entry);
    this.#later();
  }

  /** What the store held when the page was opened, and what somebody else wrote since. */
  async #followStore(): Promise<void> {
    const { persistence, credentials: before } = this.#state;
    if (persistence.busy) return;
    const read = persistence.read();
    // Without a promise between, where the store needs none: then the session is never seen `restoring`.
    const tokens = read instanceof Promise ? await read : read;
    if (this.#state.credentials === before && !persistence.busy) await this.#compare(tokens, before);
  }

  async #compare(tokens: TokenSet | null, before: Credentials | null | undefined): Promise<void> {
    const state = this.#state;
    if (tokens) {
      if (!before || !isSameTokenSet(tokens, before.tokens)) await this.#changed(tokens, before);
    } else if (before) {
      if (!state.tabs) state.adopt(null);
    } else if (!state.tabs || state.tabs.persistent) {
      // Else tabs are one session, and yet no token stands where all of them can see it: others are asked.
      state.vacate();
    }
    this.#later();
  }

  async #changed(tokens: TokenSet, before: Credentials | null | undefined): Promise<void> {
    const state = this.#state;
    if (!state.tabs) state.adopt(tokens);
    // The application wrote it, or an earlier version: a sign-in like any other.
    else if (tokens.generation === undefined)
      void state.signIn(tokens).catch((error) => state.storeFailed(error));
    else if (before === undefined || tokens.generation > state.generation)
      await this.#consult(state.tabs, tokens, before);
  }

  /** A page that is opened takes what the store holds. After that the store only tells that there is news: see the ledger. */
  async #consult(tabs: Tabs, tokens: TokenSet, before: Credentials | null | undefined): Promise<void> {
    const state = this.#state;
    // Generation 0: the store is the application's own state, which forgets over a reload what the ledger remembers.
    if (before === undefined && tokens.generation) return state.adopt(tokens);
    const entry = await tabs.read();
    if (entry?.generation) state.follow(entry);
    else if (state.credentials === before) state.adopt(tokens);
  }

  /** The store and the ledger tell their news in no common order: what they come to say together counts. */
  #later(): void {
    const { tabs } = this.#state;
    clearTimeout(this.#timer);
    if (tabs?.persistent) this.#timer = setTimeout(() => void this.#reconcile(tabs), ECHO_TIME);
  }

  async #reconcile(tabs: Tabs): Promise<void> {
    const state = this.#state;
    const { generation } = state;
    await state.published;
    const [entry, stored] = [await tabs.read(), await state.persistence.read()];
    if (generation !== state.generation) return this.#later();
    if (!stored) return this.#emptied(tabs, entry?.generation);
    // Two tabs have crossed, or one was closed between the two: the store is brought up.
    if (!entry || entry.tokens === undefined || entry.generation <= (stored.generation ?? 0)) return;
    await state.persistence.write(entry.tokens && { ...entry.tokens, generation: entry.generation });
  }

  /** Somebody emptied the store, in whatever way: that is a sign-out. */
  async #emptied(tabs: Tabs, seen = 0): Promise<void> {
    const state = this.#state;
    const { generation } = state;
    if (!state.credentials) {
      state.generation = Math.max(generation, seen);
      return;
    }
    const tombstone = { generation: state.nextGeneration(), tokens: null };
    const entry = await tabs.update((old) => ((old?.generation ?? 0) > generation ? undefined : tombstone));
    if (entry) state.follow(entry);
    else state.adopt(null);
  }
}
