import { SessionError } from '../errors.js';
import type { Pause } from '../tabs/ledger.js';

/** ms. Doubled with each failure in a row. */
const FIRST_BACKOFF = 1_000;
/** ms. A longer one was noted by a clock that has been set back since. */
const LONGEST_PAUSE = 3_600_000;

/** Keeps the next try waiting after a failure, as the server said or with exponential backoff and jitter. */
export class Breaker {
  #failures = 0;
  #until = 0;
  #asked = false;
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

  fail(retryAfter?: number): void {
    const backoff = Math.min(this.#longest, FIRST_BACKOFF * 2 ** this.#failures++);
    this.#asked = retryAfter !== undefined;
    // Full half jitter: clients that failed together must not come back together.
    this.#until = performance.now() + (retryAfter ?? backoff * (0.5 + Math.random() / 2));
  }

  /** What the other tabs should know of it. */
  get pause(): Pause {
    const since = Date.now();
    return { failures: this.#failures, since, until: since + this.wait, asked: this.#asked };
  }

  /** Keeps to a pause of another tab; whether there is one. */
  keepTo(pause: Pause | undefined): boolean {
    const left = Math.min((pause?.until ?? 0) - Date.now(), LONGEST_PAUSE);
    const isOver = !pause || (!pause.asked && pause.since <= this.#online);
    if (isOver || left <= this.wait) return this.wait > 0;
    this.#failures = pause.failures;
    this.#asked = pause.asked;
    this.#until = performance.now() + left;
    return true;
  }

  reset(): void {
    this.#failures = this.#until = 0;
  }

  /**
   * Waits until the next try is due, or the network comes back, unless the server asked for the pause.
   * @throws {SessionError} `refresh_unavailable` at once, if that is longer than `limit` ms.
   */
  async pass(limit: number, signal: AbortSignal): Promise<void> {
    const { wait } = this;
    if (!wait) return;
    if (wait >= limit) {
      throw new SessionError('refresh_unavailable', 'The token endpoint asked for a pause', {
        retryAfter: wait,
      });
    }
    const early = await pause(wait, signal, !this.#asked);
    if (!early) return;
    this.#online = Date.now();
    this.#until = 0;
  }
}

/** Whether the network came back before the time was over, where that counts. */
function pause(ms: number, signal: AbortSignal, untilOnline: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (event?: Event) => {
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', end);
      signal.removeEventListener('abort', end);
      resolve(event?.type === 'online');
    };
    const timer = setTimeout(end, ms);
    if (untilOnline) globalThis.addEventListener?.('online', end);
    signal.addEventListener('abort', end);
  });
}
