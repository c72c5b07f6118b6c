/**
 * Whether this code runs in a page or in its worker, where all tabs belong to one user. On a server, requests of different users
 * run in the same process.
 */
export function hasPage(): boolean {
  return globalThis.location !== undefined;
}
