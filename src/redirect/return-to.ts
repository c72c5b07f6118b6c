/** Path, query and fragment of the page that is open; `'/'` outside a browser. */
export function currentPath(): string {
  const { pathname, search, hash } = globalThis.location ?? {};
  return pathname?.startsWith('/') ? pathname + search + hash : '/';
}

/**
 * The page to go back to after signing in, out of the login page's query. Lets through paths of this origin only
 * (RFC 9700 §4.11): no other host in whatever spelling, no scheme, no control characters.
 *
 * @param search the query: `location.search`, or a `URLSearchParams`
 * @param fallback what is returned where there is none, or one that is not let through. @default '/'
 * @param param the name of the parameter, as given to `loginRedirect`. @default 'returnTo'
 */
export function readReturnTo(search: string | URLSearchParams, fallback = '/', param = 'returnTo'): string {
  const value = new URLSearchParams(search).get(param);
  return value !== null && isSafePath(value) ? value : fallback;
}

/** What servers take in a request line; a link can bring more. */
const LONGEST_PATH = 8_000;

function isSafePath(value: string): boolean {
  if (value.length > LONGEST_PATH) return false;
  // One slash first, as a second one, or a backslash, would begin a host; browsers drop control characters silently.
  if (!/^\/(?![/\\])[^\\\x00-\x20\x7f]*$/.test(value)) return false;
  const { origin, pathname } = new URL(value, 'https://here.invalid');
  return origin === 'https://here.invalid' && !isHostInDisguise(pathname);
}

/** Whether a path comes to begin with a host once somebody decodes or normalizes it, however often. */
function isHostInDisguise(path: string): boolean {
  if (/^\/[/\\]|[\\\x00-\x1f\x7f]/.test(path)) return true;
  const decoded = decode(path);
  return decoded !== path && isHostInDisguise(decoded);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a lone percent sign: nothing is hidden in it
  }
}
