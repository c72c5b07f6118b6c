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

/** A backend of one's own that keeps the refresh token in an HttpOnly cookie, and answers with an access token alone. */
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
    if (endpoint === 'order') return refuseBearer('one that is refused');
    return refused(json({ error: endpoint === 'login' ? 'wrong_password' : 'invalid_refresh_token' }, 401));
  },
  issue(server, tokens) {
    for (const kept of cookiesOf(server, tokens)) server.jar.keep(kept.name, kept.value, kept);
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
  // The double submit: a page of another origin can have the cookie sent, but cannot read it.
  const repeated = csrf && request.headers.get(csrf.header);
  if (csrf && (!repeated || repeated !== server.jar.read(request, csrf.cookie)))
    return refused(json({ error: 'csrf_failed' }, 403));
  const token = server.jar.read(request, name);
  const outcome = token ? server.grants.refresh(token) : 'invalid';
  return typeof outcome === 'string' ? cookie.refuse('refresh') : answerTokens(server, request, outcome);
}

function answerTokens(server: Server, request: Request, tokens: IssuedTokens): Answer {
  const response = json(print(server, tokens), 200, { 'Cache-Control': 'no-store' });
  for (const { name, value, httpOnly } of cookiesOf(server, tokens)) {
    response.headers.append('Set-Cookie', printCookie({ name, value, httpOnly }));
    if (carriesCookies(request)) server.jar.keep(name, value, { httpOnly });
  }
  return accepted(response);
}

function cookiesOf({ settings: { cookie: name, csrf } }: Server, tokens: IssuedTokens): Cookie[] {
  const { refreshToken, userId, expiresAt } = tokens;
  const seal = signJwt({ csrf: userId, exp: expiresAt }).slice(-32);
  return [
    ...(refreshToken ? [{ name, value: refreshToken, httpOnly: true }] : []),
    ...(csrf ? [{ name: csrf.cookie, value: seal, httpOnly: false }] : []),
  ];
}

function printCookie({ name, value, httpOnly }: Cookie): string {
  return `${name}=${value}; Path=/; SameSite=Lax${httpOnly ? '; HttpOnly' : ''}`;
}

function print({ settings }: Server, { accessToken }: IssuedTokens) {
  const { expiresIn, accessLifetime } = settings;
  return { access_token: accessToken, ...(expiresIn && { expires_in: accessLifetime / 1000 }) };
}
