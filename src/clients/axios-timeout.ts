import { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { LONGEST_TIMER } from '../options.js';

/** The `timeout` of a request, over all its sendings and the time that it waits. */
export class Timeout {
  /** ms. `undefined`: there is none, or none that a timer can hold; the adapter says what it makes of it. */
  readonly #limit: number | undefined;
  readonly #started: number;

  constructor({ timeout }: InternalAxiosRequestConfig) {
    const limit = Number(timeout);
    this.#limit = limit > 0 && limit <= LONGEST_TIMER ? limit : undefined;
    this.#started = this.#limit ? performance.now() : 0;
  }

  /** ms. */
  get left(): number | undefined {
    return this.#limit && this.#limit - (performance.now() - this.#started);
  }

  /** axios counts `timeout` in the adapter only: what has passed before must be taken off. */
  shorten(config: InternalAxiosRequestConfig): void {
    const { left } = this;
    if (left === undefined) return;
    config.timeoutErrorMessage ??= messageOf(config);
    config.timeout = Math.max(1, Math.ceil(left));
  }
}

/** The error of axios itself for a request that took too long. */
export function timeoutError(config: InternalAxiosRequestConfig): AxiosError {
  const code = config.transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED;
  return new AxiosError(config.timeoutErrorMessage ?? messageOf(config), code, config);
}

function messageOf({ timeout }: InternalAxiosRequestConfig): string {
  return `timeout of ${timeout}ms exceeded`;
}
