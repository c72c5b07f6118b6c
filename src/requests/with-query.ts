/** Adds parameters to the query of a URL and changes nothing else. */
export function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const [, address = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  return `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(query)}${fragment}`;
}
