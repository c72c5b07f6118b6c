export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Describes a value without showing it, because it may be a token. */
export function kindOf(value: unknown): string {
  if (value === '') return 'an empty string';
  if (typeof value === 'string') return 'a string of another form';
  if (typeof value === 'function') return 'a function: call it';
  if (!isObject(value)) return Array.isArray(value) ? 'an array' : String(value);
  if ('then' in value) return 'a promise: await it';
  if ('config' in value) return 'an axios response: pass response.data';
  if (typeof value.json === 'function') return 'a response: pass await response.json()';
  return `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no fields'}`;
}
