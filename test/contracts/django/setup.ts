import { ensureInstalled } from './installed.ts';

/** Runs once before all tests: installs what is missing, or ends the run with an error that says what to do. */
export function setup(): void {
  ensureInstalled();
}
