/** @throws {TypeError} if `to` is not a non-empty string. */
export function assertLoginPage(to: unknown): asserts to is string {
  if (typeof to !== 'string' || !to)
    throw new TypeError(`"to" must be the path or URL of the login page, got ${String(to)}`);
}

/** The login page, with the way back in its query. */
export function withReturnTo(to: string, param: string, returnTo: string): string {
  return `${to}${to.includes('?') ? '&' : '?'}${param}=${encodeURIComponent(returnTo)}`;
}

/** Whether `url` leads to the page, whatever its query and fragment. */
export function leadsTo(page: string, url: string): boolean {
  return withoutQuery(page) === withoutQuery(url);
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*/s, '');
}
