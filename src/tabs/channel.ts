import type { MeetingListener } from '../coordination/meeting.js';
import { hasPage } from './page.js';

/** Tabs tell each other that there is something to read, or that a session has ended. Only tabs that hand over tokens say more. */
export interface Message {
  type: string;
  /** The generation of a sign-out. */
  ended?: number | undefined;
}

/** A line to the other tabs, and to what happens to this page. */
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
    /** Back from the back/forward cache, or from the background. */
    const onShow = (event: Event): void => {
      const isOpened = (event as PageTransitionEvent).persisted === false;
      if (isOpened || globalThis.document?.visibilityState === 'hidden') return;
      this.#connect(changed);
      changed();
    };
    /** Into the back/forward cache. A page in there must hold no lock, and a message would throw it out. */
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

  /** Returns whether any tab can hear it. */
  post(message: Message): boolean {
    this.#channel?.postMessage(message);
    return this.#channel !== undefined;
  }

  #connect(changed: MeetingListener['changed']): void {
    if (!hasPage()) return;
    try {
      this.#channel ??= new BroadcastChannel(this.#name);
    } catch {
      return; // there is none, or the user forbids it, as Firefox does together with cookies
    }
    this.#channel.onmessage = ({ data }) => {
      // Any script of the origin can say anything here.
      if (data?.type === 'changed') changed(Number.isFinite(data.ended) ? data.ended : undefined);
      else if (data) this.#onMessage?.(data);
    };
  }

  #disconnect(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
