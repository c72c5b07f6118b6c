/**
 * Whether a token stands in any part of a request, as it is or as URLs have it. Only text is read, and the fields of a form:
 * other bodies may be of any size, and hold what text cannot be made of.
 */
export function mentions(token: string, ...parts: unknown[]): boolean {
  const text = parts.map(textOf).join();
  return text.includes(token) || text.includes(encodeURIComponent(token));
}

function textOf(part: unknown): string {
  // React Native's FormData has no `values`.
  if (part instanceof FormData) return [...(part.values?.() ?? [])].join();
  return typeof part === 'string' || part instanceof URLSearchParams ? String(part) : '';
}
