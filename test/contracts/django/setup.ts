import { ensureInstalled } from './installed.ts';

/** Before the first test, and once for all: what is missing is installed, or the run ends with what to do. */
export function setup(): void {
  ensureInstalled();
}
