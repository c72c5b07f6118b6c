import { SessionError } from '../errors.js';
import type { Pause } from './outcome.js';

/** ms. Doubles with each failure in a row. */
const FIRST_BACKOFF = 1_000;

/** Delays the next try after a failure: as the server asked, or with exponential backoff and jitter. */
export class Breaker {
  #pause: Pause | undefined;
  /** When the pause ends, in ms of `performance.now()`, which is never set back. */
  #until = 0;
  #online = 0;
  readonly #longest: number;

  constructor(longest = 60_000) {
    this.#longest = longest;
  }

  /** ms until the next try is due; 0 if it is due now. */
  get wait(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /** The last pause; `undefined` after a `reset`. */
  get pause(): Pause | undefined {
    return this.#pause;
  }

  /** When the network last came back, in ms since the epoch. */
  get online(): number {
    return this.#online;
  }

  /** Starts a pause after a failure, and returns it for the other members. */
  fail(retryAfter?: number): Pause {
    const failures = (this.#pause?.failures ?? 0) + 1;
    const backoff = Math.min(this.#longest, FIRST_BACKOFF * 2 ** (failures - 1));
    // Jitter, so that clients that failed together do not try again together.
    const ms = retryAfter ?? backoff * (0.5 + Math.random() / 2);
    const since = Date.now();
    return this.begin({ failures, since, until: since + ms, asked: retryAfter !== undefined }, ms);
  }

  reset(): void {
    this.#pause = undefined;
    this.#until = 0;
  }

  /**
   * Waits until the next try is due. Unless the server asked for the pause, it ends early when the network comes back.
   * @throws {SessionError} `refresh_unavailable` at once, if the wait is not shorter than `limit` ms.
   */
  async pass(limit: number, signal: AbortSignal): Promise<void> {
    const { wait } = this;
    if (!wait) return;
    if (wait >= limit) {
      const message = 'The next try is not due yet';
      throw new SessionError('refresh_unavailable', message, { retryAfter: wait });
    }
    const end = await pause(wait, signal, !this.#pause?.asked);
    if (end !== 'online') return;
    this.#online = Date.now();
    this.#until = 0;
  }

  /** Starts a pause of `ms`: this member's own, or another member's. */
  begin(pause: Pause, ms: number): Pause {
    this.#until = performance.now() + ms;
    this.#pause = pause;
    return pause;
  }
}

/** Resolves with the type of the event that ended it early, if one did. */
function pause(ms: number, signal: AbortSignal, untilOnline: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (event?: Event) => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', end);
      resolve(event?.type);
    };
    const timer = setTimeout(end, ms);
    if (untilOnline) globalThis.addEventListener?.('online', end);
    signal.addEventListener('abort', end);
  });
}
