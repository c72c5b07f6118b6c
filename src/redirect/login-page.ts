/** @throws {TypeError} if `to` is not a non-empty string. */
export function assertLoginPage(to: unknown): asserts to is string {
  if (typeof to !== 'string' || !to)
    throw new TypeError(`"to" must be the path or URL of the login page, got ${String(to)}`);
}

/** The login page, with the way back in its query; with a hash router, in that of its fragment. */
export function withReturnTo(to: string, param: string, returnTo: string): string {
  return `${to}${to.includes('?', to.indexOf('#')) ? '&' : '?'}${param}=${encodeURIComponent(returnTo)}`;
}

/**
 * Whether `url` leads to the page, whatever its query, and with or without a slash at the end; whatever its fragment, too,
 * unless the page has one, as with a hash router.
 */
export function leadsTo(page: string, url: string): boolean {
  const { length } = page.split('#');
  return pathsOf(page, length) === pathsOf(url, length);
}

/** The path, and that inside the fragment. */
function pathsOf(url: string, count: number): string {
  const parts = url.split('#', count);
  return parts.map((part) => part.replace(/\/?(\?.*)?$/s, '')).join('#');
}
