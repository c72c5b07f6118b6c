import { SessionError } from '../errors.js';
import type { Pause } from './outcome.js';

/** ms. Doubled with each failure in a row. */
const FIRST_BACKOFF = 1_000;

/** Keeps the next try waiting after a failure, as the server said or with exponential backoff and jitter. */
export class Breaker {
  #pause: Pause | undefined;
  /** By the page's own clock, which is never set back. */
  #until = 0;
  /** When the network came back last, in ms since the epoch. */
  #online = 0;
  readonly #longest: number;

  constructor(longest = 60_000) {
    this.#longest = longest;
  }

  /** ms until the next try is due; 0 when it may be made now. */
  get wait(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /** Begins a pause; returns what the other tabs should know of it. */
  fail(retryAfter?: number): Pause {
    const failures = (this.#pause?.failures ?? 0) + 1;
    const backoff = Math.min(this.#longest, FIRST_BACKOFF * 2 ** (failures - 1));
    // Full half jitter: clients that failed together must not come back together.
    const ms = retryAfter ?? backoff * (0.5 + Math.random() / 2);
    const since = Date.now();
    return this.#begin({ failures, since, until: since + ms, asked: retryAfter !== undefined }, ms);
  }

  /** Keeps to a pause of another tab, unless it is over; whether there is one now. */
  keepTo(pause: Pause | undefined): boolean {
    if (pause && (pause.asked || pause.since > this.#online)) {
      // By a clock that has been set back since it would seem longer than it ever was.
      const left = Math.min(pause.until - Date.now(), pause.until - pause.since);
      if (left > this.wait) this.#begin(pause, left);
    }
    return this.wait > 0;
  }

  reset(): void {
    this.#pause = undefined;
    this.#until = 0;
  }

  /**
   * Waits until the next try is due, or the network comes back, unless the server asked for the pause.
   * @throws {SessionError} `refresh_unavailable` at once, if that is longer than `limit` ms.
   */
  async pass(limit: number, signal: AbortSignal): Promise<void> {
    const { wait } = this;
    if (!wait) return;
    if (wait >= limit) {
      const message = 'The last try failed, and the next is not due yet';
      throw new SessionError('refresh_unavailable', message, { retryAfter: wait });
    }
    const end = await pause(wait, signal, !this.#pause?.asked);
    if (end !== 'online') return;
    this.#online = Date.now();
    this.#until = 0;
  }

  #begin(pause: Pause, ms: number): Pause {
    this.#until = performance.now() + ms;
    this.#pause = pause;
    return pause;
  }
}

/** The type of the event that ended it before its time, if one did. */
function pause(ms: number, signal: AbortSignal, untilOnline: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (event?: Event) => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', end);
      signal.removeEventListener('abort', end);
      resolve(event?.type);
    };
    const timer = setTimeout(end, ms);
    if (untilOnline) globalThis.addEventListener?.('online', end);
    signal.addEventListener('abort', end);
  });
}
