import { AxiosError, type InternalAxiosRequestConfig } from 'axios';
import { LONGEST_TIMER } from '../assert.js';

/** The `timeout` of a request. It covers all its sendings and the time that it waits. */
export class Timeout {
  /** ms. `undefined` if there is no timeout, or if it is too long for a timer; the adapter then decides. */
  readonly #limit: number | undefined;
  readonly #started: number;

  constructor({ timeout }: InternalAxiosRequestConfig) {
    const limit = Number(timeout);
    this.#limit = limit > 0 && limit <= LONGEST_TIMER ? limit : undefined;
    this.#started = this.#limit ? performance.now() : 0;
  }

  /** ms. */
  get remaining(): number | undefined {
    return this.#limit && Math.max(1, this.#limit - (performance.now() - this.#started));
  }

  /** axios measures `timeout` in the adapter only, so the time that has already passed is subtracted. */
  shorten(config: InternalAxiosRequestConfig): void {
    const { remaining } = this;
    if (remaining !== undefined) config.timeout = Math.ceil(remaining);
  }
}

/** The error that axios itself creates for a timeout. Its fetch adapter ignores the options for it. */
export function timeoutError(config: InternalAxiosRequestConfig, isFetch: boolean): AxiosError {
  const { timeout, timeoutErrorMessage, transitional } = config;
  const message = (!isFetch && timeoutErrorMessage) || `timeout of ${timeout}ms exceeded`;
  const isClear = isFetch || transitional?.clarifyTimeoutError;
  return new AxiosError(message, isClear ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED, config);
}

/**
 * Adapters write the remaining time into the message of their error. This writes the whole time, which the caller
 * knows.
 */
export function nameWholeTimeout(
  outcome: unknown,
  remaining: unknown,
  { timeout, timeoutErrorMessage }: InternalAxiosRequestConfig,
): void {
  const error = outcome as Partial<AxiosError> | undefined;
  const isTimeout = error?.code === AxiosError.ETIMEDOUT || error?.code === AxiosError.ECONNABORTED;
  if (isTimeout && error.message && error.message !== timeoutErrorMessage)
    error.message = error.message.replace(String(remaining), String(timeout));
}
