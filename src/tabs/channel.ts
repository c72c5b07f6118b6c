import type { MeetingListener } from '../coordination/meeting.js';
import { hasPage } from './page.js';

/** A message to the other tabs: the ledger has changed, or a session has ended. `HandOver` adds messages about tokens. */
export interface Message {
  type: string;
  /** The generation of a sign-out. */
  ended?: number | undefined;
}

/** Exchanges messages with the other tabs, and reports when this page sleeps and wakes up. */
export class Channel {
  readonly #name: string;
  readonly #onMessage: ((message: Message) => void) | undefined;
  #channel: BroadcastChannel | undefined;

  constructor(name: string, onMessage?: (message: Message) => void) {
    this.#name = name;
    this.#onMessage = onMessage;
  }

  /** Starts listening. Returns a function that stops it. */
  open({ changed, suspended }: MeetingListener): () => void {
    /** The page is back from the back/forward cache, or from the background. */
    const onShow = (event: Event): void => {
      const isOpened = (event as PageTransitionEvent).persisted === false;
      if (isOpened || globalThis.document?.visibilityState === 'hidden') return;
      this.#connect(changed);
      changed();
    };
    /** The page enters the back/forward cache. There it must hold no lock, and a message would evict it. */
    const onHide = (event: Event): void => {
      if (!(event as PageTransitionEvent).persisted) return;
      this.#disconnect();
      suspended?.();
    };
    const toPage = (act: 'addEventListener' | 'removeEventListener') => {
      globalThis[act]?.('pageshow', onShow);
      globalThis[act]?.('pagehide', onHide);
      globalThis.document?.[act]?.('visibilitychange', onShow);
    };
    this.#connect(changed);
    toPage('addEventListener');
    return () => {
      this.#disconnect();
      toPage('removeEventListener');
    };
  }

  /** Sends a message to the other tabs. Returns `false` if there is no channel. */
  post(message: Message): boolean {
    this.#channel?.postMessage(message);
    return this.#channel !== undefined;
  }

  #connect(changed: MeetingListener['changed']): void {
    if (!hasPage()) return;
    try {
      this.#channel ??= new BroadcastChannel(this.#name);
    } catch {
      return; // not supported, or blocked: Firefox blocks it together with cookies
    }
    this.#channel.onmessage = ({ data }) => {
      // Any script of the origin can send any message.
      if (data?.type === 'changed') changed(Number.isFinite(data.ended) ? data.ended : undefined);
      else if (data) this.#onMessage?.(data);
    };
  }

  #disconnect(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
