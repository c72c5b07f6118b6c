import { assertKnown } from '../assert.js';
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
  /** Whether cookies go to another origin too. @default 'include' */
  credentials?: RequestCredentials;
  /** The HTTP method of the refresh request. @default 'POST' */
  method?: 'GET' | 'POST';
  /**
   * The CSRF token of a double submit: `cookie` is the name of the cookie that it is read from, `header` the name of the header that it
   * is sent in. @default none is sent
   */
  csrf?: { cookie: string; header: string };
  /**
   * How a refresh is refused, so that the user must sign in again: by one of these statuses, whatever the body; or as a
   * function says, which is given the body too, `undefined` where it is not JSON.
   * @default [401]
   */
  rejected?: readonly number[] | ((status: number, body: unknown) => boolean);
  /**
   * The names in the answer. `accessToken`: the token. `expiresIn`: its lifetime in seconds. `data`: the field that wraps the others, if
   * there is one.
   * @default { accessToken: 'access_token', expiresIn: 'expires_in' }
   */
  fields?: { data?: string; accessToken?: string; expiresIn?: string };
  /**
   * Where the access token is: in the answers, or in an HttpOnly cookie too. Then no token ever reaches JavaScript, and requests
   * get nothing but, where they may change something, the CSRF header.
   * @default 'answer'
   */
  accessToken?: 'answer' | 'cookie';
  /**
   * Who is signed in, where the access token is in a cookie: an object in this field of the answers, a cookie that scripts can
   * read, or what a GET of this URL answers after each refresh. It becomes `session.claims`.
   * @default { field: 'user' }
   */
  user?: CookieUser;
  /**
   * A cookie that scripts can read and that says when the access token expires: in seconds, in ms, or as a date.
   * @default `expiresIn` of the answer; without either, a request that is refused starts the refresh
   */
  expiryCookie?: string;
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = /^(GET|HEAD|OPTIONS|TRACE)$/i;

/**
 * A backend that keeps the refresh token in an HttpOnly cookie, out of the reach of scripts. Tabs share the cookie, so they
 * take turns whatever the store; a page that is opened asks for an access token without asking the user.
 * @throws {TypeError} if `url` is not a non-empty string.
 */
export function cookieBackend(given: CookieOptions): Backend {
  const { method = 'POST', csrf, rejected = [401], accessToken, ...others } = given ?? {};
  const { fields, user, expiryCookie, ...common } = others;
  const options = readEndpoint(common);
  const { url, credentials = 'include' } = options;
  const { data, ...names } = { accessToken: 'access_token', expiresIn: 'expires_in', ...fields };
  const rejects = typeof rejected === 'function' ? rejected : (status: number) => rejected.includes(status);
  const isCookieOnly = accessToken === 'cookie';
  assertKnown(csrf, 'cookie', 'header');
  assertKnown(fields, 'data', 'accessToken', 'expiresIn');
  assertKnown(user, 'field', 'cookie', 'url');

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
