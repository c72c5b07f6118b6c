/**
 * By what the tabs of an origin tell one session from another.
 * @throws {TypeError} if `key` is not a non-empty string.
 */
export function lockNameOf(key: string): string {
  if (typeof key !== 'string' || key === '')
    throw new TypeError(`"key" must be a non-empty string, got ${String(key)}`);
  return `unexpired:${key}`;
}
