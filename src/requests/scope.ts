import { assertKnown } from '../assert.js';
import { readUrl } from '../page-address.js';

/**
 * Requests that need no token: a path (`'/login'`), in which `*` matches any characters; a regular expression, tested
 * on the path; or a function, called with the whole URL. A path is matched from the root, or relative to the
 * instance's `baseURL`; a trailing slash makes no difference.
 */
export type UrlPattern = string | RegExp | ((url: URL) => boolean);

export interface ScopeOptions {
  /** Other origins that may receive the token, e.g. `['https://files.example.com']`. @default [] */
  origins?: readonly string[];
  /** Requests that are sent without a token and never refresh. @default [] */
  exclude?: readonly UrlPattern[];
}

/**
 * Whether a request to `target`, the exact URL that is sent, may carry a token. `origin` is the client's own origin;
 * `path` is the path of its base URL.
 */
export type Scope = (target: URL, origin: string | undefined, path?: string) => boolean;

/** @throws {TypeError} if an origin or a pattern is invalid, or if there is no standard `URL`. */
export function createScope({ origins = [], exclude = [], ...unknown }: ScopeOptions): Scope {
  assertKnown(unknown);
  // React Native's own URL class adds a slash. Without a standard class, no request would get a token, and you would
  // not know why.
  if (readUrl('http://a/b')?.pathname !== '/b')
    throw new TypeError('A standard URL class is missing: see docs/environments.md');
  const listed = readEach('origins', 'origins such as https://api.example.com', origins, readOrigin);
  const patterns = 'paths that begin with a slash, regular expressions and functions';
  const excluded = readEach('exclude', patterns, exclude, readPattern);
  return (target, origin, path = '/') => {
    // A blob: URL has the origin of the page that created it, but no server that could read a token.
    if (target.origin === 'null' || target.protocol === 'blob:') return false;
    if (target.origin !== origin && !listed.includes(target.origin)) return false;
    return !excluded.some((matches) => matches(target, path));
  };
}

function readEach<Value, Read>(
  name: string,
  wanted: string,
  values: readonly Value[],
  read: (value: Value) => Read | undefined,
): Read[] {
  const fail = (got: unknown): never => {
    throw new TypeError(`"${name}" takes an array of ${wanted}, got ${got}`);
  };
  return Array.isArray(values) ? values.map((value) => read(value) ?? fail(value)) : fail(values);
}

function readOrigin(value: string): string | undefined {
  const origin = readUrl(value)?.origin;
  return origin === 'null' ? undefined : origin;
}

function readPattern(pattern: UrlPattern): ((url: URL, base: string) => boolean) | undefined {
  if (typeof pattern === 'function') return pattern;
  if (pattern instanceof RegExp) return ({ pathname }) => pathname.search(pattern) >= 0;
  if (typeof pattern !== 'string' || !pattern.startsWith('/')) return undefined;
  const parts = pattern.replace(/\/$/, '').split('*');
  const matches = (path: string) =>
    fits(parts, path) || (path.endsWith('/') && fits(parts, path.slice(0, -1)));
  return ({ pathname }, base) =>
    matches(pathname) ||
    (pathname.startsWith(base) && matches(`/${pathname.slice(base.length).replace(/^\//, '')}`));
}

/**
 * Whether a path consists of these parts, with anything between them. Not a regular expression, because a long path
 * could make it very slow.
 */
function fits([first = '', ...others]: readonly string[], path: string): boolean {
  const last = others.pop();
  if (last === undefined) return path === first;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return path.length - last.length >= at && path.endsWith(last);
}
