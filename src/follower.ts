import type { SessionState } from './state.js';
import type { Neighbour, Tabs } from './tabs/tabs.js';
import type { Credentials } from './tokens/credentials.js';
import { isSameTokenSet, type TokenSet } from './tokens/token-set.js';

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
  }

  /** The store says whether there is a session at all; the ledger, whether there are newer tokens for it. */
  async #begin(): Promise<void> {
    const state = this.#state;
    const entry = await state.tabs?.read();
    if (!entry) return;
    if (state.credentials) state.follow(entry);
    else state.generation = Math.max(state.generation, entry.generation);
  }

  /** Another tab has written to the ledger, or this page has slept. */
  async #followLedger(): Promise<void> {
    const entry = await this.#state.tabs?.read();
    if (entry) this.#state.follow(entry);
  }

  /** What the store held when the page was opened, and what somebody else wrote since. */
  async #followStore(): Promise<void> {
    const { persistence, credentials: before } = this.#state;
    if (persistence.busy) return;
    const read = persistence.read();
    // Without a promise between, where the store needs none: then the session is never seen `restoring`.
    const tokens = read instanceof Promise ? await read : read;
    if (this.#state.credentials === before && !persistence.busy) this.#compare(tokens, before);
  }

  #compare(tokens: TokenSet | null, before: Credentials | null | undefined): void {
    const state = this.#state;
    if (tokens && (!before || !isSameTokenSet(tokens, before.tokens))) this.#changed(tokens);
    if (tokens) return;
    if (before && state.tabs) void this.#emptied(state.tabs);
    else if (before) state.adopt(null);
    // Tabs are one session, and yet no token stands where all of them can see it: others are asked.
    else if (!state.tabs || state.tabs.persistent) state.vacate();
  }

  #changed(tokens: TokenSet): void {
    const state = this.#state;
    const { generation } = tokens;
    if (!state.tabs || (generation ?? 0) > state.generation) state.adopt(tokens);
    // The application wrote it, or an earlier version: a sign-in like any other.
    else if (generation === undefined) void state.signIn(tokens).catch((error) => state.storeFailed(error));
    // The store may be behind the ledger: what is no news is passed over (law 7).
    else if (state.credentials === null) void this.#sweep(state.tabs, generation);
  }

  /** A sign-in and a sign-out have crossed, and the store kept the tokens of the one that lost. */
  async #sweep(tabs: Tabs, generation: number): Promise<void> {
    const entry = await tabs.read();
    if (entry?.tokens === null && entry.generation > generation) await this.#state.persistence.write(null);
  }

  /** Somebody emptied the store: that is a sign-out, unless the ledger knows of a later sign-in. */
  async #emptied(tabs: Tabs): Promise<void> {
    const seen = this.#state.generation;
    const tombstone = { generation: this.#state.nextGeneration(), tokens: null };
    const entry = await tabs.update((old) => ((old?.generation ?? 0) > seen ? undefined : tombstone));
    if (entry) this.#state.follow(entry);
    else this.#state.adopt(null);
  }
}
