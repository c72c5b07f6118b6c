import {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { AnswerView } from '../backends/backend.js';
import { isSessionError, type SessionError } from '../errors.js';
import type { Exchange } from '../requests/authorized.js';
import type { Carried, Credentials } from '../tokens/credentials.js';
import { AxiosAnswer, isStream } from './axios-answer.js';

type Config = InternalAxiosRequestConfig;

/** One request of an axios instance, as often as it is sent. */
export class AxiosExchange implements Exchange<AxiosResponse> {
  readonly #config: Config;
  readonly #adapter: AxiosAdapter;
  readonly #started: number;
  /** Time has been spent that counts for `timeout`: waiting, or a first sending. */
  #late = false;

  constructor(config: Config, adapter: AxiosAdapter) {
    this.#config = config;
    this.#adapter = adapter;
    this.#started = config.timeout ? performance.now() : 0;
  }

  /** From a copy each time: what an adapter leaves on a config must not reach the replay, nor the token the caller. */
  send(credentials: Credentials | null): Promise<AxiosResponse> {
    const attempt = { ...this.#config, headers: Object.assign(new AxiosHeaders(), this.#config.headers) };
    if (credentials) carry(attempt, credentials.carried);
    if (this.#late && attempt.timeout) this.#shorten(attempt);
    this.#late = true;
    return this.#adapter(attempt).then(
      (response) => this.#restore(response, attempt),
      (error) => this.#restoreError(error, attempt),
    );
  }

  hold<T>(work: Promise<T>): Promise<T> {
    this.#late = true;
    return this.#bounded(work).catch((error) => {
      throw isSessionError(error) ? asAxiosError(error, this.#config) : error;
    });
  }

  view(outcome: unknown): AnswerView | undefined {
    const response = responseOf(outcome);
    return response?.status ? new AxiosAnswer(response) : undefined;
  }

  replayable(): boolean {
    return !isStream(this.#config.data);
  }

  carries(refreshToken: string): boolean {
    const { url, params, headers, data } = this.#config;
    const body = data instanceof FormData ? [...data.values()] : String(data);
    const text = JSON.stringify([url, params, headers, body]);
    return text.includes(refreshToken) || text.includes(encodeURIComponent(refreshToken));
  }

  /** axios counts `timeout` in the adapter only; what went before counts too. */
  #shorten(attempt: Config): void {
    const { timeout = 0 } = attempt;
    attempt.timeoutErrorMessage ??= `timeout of ${timeout}ms exceeded`;
    attempt.timeout = Math.max(1, Math.ceil(this.#left));
  }

  get #left(): number {
    return (this.#config.timeout ?? 0) - (performance.now() - this.#started);
  }

  #bounded<T>(work: Promise<T>): Promise<T> {
    const config = this.#config;
    const { signal, timeout } = config;
    const cancelToken = config.cancelToken as CancelTokenWithListeners | undefined;
    if (!signal && !cancelToken && !timeout) return work;
    return new Promise<T>((resolve, reject) => {
      const abort = () => reject(new CanceledError(undefined, config));
      const timer = timeout ? setTimeout(() => reject(timeoutError(config)), this.#left) : undefined;
      if (signal?.aborted) abort();
      signal?.addEventListener?.('abort', abort);
      cancelToken?.subscribe(reject);
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener?.('abort', abort);
        cancelToken?.unsubscribe(reject);
      });
    });
  }

  /** Gives the caller back the config that came from there. Some adapters wrap one error in another. */
  #restore<T>(outcome: T, attempt: Config): T {
    for (
      let error = outcome as Partial<AxiosError> | undefined;
      error;
      error = error.cause as AxiosError | undefined
    ) {
      if (error.config === attempt) error.config = this.#config;
      if (error.response?.config === attempt) error.response.config = this.#config;
    }
    return outcome;
  }

  async #restoreError(error: unknown, attempt: Config): Promise<never> {
    this.#restore(error, attempt);
    const response = responseOf(error);
    if (response && response.data instanceof Blob) await AxiosAnswer.preread(response);
    throw error;
  }
}

/** What axios has beside its types since 0.22. */
interface CancelTokenWithListeners {
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}

function carry(attempt: Config, { headers, query }: Carried): void {
  for (const name in headers) attempt.headers.set(name, headers[name]);
  if (query) attempt.url = withQuery(attempt.url ?? '', query);
}

/** In the URL rather than in `params`, which may be of a kind that only the application's serializer knows. */
function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const [address, fragment] = url.split('#', 2);
  const sign = address?.includes('?') ? '&' : '?';
  return `${address}${sign}${new URLSearchParams(query)}${fragment === undefined ? '' : `#${fragment}`}`;
}

function responseOf(outcome: unknown): AxiosResponse | undefined {
  return (outcome as AxiosError | undefined)?.response ?? (outcome as AxiosResponse | undefined);
}

function timeoutError(config: Config): AxiosError {
  const message = config.timeoutErrorMessage ?? `timeout of ${config.timeout}ms exceeded`;
  const code = config.transitional?.clarifyTimeoutError ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED;
  return new AxiosError(message, code, config);
}

function asAxiosError(cause: SessionError, config: Config): AxiosError {
  const error = new AxiosError(cause.message, cause.code, config);
  // Not enumerable, as ECMAScript has it.
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
}
