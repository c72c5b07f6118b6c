import {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import type { AnswerView, Backend } from '../backends/backend.js';
import { cancelStream, isStream } from '../bodies/stream.js';
import type { Exchange } from '../requests/authorized.js';
import { RequestBody } from '../requests/body.js';
import { mentions } from '../requests/mentions.js';
import { isSameAddress } from '../requests/same-address.js';
import { withQuery } from '../requests/with-query.js';
import type { Carried, Credentials } from '../tokens/credentials.js';
import { type Address, wholeUrl } from './axios-address.js';
import { answerOf } from './axios-answer.js';
import { concealRequest } from './axios-conceal.js';
import { formOf, isFetchAdapter } from './axios-fetch.js';
import { removeHeader, removeTokenOnRedirect } from './axios-redirect.js';
import { nameWholeTimeout, Timeout } from './axios-timeout.js';
import { waitWithin } from './axios-wait.js';

type Config = InternalAxiosRequestConfig;

/** The response types whose body is available as text or bytes when axios responds. */
const AVAILABLE_AT_ONCE = [undefined, 'json', 'text', 'arraybuffer'] as unknown[];

/** One request of an axios instance. It can be sent more than once. */
export class AxiosExchange implements Exchange<AxiosResponse> {
  readonly #config: Config;
  readonly #adapter: AxiosAdapter;
  readonly #address: Address;
  readonly #backend: Backend;
  readonly #body: RequestBody;
  readonly #timeout: Timeout;
  /** Whether part of `timeout` has passed: the request has waited. It also waits before each further sending. */
  #isDelayed = false;
  /** The config values that change while the adapter uses the config. */
  #original: object | undefined;
  /** The response, if its body had to be read first. */
  #view: AnswerView | undefined;

  constructor(config: Config, adapter: AxiosAdapter, address: Address, backend: Backend) {
    this.#config = config;
    this.#adapter = adapter;
    this.#address = address;
    this.#backend = backend;
    this.#body = new RequestBody(config.data);
    this.#timeout = new Timeout(config);
  }

  /**
   * Sends the config itself, because a copy costs more than everything else here; `view` restores it. Neither the
   * replay nor the caller may see the token, or the changes that adapters make.
   */
  send(credentials: Credentials | null): Promise<AxiosResponse> {
    const config = this.#config;
    const { adapter, headers, data, url, baseURL, timeout, beforeRedirect, responseType } = config;
    this.#original = {
      adapter,
      headers,
      data,
      url,
      baseURL,
      timeout,
      beforeRedirect,
      responseType,
    };
    this.#view = undefined;
    config.headers = Object.assign(new AxiosHeaders(), headers);
    config.data = this.#body.take();
    const address = this.#address;
    // Assign only if needed: a write costs more than a comparison.
    if (url !== address.url) config.url = address.url;
    if (baseURL !== address.baseURL) config.baseURL = address.baseURL;
    if (credentials) attachToken(config, credentials.carried, address);
    if (this.#isDelayed) this.#timeout.shorten(config);
    try {
      return AVAILABLE_AT_ONCE.includes(responseType) ? this.#adapter(config) : this.#sendAndRead();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  waitFor<T>(work: Promise<T>): Promise<T> {
    this.#isDelayed = true;
    this.#body.keep();
    const config = this.#config;
    return waitWithin(work, config, this.#timeout, this.#adapter).catch((error) => {
      throw error.isAxiosError ? error : asAxiosError(error, config);
    });
  }

  view(outcome: unknown): AnswerView | undefined {
    const { timeout } = this.#config;
    Object.assign(this.#config, this.#original);
    concealRequest(outcome);
    nameWholeTimeout(outcome, timeout, this.#config);
    const response = responseOf(outcome);
    return this.#view ?? (response?.status ? answerOf(response) : undefined);
  }

  discard(outcome: unknown): void {
    const data: unknown = responseOf(outcome)?.data;
    if (isStream(data)) cancelStream(data);
  }

  replayable(): boolean {
    return this.#body.replayable;
  }

  goesTo(url: string): boolean {
    return isSameAddress(wholeUrl(this.#address), url);
  }

  carries(refreshToken: string): boolean {
    const { url, params, headers, data } = this.#config;
    return mentions(refreshToken, String(url), jsonOf(params), jsonOf(headers), data);
  }

  /**
   * Has the backend read a body that has to be waited for. For a form, it asks for bytes instead: the fetch adapter would parse the
   * form before anybody can see the response, and would fail for a refusal, which is not a form.
   */
  async #sendAndRead(): Promise<AxiosResponse> {
    const config = this.#config;
    const isForm =
      String(config.responseType).toLowerCase() === 'formdata' && isFetchAdapter(config, this.#adapter);
    if (isForm) config.responseType = 'arraybuffer';
    const answer = this.#adapter(config);
    const response = await answer.catch((error: AxiosError | undefined) => error?.response);
    if (!response) return answer;
    // If the connection breaks, the caller gets the error when it reads the body.
    const text = await this.#backend.readBody?.(response, answerOf(response)).catch(() => undefined);
    this.#view = answerOf(response, text);
    if (isForm) response.data = await formOf(response);
    return answer;
  }
}

function attachToken(config: Config, carried: Carried, address: Address): void {
  const { headers, query } = carried.forMethod?.(config.method ?? 'get') ?? carried;
  for (const name in headers) {
    // `headers.set` would also check for forbidden characters, but adapters do that anyway.
    removeHeader(config.headers, name);
    config.headers[name] = headers[name];
  }
  removeTokenOnRedirect(config, headers, address.origin);
  // In the URL and not in `params`, because only the application's serializer may know the type of `params`.
  if (query) Object.assign(config, { url: withQuery(wholeUrl(address), query), baseURL: '' });
}

/** `undefined` if the value has no JSON: `params` can be anything that the application's serializer accepts. */
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

/** `cause`: the error of the session, or of a stream that failed while the request waited. */
function asAxiosError(cause: Error & { code?: string }, config: Config): AxiosError {
  const error = new AxiosError(cause.message, cause.code, config);
  // Not enumerable, like the `cause` of every error.
  return Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
}
