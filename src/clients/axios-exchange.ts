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
import { mentions } from '../requests/mentions.js';
import { isStream, letGo } from '../requests/stream.js';
import { withQuery } from '../requests/with-query.js';
import type { Carried, Credentials } from '../tokens/credentials.js';
import { answerOf } from './axios-answer.js';
import { drop, keepHome } from './axios-redirect.js';

type Config = InternalAxiosRequestConfig;

/** One request of an axios instance, as often as it is sent. */
export class AxiosExchange implements Exchange<AxiosResponse> {
  readonly #config: Config;
  readonly #adapter: AxiosAdapter;
  readonly #started: number;
  /** Time has been spent that counts for `timeout`: waiting, or a first sending. */
  #late = false;
  /** What of the config is changed while it is lent. */
  #own: object | undefined;
  /** Of a `Blob`, for `view`. */
  #text: string | undefined;

  constructor(config: Config, adapter: AxiosAdapter) {
    this.#config = config;
    this.#adapter = adapter;
    this.#started = config.timeout ? performance.now() : 0;
  }

  /**
   * The config is lent to the adapter, as a copy of it costs more than all the rest; `view` takes it back. The token, and what
   * adapters leave on the headers, must reach neither the replay nor the caller.
   */
  send(credentials: Credentials | null): Promise<AxiosResponse> {
    const config = this.#config;
    const { headers, url, timeout, timeoutErrorMessage, beforeRedirect } = config;
    this.#own = { headers, url, timeout, timeoutErrorMessage, beforeRedirect };
    this.#text = undefined;
    config.headers = Object.assign(new AxiosHeaders(), headers);
    if (credentials) carry(config, credentials.carried);
    if (this.#late) this.#shorten();
    this.#late = true;
    try {
      const answer = this.#adapter(config);
      return config.responseType === 'blob' ? answer.catch((error) => this.#readAhead(error)) : answer;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  hold<T>(work: Promise<T>): Promise<T> {
    this.#late = true;
    return this.#bounded(work).catch((error) => {
      throw isSessionError(error) ? asAxiosError(error, this.#config) : error;
    });
  }

  view(outcome: unknown): AnswerView | undefined {
    Object.assign(this.#config, this.#own);
    const response = responseOf(outcome);
    return response?.status ? answerOf(response, this.#text) : undefined;
  }

  discard(outcome: unknown): void {
    const data: unknown = responseOf(outcome)?.data;
    if (isStream(data)) letGo(data);
  }

  replayable(): boolean {
    return !isStream(this.#config.data);
  }

  carries(refreshToken: string): boolean {
    const { url, params, headers, data } = this.#config;
    return mentions(refreshToken, String(url), jsonOf(params), jsonOf(headers), data);
  }

  async #readAhead(error: unknown): Promise<never> {
    const data = responseOf(error)?.data;
    if (data instanceof Blob) this.#text = await data.text();
    throw error;
  }

  /** axios counts `timeout` in the adapter only; what went before counts too. */
  #shorten(): void {
    const config = this.#config;
    if (!config.timeout) return;
    config.timeoutErrorMessage ??= `timeout of ${config.timeout}ms exceeded`;
    config.timeout = Math.max(1, Math.ceil(this.#left));
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
}

/** What axios has beside its types since 0.22. */
interface CancelTokenWithListeners {
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}

function carry(config: Config, carried: Carried): void {
  const { headers, query } = carried.forMethod?.(config.method ?? 'get') ?? carried;
  for (const name in headers) {
    // `headers.set` would also look for what no header must hold, which adapters do in any case.
    drop(config.headers, name);
    config.headers[name] = headers[name];
  }
  keepHome(config, headers);
  // In the URL rather than in `params`, which may be of a kind that only the application's serializer knows.
  if (query) config.url = withQuery(String(config.url ?? ''), query);
}

/** `undefined` for what no JSON can be made of: params may be whatever the application's serializer knows. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? 0 : part));
  } catch {
    return undefined;
  }
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
