import type { SignedOutEvent } from '../events.js';
import { ownAddress } from '../page-address.js';
import { assertLoginPage, leadsTo, withReturnTo } from './login-page.js';
import { currentPath } from './return-to.js';

export interface LoginRedirectOptions {
  /**
   * The login page: a path such as `'/login'`, with a hash router `'/#/login'`, or the URL of one elsewhere. Without `navigate`, a
   * path is on the page's own origin, whatever `<base>` says.
   */
  to: string;
  /** The query parameter that carries the page to come back to. @default 'returnTo' */
  param?: string;
  /** How to go there, e.g. `(url) => router.replace(url)`. @default location.replace */
  navigate?(url: string): unknown;
}

/**
 * Makes an `onSignedOut` that opens the login page, with the way back in its query (see `readReturnTo`); without it
 * where the user signed out on purpose. Does nothing where the login page is open already.
 * @throws {TypeError} if `to` is not a non-empty string, or depends on a `<base>` of another origin.
 */
export function loginRedirect(options: LoginRedirectOptions): (event: SignedOutEvent) => void {
  assertLoginPage(options?.to);
  const { to, param = 'returnTo', navigate } = options;
  // A router takes the path as it is; `location.replace` would resolve it against the page's `<base>`.
  const page = navigate ? to : ownAddress('to', to);
  const open = navigate ?? ((url) => globalThis.location?.replace(url));
  return ({ reason, returnTo }) => {
    if (leadsTo(to, currentPath())) return;
    open(reason === 'signed_out' ? page : withReturnTo(page, param, returnTo));
  };
}
