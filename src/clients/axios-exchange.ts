import {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  CanceledError,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { AnswerView, Backend } from '../backends/backend.js';
import { isSessionError, type SessionError } from '../errors.js';
import type { Exchange } from '../requests/authorized.js';
import { RequestBody } from '../requests/body.js';
import { carriedByMethod } from '../requests/carried-by-method.js';
import { mentions } from '../requests/mentions.js';
import { isSameAddress } from '../requests/same-address.js';
import { isStream, letGo } from '../requests/stream.js';
import { withQuery } from '../requests/with-query.js';
import type { Carried, Credentials } from '../tokens/credentials.js';
import { addressOf } from './axios-address.js';
import { answerOf, readAnswer } from './axios-answer.js';
import { formOf, isFetchAdapter } from './axios-fetch.js';
import { drop, keepHome } from './axios-redirect.js';
import { nameWholeTimeout, Timeout, timeoutError } from './axios-timeout.js';

type Config = InternalAxiosRequestConfig;

/** The response types whose body is at hand, as text or bytes, when axios answers. */
const AT_HAND = [undefined, 'json', 'text', 'arraybuffer'] as unknown[];

/** One request of an axios instance, as often as it is sent. */
export class AxiosExchange implements Exchange<AxiosResponse> {
  readonly #config: Config;
  readonly #adapter: AxiosAdapter;
  readonly #backend: Backend;
  readonly #body: RequestBody;
  readonly #timeout: Timeout;
  /** Time that counts for `timeout` has passed: the request has waited, or has been sent before. */
  #late = false;
  /** The values of the config that are changed while the adapter has it. */
  #own: object | undefined;
  /** The answer, if its body was not at hand. */
  #read: AnswerView | undefined;

  constructor(config: Config, adapter: AxiosAdapter, backend: Backend) {
    this.#config = config;
    this.#adapter = adapter;
    this.#backend = backend;
    this.#body = new RequestBody(config.data);
    this.#timeout = new Timeout(config);
  }

  /**
   * The config is lent to the adapter, as copying it costs more than everything else here; `view` takes it back. Neither the replay
   * nor the caller may see the token, or what adapters change.
   */
  send(credentials: Credentials | null): Promise<AxiosResponse> {
    const config = this.#config;
    const { adapter, headers, data, url, timeout, timeoutErrorMessage, beforeRedirect, responseType } =
      config;
    this.#own = { adapter, headers, data, url, timeout, timeoutErrorMessage, beforeRedirect, responseType };
    this.#read = undefined;
    config.headers = Object.assign(new AxiosHeaders(), headers);
    config.data = this.#body.take();
    if (credentials) carry(config, carriedByMethod(credentials.carried, config.method));
    if (this.#late) this.#timeout.shorten(config);
    this.#late = true;
    try {
      return AT_HAND.includes(responseType) ? this.#adapter(config) : this.#sendAndRead();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  hold<T>(work: Promise<T>): Promise<T> {
    this.#late = true;
    this.#body.keep();
    return this.#bounded(work).catch((error) => {
      throw isSessionError(error) ? asAxiosError(error, this.#config) : error;
    });
  }

  view(outcome: unknown): AnswerView | undefined {
    const { timeout } = this.#config;
    Object.assign(this.#config, this.#own);
    nameWholeTimeout(outcome, timeout, this.#config.timeout);
    const response = responseOf(outcome);
    return this.#read ?? (response?.status ? answerOf(response) : undefined);
  }

  discard(outcome: unknown): void {
    const data: unknown = responseOf(outcome)?.data;
    if (isStream(data)) letGo(data);
  }

  replayable(): boolean {
    return this.#body.replayable;
  }

  goesTo(url: string): boolean {
    return isSameAddress(addressOf(this.#config), url);
  }

  carries(refreshToken: string): boolean {
    const { url, params, headers, data } = this.#config;
    return mentions(refreshToken, String(url), jsonOf(params), jsonOf(headers), data);
  }

  /**
   * Reads the answer if the backend needs it. The fetch adapter parses a form before anybody can see the answer, and fails if it is
   * none, as a refusal. So it is asked for the bytes.
   */
  async #sendAndRead(): Promise<AxiosResponse> {
    const config = this.#config;
    const isForm = /^formdata$/i.test(config.responseType ?? '') && isFetchAdapter(config, this.#adapter);
    if (isForm) config.responseType = 'arraybuffer';
    const answer = this.#adapter(config);
    const response = await answer.catch((error: AxiosError | undefined) => error?.response);
    if (!response) return answer;
    this.#read = await readAnswer(response, this.#backend);
    if (isForm) response.data = await formOf(response);
    return answer;
  }

  #bounded<T>(work: Promise<T>): Promise<T> {
    const config = this.#config;
    const { signal } = config;
    const { left } = this.#timeout;
    const cancelToken = config.cancelToken as CancelTokenWithListeners | undefined;
    if (!signal && !cancelToken && left === undefined) return work;
    return new Promise<T>((resolve, reject) => {
      const abort = () => reject(new CanceledError(undefined, config));
      const late = () => reject(timeoutError(config, isFetchAdapter(config, this.#adapter)));
      const timer = left === undefined ? undefined : setTimeout(late, left);
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

/** The methods that axios has had since 0.22, and does not declare. */
interface CancelTokenWithListeners {
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}

function carry(config: Config, { headers, query }: Carried): void {
  for (const name in headers) {
    // `headers.set` would also look for characters that no header may hold; adapters do so in any case.
    drop(config.headers, name);
    config.headers[name] = headers[name];
  }
  keepHome(config, headers);
  // In the URL and not in `params`, which can be of a type that only the application's serializer knows.
  if (query) config.url = withQuery(String(config.url ?? ''), query);
}

/** `undefined` if there is no JSON of the value: params can be anything that the application's serializer knows. */
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

function asAxiosError(cause: SessionError, config: Config): AxiosError {
  const error = new AxiosError(cause.message, cause.code, config);
  // Not enumerable, like the `cause` of every error.
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
}
