import { Axios, type AxiosInstance, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { assert } from '../assert.js';
import { pageBase, readUrl } from '../page-address.js';
import { createScope, type Scope, type ScopeOptions, type UrlPattern } from '../requests/scope.js';

type Config = InternalAxiosRequestConfig;

/**
 * The URL of a request with a token, decided once. The adapter gets these two values instead of its own: an absolute
 * URL, or an absolute base and a plain path.
 */
export interface Address {
  readonly url: string;
  readonly baseURL: string;
  readonly origin: string;
}

/** The options that axios uses to find the URL of a request. */
interface Addressing {
  url: string;
  baseURL?: string | undefined;
  allowAbsoluteUrls?: boolean | undefined;
}

/** A path and query that cannot name another host. */
const PLAIN_PATH = /^\/?(?![/\\])[\w\-.~%/?=&,+]*$/;

/** The result of the last look at an instance's `baseURL`. */
interface Base {
  readonly given: unknown;
  /** If true, the page's base does not matter. */
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
  readonly #lastWords: string[];
  #base: Base | undefined;

  /** @throws {TypeError} if an argument is invalid; the message names it. */
  constructor(instance: AxiosInstance, options: ScopeOptions) {
    assert(!!instance?.interceptors, 'instance', 'an axios instance', instance);
    this.#instance = instance;
    this.#scope = createScope(options);
    this.#lastWords = (options.exclude ?? []).map(lastWord);
  }

  /** Returns `undefined` if the request must be sent as it is, without a token. */
  of(config: Config): Address | undefined {
    const { baseURL, allowAbsoluteUrls, session } = config;
    if (session === false) return undefined;
    // Read it only once: it can be an object with its own `toString`.
    const url = String(config.url ?? '');
    const { given, plain, origin = '', path } = this.#ownBase();
    const isPlain = plain && baseURL === given && PLAIN_PATH.test(url);
    const parts = isPlain && { url: withSlash(url, plain), baseURL: plain, origin };
    // The common case parses no URL.
    if (parts && !this.#isSuspect(url, plain)) return parts;
    const target = resolve({ url, baseURL, allowAbsoluteUrls });
    // A function of `exclude` may look at the query, which the adapter adds.
    const readsQuery = target && this.#lastWords.includes('');
    const whole = readsQuery ? resolve({ ...config, url: target.href, baseURL: '' }) : target;
    if (!target || !whole || !this.#scope(whole, origin, path)) return undefined;
    return parts || { url: target.href, baseURL: '', origin: target.origin };
  }

  /** Whether a pattern of `exclude` could match: it can only match a URL that contains its last word. */
  #isSuspect(url: string, base: string): boolean {
    return this.#lastWords.some((word) => url.includes(word) || base.includes(word));
  }

  #ownBase(): Base {
    const { defaults } = this.#instance;
    const known = this.#base;
    const isKnown = known && known.given === defaults.baseURL;
    if (isKnown && (known.isAbsolute || known.page === pageBase())) return known;
    // Ignore a `baseURL` on a polluted prototype.
    this.#base = readBase(Object.hasOwn(defaults, 'baseURL') ? defaults.baseURL : undefined, pageBase());
    return this.#base;
  }
}

/**
 * A plain path keeps its two parts, because some adapters (for example mocks) read `url` and expect the path that the
 * application wrote. There is a slash between the parts, so the host ends there however an adapter joins them.
 */
function withSlash(url: string, base: string): string {
  return !url || url.startsWith('/') || base.endsWith('/') ? url : `/${url}`;
}

/** The address as one URL. */
export function wholeUrl({ url, baseURL }: Address): string {
  return baseURL ? join({ url, baseURL }) : url;
}

function readBase(given: unknown, page: string | undefined): Base {
  const text = String(given ?? '');
  const isFull = isAbsolute(given);
  // Resolve against the page's URL and not its base: a `<base>` of another origin must not make that origin trusted.
  const origin = readUrl(text, globalThis.location?.href)?.origin;
  const url = readUrl(text, page);
  const isPlain = isFull || (text && PLAIN_PATH.test(text));
  // As axios joins them: a blank at the end of the base becomes a part of the host.
  const staysOnOrigin = isPlain && origin && resolve({ url: '/', baseURL: text })?.origin === origin;
  return {
    given,
    isAbsolute: isFull,
    page,
    origin,
    path: text ? url?.pathname : undefined,
    plain: staysOnOrigin ? (isFull ? text : url?.href) : undefined,
  };
}

/** The URL to which the installed axios and then the platform send a request. */
function resolve(config: Addressing): URL | undefined {
  const { url, baseURL } = config;
  const isFull = !baseURL && PLAIN_PATH.test(url);
  try {
    return readUrl(isFull ? url : join(config), pageBase());
  } catch {
    return undefined; // axios rejects it too, and reports it to the caller
  }
}

function join(config: Addressing): string {
  const { url, baseURL, allowAbsoluteUrls } = config;
  const joined = new Axios({}).getUri(config as AxiosRequestConfig);
  if (allowAbsoluteUrls !== false || !baseURL || joined !== url) return joined;
  // Axios before 1.8 does not know the option. A URL that begins with a slash is never absolute.
  return url && join({ url: `/${url.replace(/^\/+/, '')}`, baseURL });
}

function isAbsolute(url: unknown): boolean {
  return typeof url === 'string' && /^https?:\/\//i.test(url);
}

/**
 * The last word of a path pattern. Nothing is known of other patterns, so they return `''`, which every URL contains.
 */
function lastWord(pattern: UrlPattern): string {
  return (typeof pattern === 'string' && /[\w-]+(?=\W*$)/.exec(pattern)?.[0]) || '';
}
