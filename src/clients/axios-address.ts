import { Axios, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { pageBase, readUrl } from '../page-address.js';
import { createScope, type Scope, type ScopeOptions, type UrlPattern } from '../requests/scope.js';

type Config = InternalAxiosRequestConfig;

/**
 * Where a request with a token is sent, decided once. The adapter is given these two in place of its own: an absolute URL, or
 * an absolute base and a path that leaves nothing to interpret.
 */
export interface Address {
  readonly url: string;
  readonly baseURL: string;
  readonly origin: string;
}

/** What axios reads to find out where a request goes. */
interface Addressing {
  url: string;
  baseURL?: string | undefined;
  allowAbsoluteUrls?: boolean | undefined;
}

/** A path and a query in which nothing can name another host. */
const PLAIN_PATH = /^\/?(?![/\\])[\w\-.~%/?=&,+]*$/;

/** An instance's `baseURL`, as it was read last. */
interface Base {
  readonly given: unknown;
  /** Whether the page's base does not matter. */
  readonly isAbsolute: boolean;
  /** The page's base at that time. */
  readonly page: string | undefined;
  /** The instance's own origin. */
  readonly origin: string | undefined;
  readonly path: string | undefined;
  /** The absolute base for plain paths, if all of them lead to the own origin. */
  readonly plain: string | undefined;
}

/** Decides which requests of an axios instance may carry a token, and to which URL they are sent. */
export class AxiosAddresses {
  readonly #instance: AxiosInstance;
  readonly #scope: Scope;
  readonly #words: string[];
  #base: Base | undefined;

  /** @throws {TypeError} naming the argument that is wrong. */
  constructor(instance: AxiosInstance, options: ScopeOptions) {
    if (!instance?.interceptors) throw new TypeError('"instance" must be an axios instance');
    this.#instance = instance;
    this.#scope = createScope(options);
    this.#words = (options.exclude ?? []).map(lastWord);
  }

  /** `undefined`: the request is sent as it is, without a token. */
  of(config: Config): Address | undefined {
    const { baseURL, allowAbsoluteUrls, session } = config;
    if (session === false) return undefined;
    // Read once: it can be an object with a `toString` of its own.
    const url = String(config.url ?? '');
    const { given, plain, origin = '', path } = this.#own();
    const isPlain = plain && baseURL === given && PLAIN_PATH.test(url);
    const parts = isPlain && { url: rooted(url, plain), baseURL: plain, origin };
    // The common case costs no URL parsing.
    if (parts && !this.#isSuspect(url, plain)) return parts;
    const target = resolve({ url, baseURL, allowAbsoluteUrls });
    if (!target || !this.#scope(target, origin, path)) return undefined;
    return parts || { url: target.href, baseURL: '', origin: target.origin };
  }

  /** Whether a pattern of `exclude` can match: not without its last word. */
  #isSuspect(url: string, base: string): boolean {
    return this.#words.some((word) => url.includes(word) || base.includes(word));
  }

  #own(): Base {
    const { defaults } = this.#instance;
    const known = this.#base;
    const isKnown = known && known.given === defaults.baseURL;
    if (isKnown && (known.isAbsolute || known.page === pageBase())) return known;
    // Not what a polluted prototype says.
    this.#base = readBase(Object.hasOwn(defaults, 'baseURL') ? defaults.baseURL : undefined, pageBase());
    return this.#base;
  }
}

/**
 * A plain path keeps its two parts: adapters that look at `url`, such as mocks, find there what the application wrote. Whoever
 * puts the two together, a slash is between them, and the host ends before it.
 */
function rooted(url: string, base: string): string {
  return !url || url.startsWith('/') || base.endsWith('/') ? url : `/${url}`;
}

/** The address as one URL. */
export function wholeUrl({ url, baseURL }: Address): string {
  return baseURL ? join({ url, baseURL }) : url;
}

function readBase(given: unknown, page: string | undefined): Base {
  const text = String(given ?? '');
  const isWhole = isAbsolute(given);
  // Of the page's own address, not of its base: that a `<base>` leads elsewhere makes nobody else trusted.
  const origin = readUrl(text, globalThis.location?.href)?.origin;
  const url = readUrl(text, page);
  const isPlain = isWhole || (given && given === text && PLAIN_PATH.test(text));
  const leadsHome = isPlain && origin && resolve({ url: '/', baseURL: text })?.origin === origin;
  return {
    given,
    isAbsolute: isWhole,
    page,
    origin,
    path: text ? url?.pathname : undefined,
    plain: leadsHome ? (isWhole ? text : url?.href) : undefined,
  };
}

/** Where axios, as it is installed, and then the platform send a request. */
function resolve({ url, baseURL, allowAbsoluteUrls }: Addressing): URL | undefined {
  const isWhole = baseURL ? isAbsolute(url) && allowAbsoluteUrls !== false : PLAIN_PATH.test(url);
  try {
    return readUrl(isWhole ? url : join({ url, baseURL, allowAbsoluteUrls }), pageBase());
  } catch {
    return undefined; // axios refuses it as well, and tells the caller
  }
}

function join(config: Addressing): string {
  const { url, baseURL, allowAbsoluteUrls } = config;
  const joined = new Axios({}).getUri(config as AxiosRequestConfig);
  if (allowAbsoluteUrls !== false || !baseURL || joined !== url) return joined;
  // Axios before 1.8 does not know the option. With a slash before it, no URL is absolute.
  return url && join({ url: `/${url.replace(/^\/+/, '')}`, baseURL });
}

function isAbsolute(url: unknown): boolean {
  return typeof url === 'string' && /^https?:\/\//i.test(url);
}

/** Of a pattern that is a path. Nothing is known of others: `''` is part of every URL. */
function lastWord(pattern: UrlPattern): string {
  return (typeof pattern === 'string' && /[\w-]+(?=\W*$)/.exec(pattern)?.[0]) || '';
}
