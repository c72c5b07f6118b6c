import type { TokenSet } from '../tokens/token-set.js';
import { Ledger, type LedgerEntry } from './ledger.js';
import { inTurn } from './lock.js';

export interface TabsOptions {
  /** Tabs with the same name are one session. */
  name: string;
  /** Whether tokens may stand in the ledger, which is on the disk. */
  persistent: boolean;
  /** Whether tabs hand each other the access token when asked. */
  share: boolean;
  /** ms that a tab may take for its turn. */
  holdFor: number;
}

/** What this tab does for the others. */
export interface Neighbour {
  /** Another tab has written, or this page has slept: there may be something to read. */
  stirred(): void;
  /** The page is put away with all its scripts. */
  left(): void;
  /** An access token of a later generation than `than`; `undefined` where this tab neither has one nor can get one. */
  offer(than: number): Promise<TokenSet> | undefined;
}

/** From tab to tab goes that there is something to read, never what; but for tabs that share, which ask and answer. */
type Message =
  | { type: 'told' }
  | { type: 'asked'; by: string; than: number }
  | { type: 'promised'; to: string }
  | { type: 'answered'; to: string; tokens: TokenSet };

/** The other tabs of this browser: a ledger, turns, and a channel. */
export class Tabs {
  readonly share: boolean;
  readonly persistent: boolean;
  readonly #options: TabsOptions;
  readonly #ledger: Ledger;
  #channel: BroadcastChannel | undefined;
  readonly #id: string = Math.random().toString(36);
  #neighbour: Neighbour | undefined;
  #asking: { promised(): void; answered(tokens: TokenSet): void } | undefined;

  constructor(options: TabsOptions) {
    this.#options = options;
    this.share = options.share;
    this.persistent = options.persistent;
    this.#ledger = new Ledger(options.name);
  }

  /** Begins to listen. */
  attend(neighbour: Neighbour): void {
    this.#neighbour = neighbour;
    this.#listen();
    globalThis.addEventListener?.('pageshow', this.#woke);
    globalThis.addEventListener?.('pagehide', this.#left);
    globalThis.document?.addEventListener('visibilitychange', this.#woke);
  }

  read(): Promise<LedgerEntry | undefined> {
    return this.#ledger.read();
  }

  /** Writes what `change` makes of the entry, and tells the other tabs if something has happened by it. */
  async update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    let before: number | undefined;
    const entry = await this.#ledger.update((old) => {
      before = old?.generation;
      return this.#permitted(change(old));
    });
    if (entry?.generation !== before) this.#post({ type: 'told' });
    return entry;
  }

  /** Does `work` while no other tab does. */
  inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { name, holdFor } = this.#options;
    return inTurn({ name, holdFor, signal, ledger: this.#ledger }, work);
  }

  /** Asks the tabs that share for an access token of a later generation than `than`; `patience`: ms for one to promise it. */
  ask(than: number, patience: number): Promise<TokenSet | undefined> {
    if (!this.share || !this.#channel) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      let timer = setTimeout(resolve, patience);
      this.#asking = {
        promised: () => {
          clearTimeout(timer);
          timer = setTimeout(resolve, this.#options.holdFor);
        },
        answered: (tokens) => {
          clearTimeout(timer);
          resolve(tokens);
        },
      };
      this.#post({ type: 'asked', by: this.#id, than });
    });
  }

  dispose(): void {
    this.#hangUp();
    this.#ledger.close();
    globalThis.removeEventListener?.('pageshow', this.#woke);
    globalThis.removeEventListener?.('pagehide', this.#left);
    globalThis.document?.removeEventListener('visibilitychange', this.#woke);
  }

  #listen(): void {
    this.#channel ??= globalThis.BroadcastChannel && new BroadcastChannel(this.#options.name);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  #hangUp(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** Back from the back/forward cache, or from the background. */
  readonly #woke = (event: Event): void => {
    const isOpened = (event as PageTransitionEvent).persisted === false;
    if (isOpened || globalThis.document?.visibilityState === 'hidden') return;
    this.#listen();
    this.#neighbour?.stirred();
  };

  /** Into the back/forward cache: there a page must hold no lock, and a message would throw it out. */
  readonly #left = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    this.#hangUp();
    this.#neighbour?.left();
  };

  #hear(message: Message): void {
    if (message.type === 'told') this.#neighbour?.stirred();
    else if (message.type === 'asked') void this.#answer(message.by, message.than);
    else if (message.to !== this.#id) return;
    else if (message.type === 'promised') this.#asking?.promised();
    else this.#asking?.answered(message.tokens);
  }

  async #answer(to: string, than: number): Promise<void> {
    const offered = this.share && this.#neighbour?.offer(than);
    if (!offered) return;
    this.#post({ type: 'promised', to });
    const tokens = await offered.catch(() => undefined);
    if (tokens) this.#post({ type: 'answered', to, tokens });
  }

  #permitted(entry: LedgerEntry | undefined): LedgerEntry | undefined {
    if (this.persistent || !entry?.tokens) return entry;
    const { tokens, ...others } = entry;
    return others;
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }
}
