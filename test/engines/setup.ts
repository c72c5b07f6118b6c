import { firefoxPath } from '../support/firefox.ts';
import { webkitPaths } from '../support/webkit.ts';

/** Before any test, whose time an installation would use up. */
export default function findBrowsers(): void {
  firefoxPath();
  webkitPaths();
}
