/** @throws {TypeError} if `key` is not a non-empty string. */
export function assertKey(key: unknown): void {
  if (typeof key !== 'string' || key === '')
    throw new TypeError(`"key" must be a non-empty string, got ${String(key)}`);
}
