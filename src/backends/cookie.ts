import { tabs } from '../tabs/tabs.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import { isObject, type TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';
import { readFields } from './fields.js';
import { ask, assertUrl, type EndpointOptions } from './http.js';

export interface CookieOptions extends EndpointOptions {
  /** Whether cookies go to another origin too. @default 'include' */
  credentials?: RequestCredentials;
  /** @default 'POST' */
  method?: 'GET' | 'POST';
  /** The CSRF token: read from this cookie, sent in this header (double submit). @default none is sent */
  csrf?: { cookie: string; header: string };
  /**
   * How a refresh is refused, so that the user must sign in again: by one of these statuses, whatever the body; or as a
   * function says, which is given the body too, `undefined` where it is not JSON.
   * @default [401]
   */
  rejected?: readonly number[] | ((status: number, body: unknown) => boolean);
  /**
   * The names in the answer; `data`: in which field it holds them, where it wraps them.
   * @default { accessToken: 'access_token', expiresIn: 'expires_in' }
   */
  fields?: { data?: string; accessToken?: string; expiresIn?: string };
}

/**
 * A backend that keeps the refresh token in an HttpOnly cookie, out of the reach of scripts. Tabs share the cookie, so they
 * take turns whatever the store; a page that is opened asks for an access token without asking the user.
 * @throws {TypeError} if `url` is not a non-empty string.
 */
export function cookieBackend(options: CookieOptions): Backend {
  assertUrl(options);
  const { url, credentials = 'include', method = 'POST', csrf, rejected = [401], carry = {} } = options;
  const { data, ...names } = { accessToken: 'access_token', expiresIn: 'expires_in', ...options.fields };
  const rejects = typeof rejected === 'function' ? rejected : (status: number) => rejected.includes(status);

  function read(body: unknown, evidence: ExpiryEvidence = {}): TokenSet {
    if (!data) return readFields(body, names, evidence);
    return readFields(isObject(body) ? body[data] : body, names, evidence, `${data}.`);
  }

  return {
    coordination: tabs(`cookie:${url}`, { persistent: false }),
    carry,
    refreshUrl: url,
    async refresh(_tokens, { signal }) {
      const headers = csrf ? { [csrf.header]: readCookie(csrf.cookie) } : {};
      // The browser must not answer a GET from what it remembers.
      const init: RequestInit = { signal, method, headers, cache: 'no-store' };
      const refusal = (status: number, body: unknown) =>
        rejects(status, body) ? `status ${status}` : undefined;
      return read(...(await ask({ ...options, credentials }, init, refusal)));
    },
    readTokens: (body) => read(body),
  };
}

/** Without `document` there are no cookies to read, and another library may have put a `document` of its own there. */
function readCookie(name: string): string {
  const pairs = globalThis.document?.cookie?.split(/;\s*/) ?? [];
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  return decoded(value);
}

/** A value that is not percent-encoded, or that no header could hold if it were decoded, is sent as it is. */
function decoded(value: string): string {
  try {
    const text = decodeURIComponent(value);
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : value;
  } catch {
    return value;
  }
}
