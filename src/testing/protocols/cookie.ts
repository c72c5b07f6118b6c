import { type Answer, accepted, json, refused } from '../answers.js';
import { carriesCookies } from '../cookie-jar.js';
import type { IssuedTokens } from '../grants.js';
import { signJwt } from '../jwt.js';
import { orderByBearer, refuseBearer } from './bearer.js';
import { readBody } from './body.js';
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
    paths: { login: '/login', refresh: '/refresh', order: '/orders' },
  },
  answer(server, endpoint, request) {
    if (endpoint === 'order') return orderByBearer(server, request);
    if (request.method !== 'POST') return refused(json({ error: 'method_not_allowed' }, 405));
    return endpoint === 'login' ? logIn(server, request) : refresh(server, request);
  },
  refuse(endpoint) {
    if (endpoint === 'order') return refuseBearer('any token');
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

function refresh(server: Server, request: Request): Answer {
  const { csrf, cookie: name } = server.settings;
  // Double submit: a page of another origin can make the browser send the cookie, but cannot read its value.
  const submitted = csrf && request.headers.get(csrf.header);
  if (csrf && (!submitted || submitted !== server.jar.read(request, csrf.cookie)))
    return refused(json({ error: 'csrf_failed' }, 403));
  const token = server.jar.read(request, name);
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

function cookiesOf({ settings: { cookie: name, csrf } }: Server, tokens: IssuedTokens): Cookie[] {
  const { refreshToken, userId, expiresAt } = tokens;
  const csrfToken = signJwt({ csrf: userId, exp: expiresAt }).slice(-32);
  return [
    ...(refreshToken ? [{ name, value: refreshToken, httpOnly: true }] : []),
    ...(csrf ? [{ name: csrf.cookie, value: csrfToken, httpOnly: false }] : []),
  ];
}

function printCookie({ name, value, httpOnly }: Cookie): string {
  return `${name}=${value}; Path=/; SameSite=Lax${httpOnly ? '; HttpOnly' : ''}`;
}

function print({ settings }: Server, { accessToken }: IssuedTokens) {
  const { expiresIn, accessLifetime } = settings;
  return { access_token: accessToken, ...(expiresIn && { expires_in: accessLifetime / 1000 }) };
}
