import { jwtDecode } from 'jwt-decode';
import { SharedSession } from '../coordination/shared-session.js';
import { SessionError } from '../errors.js';
import { isObject } from '../kind-of.js';
import type { Claims } from '../tokens/claims.js';
import { readTime } from '../tokens/time.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';
import { CookieMeeting, placeholder } from './cookie-meeting.js';
import { readFields } from './fields.js';
import { ask, type EndpointOptions, endpointUrl } from './http.js';
import { backendOf, type Protocol } from './protocol.js';
import { readCookie } from './readable-cookie.js';

/** Where the page reads who is signed in: a field of the responses, a cookie, or the response of a URL. */
export type CookieUser = { field: string } | { cookie: string } | { url: string };

/** The user is not sent in a header, so it can contain any character. */
const ANY_TEXT = /^/;

export interface CookieOnlyOptions extends EndpointOptions {
  user: CookieUser | undefined;
  expiryCookie: string | undefined;
  fields: { data?: string; expiresIn?: string } | undefined;
}

/**
 * Creates a backend with both tokens in HttpOnly cookies. The session uses a placeholder instead of the access token. It
 * tells refreshes apart, and is never sent.
 */
export function cookieOnlyBackend(
  name: string,
  options: CookieOnlyOptions,
  protocol: Omit<Protocol, 'read' | 'needsNoBody'>,
): Backend {
  const { user = { field: 'user' }, expiryCookie, fields } = options;
  const { data, expiresIn = 'expires_in' } = fields ?? {};
  const { field: key = 'user' } = user as { field?: string };
  const userEndpoint = 'url' in user ? { ...options, url: endpointUrl(user.url, 'user') } : undefined;

  const unwrap = (body: unknown) => (data && isObject(body) ? (body[data] ?? body) : body);

  function read(body: unknown, evidence: object): TokenSet {
    const answer = unwrap(body);
    const fromCookie = 'cookie' in user ? parse(readCookie(user.cookie, ANY_TEXT)) : undefined;
    // With `url`, the argument of `signIn` is the user, as the URL would return it. After a refresh, the response of the
    // URL replaces this value.
    const fromSignIn = userEndpoint && answer;
    const found = fromCookie ?? fromSignIn;
    const response = {
      ...(isObject(answer) && answer),
      accessToken: placeholder(),
      ...(found !== undefined && { [key]: found }),
    };
    const expiryTime =
      readTime(expiryCookie && readCookie(expiryCookie)) ??
      readTime((fromCookie as Claims | null | undefined)?.exp);
    return readFields(response, { accessToken: 'accessToken', expiresIn }, { ...evidence, expiryTime });
  }

  class CookieSession extends SharedSession {
    override stamp(tokens: TokenSet): TokenSet {
      return { ...super.stamp(tokens), sessionId: sessionIdOf(tokens[key]) };
    }
  }

  const backend = backendOf(options, { ...protocol, read, needsNoBody: true });
  return {
    ...backend,
    giveAccessToken() {
      throw new SessionError('no_access_token', 'The access token is in an HttpOnly cookie');
    },
    claims: (tokens) => claimsOf(tokens[key]),
    coordination: {
      name,
      join: (member) => new CookieSession(member, new CookieMeeting(name, member)),
    },
    async refresh(tokens, context) {
      const fresh = await backend.refresh(tokens, context);
      if (userEndpoint) fresh[key] = unwrap(await askForUser(userEndpoint, context));
      return { ...fresh, sessionId: sessionIdOf(fresh[key], tokens.sessionId) };
    },
  };
}

async function askForUser(endpoint: EndpointOptions, context: { signal: AbortSignal }): Promise<unknown> {
  const [user] = await ask(endpoint, { method: 'GET', cache: 'no-store', ...context }, () => undefined);
  return user;
}

/**
 * Returns a session ID that ends with the user's ID, so that each tab can tell from the ledger whose refresh it records:
 * the cookies may belong to another user by now. Returns `expected` unless the user is known to be another one.
 */
function sessionIdOf(found: unknown, expected?: string): string {
  const { sub, user_id = '' } = claimsOf(found) ?? {};
  const user = String(sub ?? user_id);
  const isSame = expected && (!user || expected.endsWith(' ') || expected.endsWith(` ${user}`));
  return isSame ? expected : `${placeholder()} ${user}`;
}

/** The session tells users apart by `sub`. A user without `sub` gets its `id` as `sub`. */
function claimsOf(user: unknown): Claims | null {
  if ((user ?? '') === '') return null;
  if (!isObject(user)) return { sub: String(user) };
  return { ...(user.id !== undefined && { sub: String(user.id) }), ...user };
}

/** Reads the value of a cookie: JSON (Express writes `j:` before it), JSON in base64, the payload of a JWT, or else plain text. */
function parse(value: string): unknown {
  try {
    return JSON.parse(value.replace(/^j:/, ''));
  } catch {}
  try {
    return jwtDecode(value, { header: !value.includes('.') });
  } catch {}
  return value || undefined;
}
