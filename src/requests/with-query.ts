/** An address with more in its query, and otherwise as it was written. */
export function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const [address, fragment] = url.split('#', 2);
  const sign = address?.includes('?') ? '&' : '?';
  return `${address}${sign}${new URLSearchParams(query)}${fragment === undefined ? '' : `#${fragment}`}`;
}
