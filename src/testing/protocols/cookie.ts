import { type Answer, accepted, json, refused } from '../answers.js';
import { carriesCookies } from '../cookie-jar.js';
import type { IssuedTokens } from '../grants.js';
import { signJwt } from '../jwt.js';
import { orderByBearer, orderByToken, refuseBearer } from './bearer.js';
import { readBody } from './body.js';
import { logOut, refuseLogout } from './logout.js';
import type { Protocol, Server } from './protocol.js';

interface Cookie {
  name: string;
  value: string;
  httpOnly: boolean;
}

/** A custom backend: the refresh token is in an HttpOnly cookie, and responses contain only an access token. */
export const cookie: Protocol = {
  defaults: {
    rotation: 'strict',
    opaqueRefresh: true,
    paths: { login: '/login', refresh: '/refresh', order: '/orders', logout: '/logout' },
  },
  answer(server, endpoint, request) {
    if (endpoint === 'order') return order(server, request);
    if (request.method !== 'POST') return refused(json({ error: 'method_not_allowed' }, 405));
    if (endpoint === 'login') return logIn(server, request);
    if (!isTrusted(server, request)) return CSRF_FAILED();
    return endpoint === 'refresh' ? refresh(server, request) : logOutWithCookies(server, request);
  },
  refuse(endpoint) {
    if (endpoint === 'order') return refuseBearer('any token');
    if (endpoint === 'logout') return refuseLogout();
    return refused(json({ error: endpoint === 'login' ? 'wrong_password' : 'invalid_refresh_token' }, 401));
  },
  issue(server, tokens) {
    for (const { name, value, httpOnly } of cookiesOf(server, tokens))
      server.jar.store(name, value, { httpOnly });
    return print(server, tokens);
  },
};

async function logIn(server: Server, request: Request): Promise<Answer> {
  const body = (await readBody(request)) ?? {};
  const tokens = server.grants.logIn(body.username, body.password);
  return tokens ? answerTokens(server, request, tokens) : cookie.refuse('login');
}

/** Double submit: a page of another origin can make the browser send the cookie, but cannot read its value. */
function isTrusted({ settings: { csrf }, jar }: Server, request: Request): boolean {
  const repeated = csrf && request.headers.get(csrf.header);
  return !csrf || (!!repeated && repeated === jar.read(request, csrf.cookie));
}

const CSRF_FAILED = (): Answer => refused(json({ error: 'csrf_failed' }, 403));

/** If the access token is in a cookie, a request needs no header, but must prove that the page sent it. */
function order(server: Server, request: Request): Answer | Promise<Answer> {
  const { accessCookie } = server.settings;
  if (!accessCookie) return orderByBearer(server, request);
  if (request.method !== 'GET' && !isTrusted(server, request)) return CSRF_FAILED();
  return orderByToken(server, request, server.jar.read(request, accessCookie));
}

async function logOutWithCookies(server: Server, request: Request): Promise<Answer> {
  const { accepted: isEnded, response } = await logOut(server, request);
  const { cookie: name, accessCookie } = server.settings;
  for (const gone of [name, ...(accessCookie ? [accessCookie] : [])]) {
    response?.headers.append('Set-Cookie', `${gone}=; Path=/; Max-Age=0; HttpOnly`);
    server.jar.remove(gone);
  }
  return { accepted: isEnded, response };
}

function refresh(server: Server, request: Request): Answer {
  const token = server.jar.read(request, server.settings.cookie);
  const outcome = token ? server.grants.refresh(token) : 'invalid';
  return typeof outcome === 'string' ? cookie.refuse('refresh') : answerTokens(server, request, outcome);
}

function answerTokens(server: Server, request: Request, tokens: IssuedTokens): Answer {
  const response = json(print(server, tokens), 200, { 'Cache-Control': 'no-store' });
  for (const { name, value, httpOnly } of cookiesOf(server, tokens)) {
    response.headers.append('Set-Cookie', printCookie({ name, value, httpOnly }));
    if (carriesCookies(request)) server.jar.store(name, value, { httpOnly });
  }
  return accepted(response);
}

function cookiesOf(
  { settings: { cookie: name, csrf, accessCookie } }: Server,
  tokens: IssuedTokens,
): Cookie[] {
  const { refreshToken, accessToken, userId, expiresAt } = tokens;
  const csrfToken = signJwt({ csrf: userId, exp: expiresAt }).slice(-32);
  return [
    ...(refreshToken ? [{ name, value: refreshToken, httpOnly: true }] : []),
    ...(accessCookie ? [{ name: accessCookie, value: accessToken, httpOnly: true }] : []),
    ...(csrf ? [{ name: csrf.cookie, value: csrfToken, httpOnly: false }] : []),
  ];
}

function printCookie({ name, value, httpOnly }: Cookie): string {
  return `${name}=${value}; Path=/; SameSite=Lax${httpOnly ? '; HttpOnly' : ''}`;
}

function print({ settings }: Server, { accessToken, userId }: IssuedTokens) {
  const { expiresIn, accessLifetime, accessCookie, users } = settings;
  const username = users.find(({ id }) => id === userId)?.username;
  const told = accessCookie ? { user: { id: userId, username } } : { access_token: accessToken };
  return { ...told, ...(expiresIn && { expires_in: accessLifetime / 1000 }) };
}
