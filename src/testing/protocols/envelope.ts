import { type Answer, accepted, refused } from '../answers.js';
import type { IssuedTokens, Refusal } from '../grants.js';
import type { Endpoint } from '../options.js';
import { printTime } from '../print-time.js';
import { readBody } from './body.js';
import { answerMisrouted, NOT_JSON, type Reply, replyOf } from './django.js';
import { logOut, refuseLogout } from './logout.js';
import { answerOrder, type Protocol, type Server } from './protocol.js';

const INVALID = { code: '1004', msg: 'token认证失败' };

const REFUSED: Record<Refusal, { code: string; msg: string }> = {
  expired: { code: '1003', msg: 'token已失效(已过期)' },
  illegal: { code: '1005', msg: '非法的token' },
  invalid: INVALID,
  revoked: INVALID,
  'wrong-type': INVALID,
};

const WRONG_PASSWORD = { code: 1000, error: '用户名或密码错误' };

const REPLIES: Record<Endpoint, Reply> = {
  login: replyOf('login', { Vary: 'Accept, Cookie' }),
  refresh: replyOf('refresh', { Vary: 'Accept, Cookie' }),
  order: replyOf('order', { Vary: 'Accept' }),
  logout: replyOf('logout', { Vary: 'Accept' }),
};

/** The tutorial's protocol, with the responses of Django REST framework. */
export const envelope: Protocol = {
  defaults: {
    rotation: 'strict',
    interchangeable: true,
    iat: false,
    jti: false,
    expiresIn: false,
    paths: { login: '/login/', refresh: '/update_token/', order: '/order/', logout: '/logout/' },
  },
  answer(server, endpoint, request) {
    const misrouted = answerMisrouted(server, endpoint, request, REPLIES[endpoint]);
    if (misrouted) return refused(misrouted);
    return { login: logIn, refresh, order, logout: logOut }[endpoint](server, request);
  },
  refuse(endpoint) {
    if (endpoint === 'order') return refused(REPLIES.order(INVALID, 403));
    if (endpoint === 'login') return refused(REPLIES.login(WRONG_PASSWORD));
    if (endpoint === 'logout') return refuseLogout();
    return refused(REPLIES.refresh({ code: 1008, error: INVALID.msg }));
  },
  issue: (server, tokens) => ({ code: 1001, data: print(server, tokens) }),
};

async function logIn(server: Server, request: Request): Promise<Answer> {
  const credentials = await readBody(request);
  if (!credentials) return refused(REPLIES.login(NOT_JSON, 400));
  const tokens = server.grants.logIn(credentials.username, credentials.password);
  return tokens ? accepted(REPLIES.login(envelope.issue(server, tokens))) : envelope.refuse('login');
}

function refresh(server: Server, request: Request): Answer {
  const token = request.headers.get(server.settings.refreshHeader);
  const outcome = token ? server.grants.refresh(token) : 'invalid';
  if (typeof outcome === 'string')
    return refused(REPLIES.refresh({ code: 1008, error: REFUSED[outcome].msg }));
  return accepted(REPLIES.refresh({ code: 1007, data: print(server, outcome) }));
}

function order(server: Server, request: Request): Answer | Promise<Answer> {
  const token = accessTokenOf(server, request);
  const outcome = token ? server.grants.authenticate(token) : 'invalid';
  if (typeof outcome === 'string') return refused(REPLIES.order(REFUSED[outcome], 403));
  const recorded = { code: 1006, data: '订单数据' };
  return answerOrder(server, { request, userId: outcome.userId, recorded }, REPLIES.order);
}

function accessTokenOf({ settings: { tokenFrom } }: Server, request: Request): string | null | undefined {
  const header = tokenFrom === 'query' ? null : request.headers.get('authorization');
  const query = tokenFrom === 'header' ? null : new URL(request.url).searchParams.get('token');
  return header?.replace(/^Bearer /i, '') ?? query;
}

function print({ settings }: Server, { accessToken, refreshToken, expiresAt }: IssuedTokens) {
  const { tokenTime, expiresIn, timeZone, accessLifetime } = settings;
  return {
    token: accessToken,
    ...(refreshToken && { refresh_token: refreshToken }),
    ...(tokenTime && { token_time: printTime(expiresAt, timeZone) }),
    ...(expiresIn && { expires_in: accessLifetime / 1000 }),
  };
}
