import { classOf } from '../bodies/class-of.js';

/**
 * Whether any part of a request contains a token, plain or percent-encoded. Only text and form fields are read: other
 * bodies can have any size and contain binary data.
 */
export function mentions(token: string, ...parts: unknown[]): boolean {
  const text = parts.map(textOf).join();
  return text.includes(token) || text.includes(encodeURIComponent(token));
}

interface Form {
  values?(): Iterable<unknown>;
  /** React Native's FormData has no `values`. */
  _parts?: Iterable<unknown>;
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const name = classOf(part);
  if (name === 'FormData') return [...((part as Form).values?.() ?? (part as Form)._parts ?? [])].join();
  return name === 'URLSearchParams' ? String(part) : '';
}
