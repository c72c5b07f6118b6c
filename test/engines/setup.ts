import { firefoxPath } from '../support/firefox.ts';
import { webkitPaths } from '../support/webkit.ts';

/** Runs before all tests, because an installation would use up a test's time. */
export default function findBrowsers(): void {
  firefoxPath();
  webkitPaths();
}
