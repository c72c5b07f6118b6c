import { SessionError } from '../errors.js';
import { readClaims } from '../tokens/claims.js';
import { expiryOf } from '../tokens/expiry.js';
import { assertTokenSet, isObject, type TokenSet } from '../tokens/token-set.js';
import type { Backend, Carry } from './backend.js';
import { post } from './http.js';

export interface CookieOptions {
  /** Where to refresh. */
  url: string;
  /** Whether cookies go to another origin too. @default 'include' */
  credentials?: RequestCredentials;
  /** The CSRF token: read from this cookie, sent in this header (double submit). @default none is sent */
  csrf?: { cookie: string; header: string };
  /** The statuses by which a refresh is refused: the user must sign in again. @default [401] */
  rejected?: readonly number[];
  /** The names in the answer. @default { accessToken: 'access_token', expiresIn: 'expires_in' } */
  fields?: { accessToken?: string; expiresIn?: string };
  /** Where the access token goes. @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /** Further headers of the refresh request. */
  headers?: Record<string, string>;
}

/**
 * A backend that keeps the refresh token in an HttpOnly cookie, out of the reach of scripts. Tabs share the cookie, so they
 * take turns whatever the store; a page that is opened asks for an access token without asking the user.
 * @throws {TypeError} if `url` is not a non-empty string.
 */
export function cookieBackend(options: CookieOptions): Backend {
  const { url, credentials = 'include', csrf, rejected = [401], carry, headers } = options;
  const fields = { accessToken: 'access_token', expiresIn: 'expires_in', ...options.fields };
  if (!url || typeof url !== 'string')
    throw new TypeError('"url" must be the URL of the refresh endpoint, a non-empty string');

  function read(body: unknown, serverTime?: number, minted = false): TokenSet {
    const {
      [fields.accessToken]: accessToken,
      [fields.expiresIn]: expiresIn,
      ...others
    } = isObject(body) ? body : {};
    const tokens = { ...others, accessToken };
    assertTokenSet(tokens, { accessToken: fields.accessToken, refreshToken: 'refreshToken' });
    const expiresAt = expiryOf(readClaims(tokens.accessToken), { expiresIn, serverTime, minted }, Date.now());
    return { ...tokens, ...(expiresAt !== undefined && { expiresAt }) };
  }

  return {
    lockName: `unexpired:cookie:${url}`,
    async refresh(_tokens, { signal }) {
      const guard = csrf && { [csrf.header]: readCookie(csrf.cookie) };
      const { status, body, serverTime } = await post(url, {
        signal,
        credentials,
        headers: { ...headers, ...guard },
      });
      if (rejected.includes(status))
        throw new SessionError('refresh_rejected', `${url} refused with status ${status}`);
      if (status >= 400) throw new SessionError('refresh_unavailable', `${url} answered status ${status}`);
      return read(body, serverTime, true);
    },
    readTokens: (body) => read(body),
    ...(carry && { carry }),
  };
}

function readCookie(name: string): string {
  const pair = globalThis.document?.cookie.split('; ').find((cookie) => cookie.startsWith(`${name}=`));
  return decodeURIComponent(pair?.slice(name.length + 1) ?? '');
}
