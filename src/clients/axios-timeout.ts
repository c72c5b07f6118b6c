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
    return this.#limit && Math.max(1, this.#limit - (performance.now() - this.#started));
  }

  /** axios counts `timeout` in the adapter only: what has passed before must be taken off. */
  shorten(config: InternalAxiosRequestConfig): void {
    const { left } = this;
    if (left === undefined) return;
    config.timeoutErrorMessage ??= messageOf(config);
    config.timeout = Math.ceil(left);
  }
}

/** The error of axios itself for a request that took too long; its fetch adapter knows no options for it. */
export function timeoutError(config: InternalAxiosRequestConfig, isFetch: boolean): AxiosError {
  const { timeoutErrorMessage, transitional } = config;
  const message = (!isFetch && timeoutErrorMessage) || messageOf(config);
  const isClear = isFetch || transitional?.clarifyTimeoutError;
  return new AxiosError(message, isClear ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED, config);
}

/** Axios's fetch adapter writes the time that was left into the message: the caller knows the whole time only. */
export function nameWholeTimeout(outcome: unknown, left: unknown, whole: unknown): void {
  const error = outcome as Partial<AxiosError> | undefined;
  if (left !== whole && error?.code === AxiosError.ETIMEDOUT && error.message)
    error.message = error.message.replace(String(left), String(whole));
}

function messageOf({ timeout }: InternalAxiosRequestConfig): string {
  return `timeout of ${timeout}ms exceeded`;
}
