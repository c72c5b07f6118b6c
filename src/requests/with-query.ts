/** Adds parameters to the query of a URL and changes nothing else. */
export function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const added = new URLSearchParams(query);
  // The first match is all that comes before a fragment.
  return url.replace(/[^#]*/, (address) => `${address}${address.includes('?') ? '&' : '?'}${added}`);
}
