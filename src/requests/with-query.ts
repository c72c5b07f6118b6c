/** A URL with more in its query, and otherwise as it is. */
export function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  const [, address = '', fragment = ''] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  return `${address}${address.includes('?') ? '&' : '?'}${new URLSearchParams(query)}${fragment}`;
}
