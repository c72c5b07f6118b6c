/** Parses a URL as the platform does; `undefined` if it is invalid. */
export function readUrl(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {} // invalid
  return undefined;
}

/** The base of relative URLs. Do not store it: a `<base>` element can change it at any time. */
export function pageBase(): string | undefined {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}

/**
 * Makes the URL of an option absolute. A relative URL is resolved against `<base>` if that is on the page's own origin, as in
 * many single-page applications, and otherwise against the page. Without a page, the URL is returned as it is.
 * @throws {TypeError} if `<base>` is on another origin and the path does not begin with a slash. The message names that origin.
 */
export function ownAddress(option: string, url: string): string {
  const { href, origin } = globalThis.location ?? {};
  const own = href && readUrl(url, href);
  if (!own) return url;
  const based = readUrl(url, pageBase());
  if (based?.origin === own.origin) return based.href;
  if (own.origin === origin && /^\s*[/\\]/.test(url)) return own.href;
  throw new TypeError(
    `"${option}" must be an absolute URL or begin with a slash: <base> takes it to ${based?.origin}`,
  );
}
