import type { SignedOutEvent } from '../events.js';
import { assertLoginPage, leadsTo, withReturnTo } from './login-page.js';
import { currentPath } from './return-to.js';

export interface LoginRedirectOptions {
  /** The login page: a path such as `'/login'`, with a hash router `'/#/login'`, or the URL of one elsewhere. */
  to: string;
  /** The query parameter that carries the page to come back to. @default 'returnTo' */
  param?: string;
  /** How to go there, e.g. `(url) => router.replace(url)`. @default location.replace */
  navigate?(url: string): unknown;
}

/**
 * Makes an `onSignedOut` that opens the login page, with the way back in its query (see `readReturnTo`); without it
 * where the user signed out on purpose. Does nothing where the login page is open already.
 * @throws {TypeError} if `to` is not a non-empty string.
 */
export function loginRedirect(options: LoginRedirectOptions): (event: SignedOutEvent) => void {
  assertLoginPage(options?.to);
  const { to, param = 'returnTo', navigate = (url) => globalThis.location?.replace(url) } = options;
  return ({ reason, returnTo }) => {
    if (leadsTo(to, currentPath())) return;
    navigate(reason === 'signed_out' ? to : withReturnTo(to, param, returnTo));
  };
}
