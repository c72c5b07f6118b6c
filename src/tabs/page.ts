/**
 * Whether there is a page, or a worker of one, whose tabs belong to one user. On a server each request would be another user's
 * in the same process.
 */
export function hasPage(): boolean {
  return globalThis.location !== undefined;
}
