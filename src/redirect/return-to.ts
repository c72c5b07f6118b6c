/** The path, query and fragment of the open page; `'/'` outside a browser and on a page without a path (`about:blank`). */
export function currentPath(): string {
  const { pathname, search, hash } = globalThis.location ?? {};
  return pathname?.startsWith('/') ? pathname + search + hash : '/';
}

/**
 * Reads the page to go back to after the sign-in from the login page's query. Only a path on this origin is returned
 * (RFC 9700 §4.11): no other host in any spelling, no scheme, no control characters.
 *
 * @param search the query: `location.search`, or a `URLSearchParams`
 * @param fallback returned if the query has no such path
 * @param param the name of the parameter, as given to `loginRedirect`
 */
export function readReturnTo(search: string | URLSearchParams, fallback = '/', param = 'returnTo'): string {
  const value = new URLSearchParams(search).get(param) ?? fallback;
  return isSafePath(value) ? value : fallback;
}

/** The length that servers accept in a request line; a link can contain more. */
const LONGEST_PATH = 8_000;

function isSafePath(value: string): boolean {
  if (value.length > LONGEST_PATH) return false;
  // A second slash or a backslash would begin a host. Browsers remove control characters silently.
  if (!/^\/(?![/\\])[^\\\x00-\x20\x7f]*$/.test(value)) return false;
  return !isHostInDisguise(new URL(value, 'https://here.invalid').pathname);
}

/** Whether a path begins with a host, as it is or after it is decoded once or several times. */
function isHostInDisguise(path: string): boolean {
  // `decodeURIComponent` would decode nothing if the path has a lone percent sign anywhere.
  const decoded = path.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number(`0x${hex}`)));
  return /^\/[/\\]|[\\\x00-\x1f\x7f]/.test(path) || (decoded !== path && isHostInDisguise(decoded));
}
