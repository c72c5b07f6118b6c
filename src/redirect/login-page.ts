/** The login page with `returnTo` in its query; for a hash router, in the query of its fragment. */
export function withReturnTo(to: string, param: string, returnTo: string): string {
  return `${to}${to.includes('?', to.indexOf('#')) ? '&' : '?'}${param}=${encodeURIComponent(returnTo)}`;
}

/**
 * Whether `url` leads to the login page. Its query and a trailing slash make no difference. Its fragment counts only
 * if the login page has one, as with a hash router.
 */
export function leadsTo(page: string, url: string): boolean {
  const { length } = page.split('#');
  return pathsOf(page, length) === pathsOf(url, length);
}

/** The path of the URL, and the path in its fragment. */
function pathsOf(url: string, count: number): string {
  const parts = url.split('#', count);
  return parts.map((part) => part.replace(/\/?(\?.*)?$/s, '')).join('#');
}
