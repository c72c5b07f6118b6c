/**
 * Whether there is a page, or a worker of one, whose tabs are one user's. On a server every request would be another user's
 * in the same process.
 */
export function hasPage(): boolean {
  return globalThis.location !== undefined;
}
