/**
 * Requests that need no token: a path (`'/login'`), in which `*` stands for any characters; a regular expression, tried on
 * the path; or a function. A path counts from the root or from the instance's base URL, with or without a last slash.
 */
export type UrlPattern = string | RegExp | ((url: URL) => boolean);

export interface ScopeOptions {
  /** Further origins that may see a token, e.g. `['https://files.example.com']`. @default [] */
  origins?: readonly string[];
  /** Requests that are sent without a token and are never refreshed for. @default [] */
  exclude?: readonly UrlPattern[];
}

/** Whether a request for `url` may carry a token; `base` is the client's own address (law 9). */
export type Scope = (url: string, base: string | undefined) => boolean;

/** @throws {TypeError} for an origin or a pattern that is none, and where there is no standard `URL`. */
export function createScope({ origins = [], exclude = [] }: ScopeOptions): Scope {
  // React Native's own adds a slash. Without a true one no request would get a token, and nothing would say why.
  if (resolve('http://a/b', undefined)?.pathname !== '/b')
    throw new TypeError('A standard URL class is missing: see docs/environments.md');
  const listed = readEach('origins', 'origins such as https://api.example.com', origins, readOrigin);
  const patterns = 'paths that begin with a slash, regular expressions and functions';
  const excluded = readEach('exclude', patterns, exclude, readPattern);
  return (url, base) => {
    const home = resolve(base ?? '', globalThis.location?.href);
    const target = resolve(url, home?.href);
    // A blob: URL has the origin of who made it, and no server that could read a token.
    if (!target || target.origin === 'null' || target.protocol === 'blob:') return false;
    if (target.origin !== home?.origin && !listed.includes(target.origin)) return false;
    return !excluded.some((matches) => matches(target, home?.pathname ?? '/'));
  };
}

function resolve(url: string, base: string | undefined): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
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
  const origin = resolve(value, undefined)?.origin;
  return origin === 'null' ? undefined : origin;
}

function readPattern(pattern: UrlPattern): ((url: URL, base: string) => boolean) | undefined {
  if (typeof pattern === 'function') return pattern;
  if (pattern instanceof RegExp) return ({ pathname }) => pathname.search(pattern) >= 0;
  if (typeof pattern !== 'string' || !pattern.startsWith('/')) return undefined;
  const source = pattern
    .replace(/\/$/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*');
  const path = new RegExp(`^${source}/?$`);
  return ({ pathname }, base) =>
    path.test(pathname) ||
    (pathname.startsWith(base) && path.test(`/${pathname.slice(base.length).replace(/^\//, '')}`));
}
