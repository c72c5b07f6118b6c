/** Reads a URL as the platform does; `undefined` if it is none. */
export function readUrl(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {} // it is none
  return undefined;
}

/** What relative URLs of requests are resolved against: a `<base>` element can change it at any time. */
export function pageBase(): string | undefined {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}

/**
 * Makes the URL of an option absolute: on the page's own origin if it is relative, whatever `<base>` says. A `<base>` of the
 * same origin counts, as single-page applications set it for their paths. Without a page the URL stays as it is.
 * @throws {TypeError} naming that origin, if the path depends on a `<base>` of another origin.
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
