import { assertKnown, assertTexts } from '../assert.js';
import type { SignedOutEvent } from '../events.js';
import { ownAddress } from '../page-address.js';
import { leadsTo, withReturnTo } from './login-page.js';
import { currentPath } from './return-to.js';

export interface LoginRedirectOptions {
  /**
   * The login page: a path such as `'/login'`; with a hash router `'/#/login'`; or the URL of a page on another site.
   * Without `navigate`, a path is on the page's own origin, whatever `<base>` says.
   */
  to: string;
  /** The query parameter for the page to come back to. @default 'returnTo' */
  param?: string;
  /** Opens the login page, e.g. `(url) => router.replace(url)`. @default location.replace */
  navigate?(url: string): unknown;
}

/**
 * Creates an `onSignedOut` that opens the login page. The URL carries `returnTo` (see `readReturnTo`), except after a
 * deliberate sign-out. Does nothing if the login page is already open.
 * @throws {TypeError} if `to` is not a non-empty string, or depends on a `<base>` of another origin.
 */
export function loginRedirect(options: LoginRedirectOptions): (event: SignedOutEvent) => void {
  const { to, param = 'returnTo', navigate, ...unknown } = options ?? {};
  assertTexts({ to }, 'the path or URL of the login page');
  assertKnown(unknown);
  // A router gets the path as it is; `location.replace` would resolve it against the page's `<base>`.
  const page = navigate ? to : ownAddress('to', to);
  const open = navigate ?? ((url) => globalThis.location?.replace?.(url));
  return ({ reason, returnTo }) => {
    // The browser may have encoded the path. A router's paths are compared as they are.
    if (leadsTo(page, navigate ? currentPath() : String(globalThis.location))) return;
    open(reason === 'signed_out' ? page : withReturnTo(page, param, returnTo));
  };
}
