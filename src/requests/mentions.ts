import { classOf } from '../bodies/class-of.js';
import { fieldsOf } from '../bodies/form.js';

/**
 * Whether any part of a request contains a token, plain or percent-encoded. Only text and form fields are read: other
 * bodies can have any size and contain binary data.
 */
export function mentions(token: string, ...parts: unknown[]): boolean {
  const text = parts.map(textOf).join();
  return text.includes(token) || text.includes(encodeURIComponent(token));
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  return classOf(part) === 'URLSearchParams' ? String(part) : [...(fieldsOf(part) ?? [])].join();
}
