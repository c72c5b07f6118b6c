import { assert, assertArrays, assertKnown } from '../assert.js';
import { isObject } from '../kind-of.js';
import { tabs } from '../tabs/tabs.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend, Carry } from './backend.js';
import { type CookieUser, cookieOnlyBackend } from './cookie-only.js';
import { readFields } from './fields.js';
import { type Call, type EndpointOptions, readEndpoint } from './http.js';
import { backendOf } from './protocol.js';
import { readCookie } from './readable-cookie.js';

export interface CookieOptions extends EndpointOptions {
  /** Whether the requests of this backend send cookies. `'include'`: to other origins, too. @default 'include' */
  credentials?: RequestCredentials;
  /** The HTTP method of the refresh request. @default 'POST' */
  method?: 'GET' | 'POST';
  /**
   * The CSRF token (double submit): it is read from the cookie named `cookie` and sent in the header named `header`.
   * @default no CSRF token is sent
   */
  csrf?: { cookie: string; header: string };
  /**
   * When a refresh is rejected, so that the user must sign in again: the statuses that mean this, whatever the body; or a
   * function that decides. The function gets the parsed body, or `undefined` if it is not JSON.
   * @default [401]
   */
  rejected?: readonly number[] | ((status: number, body: unknown) => boolean);
  /**
   * The field names in the responses. `accessToken`: the token. `expiresIn`: its lifetime in seconds. `data`: the field
   * that contains the others, if there is one.
   * @default { accessToken: 'access_token', expiresIn: 'expires_in' }
   */
  fields?: { data?: string; accessToken?: string; expiresIn?: string };
  /**
   * Where the access token is: in the responses, or in an HttpOnly cookie, like the refresh token. With `'cookie'`, no
   * token ever reaches JavaScript, and the session only adds the CSRF header to requests that may change something.
   * @default 'answer'
   */
  accessToken?: 'answer' | 'cookie';
  /**
   * For an access token in a cookie: where to read the user. `field`: a field of the responses. `cookie`: a cookie that
   * scripts can read. `url`: the response to a GET, which is sent after each refresh. The user becomes `session.claims`.
   * @default { field: 'user' }
   */
  user?: CookieUser;
  /**
   * For an access token in a cookie: the name of a cookie that scripts can read and that contains the time of expiry, in
   * seconds or ms since the epoch, or as a date.
   * @default `expiresIn` of the response; without both, the first refused request starts the refresh
   */
  expiryCookie?: string;
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = /^(GET|HEAD|OPTIONS|TRACE)$/i;

function rejectsBy(
  rejected: NonNullable<CookieOptions['rejected']>,
): (status: number, body: unknown) => boolean {
  if (typeof rejected === 'function') return rejected;
  assertArrays({ rejected });
  return (status) => rejected.includes(status);
}

/**
 * Creates a backend that keeps the refresh token in an HttpOnly cookie, where scripts cannot read it. Tabs share the
 * cookie, so they take turns with any store. A page that opens gets an access token without asking the user.
 * @throws {TypeError} if `url` is not a non-empty string.
 */
export function cookieBackend(given: CookieOptions): Backend {
  const { method = 'POST', csrf, rejected = [401], accessToken = 'answer', ...others } = given ?? {};
  const { fields, user, expiryCookie, ...common } = others;
  const options = readEndpoint(common);
  const { url, credentials = 'include' } = options;
  const { data, ...names } = { accessToken: 'access_token', expiresIn: 'expires_in', ...fields };
  const isCookieOnly = accessToken === 'cookie';
  assert(isCookieOnly || accessToken === 'answer', 'accessToken', "'answer' or 'cookie'", accessToken);
  assertKnown(csrf, 'cookie', 'header');
  assertKnown(fields, 'data', 'accessToken', 'expiresIn');
  assertKnown(user, 'field', 'cookie', 'url');
  const rejects = rejectsBy(rejected);

  function csrfHeader(): Record<string, string> {
    const token = csrf && readCookie(csrf.cookie);
    return token ? { [csrf.header]: token } : {};
  }

  const forMethod = (method: string) => (SAFE.test(method) ? {} : { headers: csrfHeader() });

  async function headers(): Promise<Record<string, string>> {
    const given = options.headers;
    return { ...csrfHeader(), ...(typeof given === 'function' ? await given() : given) };
  }

  function read(body: unknown, evidence: ExpiryEvidence): TokenSet {
    if (!data) return readFields(body, names, evidence);
    return readFields(isObject(body) ? body[data] : body, names, evidence, `${data}.`);
  }

  const carry: Carry = isCookieOnly ? () => ({ forMethod }) : (options.carry ?? {});
  const protocol = {
    // The browser must not answer a GET from its cache.
    request: (): Call => ({ method, cache: 'no-store' }),
    refusal: (status: number, body: unknown) => !!rejects(status, body),
  };
  const name = `cookie:${url}`;
  const all = { ...options, credentials, carry, headers };
  return {
    coordination: tabs(name, { persistent: false }),
    ...(isCookieOnly
      ? cookieOnlyBackend(name, { ...all, user, expiryCookie, fields }, protocol)
      : backendOf(all, { ...protocol, read })),
  };
}
