import { type Answer, accepted, refused } from '../answers.js';
import type { IssuedTokens, Refusal } from '../grants.js';
import type { Endpoint } from '../options.js';
import { readBody } from './body.js';
import { answerMisrouted, NOT_JSON, type Reply, replyOf } from './django.js';
import { logOut, refuseLogout } from './logout.js';
import { answerOrder, type Protocol, type Server } from './protocol.js';

const INVALID = 'Token is invalid or expired';

const REASONS: Record<Refusal, string> = {
  expired: INVALID,
  invalid: INVALID,
  illegal: INVALID,
  revoked: 'Token is blacklisted',
  'wrong-type': 'Token has wrong type',
};

const headers = { Vary: 'Accept, Origin' };
const REPLIES: Record<Endpoint, Reply> = {
  login: replyOf('login', headers),
  refresh: replyOf('refresh', headers),
  order: replyOf('order', headers),
  logout: replyOf('logout', headers),
};

/** Accepts both schemes, as with `AUTH_HEADER_TYPES = ("Bearer", "JWT")`. */
const SCHEMES = ['bearer', 'jwt'];

/** djangorestframework-simplejwt with rotation and blacklist. */
export const simpleJwt: Protocol = {
  defaults: {
    rotation: 'single-use',
    inheritIat: true, // up to 5.5.0
    paths: {
      login: '/api/token/',
      refresh: '/api/token/refresh/',
      order: '/order/',
      logout: '/api/token/blacklist/',
    },
  },
  answer(server, endpoint, request) {
    const misrouted = answerMisrouted(server, endpoint, request, REPLIES[endpoint]);
    if (misrouted) return refused(misrouted);
    return { login: logIn, refresh, order, logout: logOut }[endpoint](server, request);
  },
  refuse(endpoint) {
    if (endpoint === 'order') return refuseAccess('invalid');
    if (endpoint === 'refresh') return refuseRefresh('invalid');
    if (endpoint === 'logout') return refuseLogout();
    return unauthorized('login', { detail: 'No active account found with the given credentials' });
  },
  issue: (_server, { accessToken, refreshToken }) => ({ refresh: refreshToken, access: accessToken }),
};

async function logIn(server: Server, request: Request): Promise<Answer> {
  const body = await readBody(request);
  if (!body) return refused(REPLIES.login(NOT_JSON, 400));
  const missing = missingFields(body, ['username', 'password']);
  if (missing) return refused(REPLIES.login(missing, 400));
  const tokens = server.grants.logIn(body.username, body.password);
  return tokens ? accepted(REPLIES.login(simpleJwt.issue(server, tokens))) : simpleJwt.refuse('login');
}

async function refresh(server: Server, request: Request): Promise<Answer> {
  const body = await readBody(request);
  if (!body) return refused(REPLIES.refresh(NOT_JSON, 400));
  const missing = missingFields(body, ['refresh']);
  if (missing) return refused(REPLIES.refresh(missing, 400));
  const outcome = server.grants.refresh(String(body.refresh));
  return typeof outcome === 'string' ? refuseRefresh(outcome) : accepted(REPLIES.refresh(print(outcome)));
}

function print({ accessToken, refreshToken }: IssuedTokens) {
  return { access: accessToken, ...(refreshToken && { refresh: refreshToken }) };
}

function order(server: Server, request: Request): Answer | Promise<Answer> {
  const [scheme = '', token, ...rest] = request.headers.get('authorization')?.split(' ') ?? [];
  if (!SCHEMES.includes(scheme.toLowerCase()))
    return unauthorized('order', { detail: 'Authentication credentials were not provided.' });
  if (!token || rest.length) return badHeader();
  const outcome = server.grants.authenticate(token);
  if (typeof outcome === 'string') return refuseAccess(outcome);
  const { userId } = outcome;
  const user = server.settings.users.find(({ id }) => id === userId)?.username;
  return answerOrder(server, { request, userId, recorded: { orders: [1, 2, 3], user } }, REPLIES.order);
}

function refuseAccess(refusal: Refusal): Answer {
  // Only refresh tokens are blacklisted, so an access token never gets that message.
  const message = refusal === 'revoked' ? INVALID : REASONS[refusal];
  return unauthorized('order', {
    detail: 'Given token not valid for any token type',
    code: 'token_not_valid',
    messages: [{ token_class: 'AccessToken', token_type: 'access', message }],
  });
}

function badHeader(): Answer {
  return unauthorized('order', {
    detail: 'Authorization header must contain two space-delimited values',
    code: 'bad_authorization_header',
  });
}

function refuseRefresh(refusal: Refusal): Answer {
  return unauthorized('refresh', { detail: REASONS[refusal], code: 'token_not_valid' });
}

function missingFields(body: Record<string, unknown>, names: string[]): object | undefined {
  const missing = names.filter((name) => !body[name]);
  if (!missing.length) return undefined;
  return Object.fromEntries(missing.map((name) => [name, ['This field is required.']]));
}

function unauthorized(endpoint: Endpoint, body: object): Answer {
  const challenge = { ...headers, 'WWW-Authenticate': 'Bearer realm="api"' };
  return refused(replyOf(endpoint, challenge)(body, 401));
}
