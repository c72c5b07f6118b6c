import { Ledger } from './ledger.js';
import { inTurn } from './lock.js';
import { hasPage } from './page.js';

export interface TabsOptions {
  /** Tabs with the same name are one session. */
  name: string;
  /** Whether tokens may stand in the ledger, which is on the disk. */
  persistent: boolean;
  /** ms that a tab may take for its turn. */
  holdFor: number;
}

/** What this tab does when it hears of the others. */
export interface Neighbour {
  /** Another tab has written, or this page has slept: there may be something to read. */
  stirred(): void;
  /** The page is put away with all its scripts. */
  left(): void;
  /** What only tabs that share say to each other. */
  heard(message: Message): void;
}

/** From tab to tab goes that there is something to read (`told`), never what; but for tabs that share. */
export interface Message {
  type: string;
}

/** The other tabs of this browser: a ledger, turns, and a channel. */
export class Tabs {
  readonly persistent: boolean;
  readonly ledger: Ledger;
  readonly #options: TabsOptions;
  #channel: BroadcastChannel | undefined;
  #neighbour: Neighbour | undefined;

  constructor(options: TabsOptions) {
    this.#options = options;
    this.persistent = options.persistent;
    this.ledger = new Ledger(options.name);
  }

  /** Begins to listen. */
  attend(neighbour: Neighbour): void {
    this.#neighbour = neighbour;
    this.#listen();
    this.#toPage('addEventListener');
  }

  /** Does `work` while no other tab does. */
  inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return inTurn({ ...this.#options, signal }, work);
  }

  /** Whether there is anybody who could hear it. */
  post(message: Message): boolean {
    this.#channel?.postMessage(message);
    return this.#channel !== undefined;
  }

  dispose(): void {
    this.#hangUp();
    this.#toPage('removeEventListener');
  }

  #listen(): void {
    this.#channel ??=
      hasPage() && globalThis.BroadcastChannel ? new BroadcastChannel(this.#options.name) : undefined;
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#hear(data);
  }

  #hear(message: Message): void {
    if (message.type === 'told') this.#neighbour?.stirred();
    else this.#neighbour?.heard(message);
  }

  #hangUp(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  #toPage(act: 'addEventListener' | 'removeEventListener'): void {
    globalThis[act]?.('pageshow', this.#woke);
    globalThis[act]?.('pagehide', this.#left);
    globalThis.document?.[act]('visibilitychange', this.#woke);
  }

  /** Back from the back/forward cache, or from the background. */
  readonly #woke = (event: Event): void => {
    const isOpened = (event as PageTransitionEvent).persisted === false;
    if (isOpened || globalThis.document?.visibilityState === 'hidden') return;
    this.#listen();
    this.#neighbour?.stirred();
  };

  /** Into the back/forward cache: there a page must hold no lock, and a message would throw it out. */
  readonly #left = (event: Event): void => {
    if (!(event as PageTransitionEvent).persisted) return;
    this.#hangUp();
    this.#neighbour?.left();
  };
}
