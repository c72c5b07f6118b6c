import { type Answer, accepted, json, refused } from '../answers.js';
import { signJwt } from '../jwt.js';
import { orderByBearer, refuseBearer } from './bearer.js';
import { readForm } from './body.js';
import type { Protocol, Server } from './protocol.js';

/** The errors of RFC 6749 §5.2, with the descriptions of oidc-provider. */
const ERRORS = {
  grant: refusal('invalid_grant', 'grant request is invalid'),
  client: refusal('invalid_client', 'client authentication failed', 401),
  form: refusal(
    'invalid_request',
    'only application/x-www-form-urlencoded content-type bodies are supported on POST /token',
  ),
  token: refusal('invalid_request', "missing required parameter 'refresh_token'"),
  type: refusal('unsupported_grant_type', 'unsupported grant_type requested'),
};

/** A token endpoint (RFC 6749 §3.2) with the responses of oidc-provider, and an API with bearer tokens. */
export const oauth2: Protocol = {
  defaults: {
    rotation: 'strict',
    opaque: true,
    opaqueRefresh: true,
    userClaim: 'sub',
    paths: { login: '/token', refresh: '/token', order: '/orders', logout: '/token/revocation' },
  },
  answer(server, endpoint, request) {
    if (endpoint === 'logout') return revoke(server, request);
    return endpoint === 'order' ? orderByBearer(server, request) : answerToken(server, request);
  },
  refuse: (endpoint) => (endpoint === 'order' ? refuseBearer('any token') : ERRORS.grant()),
  issue({ settings }, { accessToken, refreshToken, expiresAt, userId }) {
    const { opaque, expiresIn, accessLifetime } = settings;
    return {
      access_token: accessToken,
      ...(expiresIn && { expires_in: accessLifetime / 1000 }),
      id_token: signJwt({ sub: String(userId), exp: Math.floor(expiresAt / 1000) }),
      ...(refreshToken && { refresh_token: refreshToken }),
      scope: opaque ? 'openid offline_access orders' : 'orders',
      token_type: 'Bearer',
    };
  },
  isLogin: async (request) => (await readForm(request.clone()))?.get('grant_type') === 'password',
};

async function answerToken(server: Server, request: Request): Promise<Answer> {
  const form = await readForm(request);
  if (request.method !== 'POST' || !form) return ERRORS.form();
  const { clientId = form.get('client_id') } = server.settings;
  if (!clientId || form.get('client_id') !== clientId) return ERRORS.client();
  if (form.get('grant_type') === 'refresh_token') return refresh(server, form.get('refresh_token'));
  return form.get('grant_type') === 'password' ? logIn(server, form) : ERRORS.type();
}

/** RFC 7009: the response is 200, whether the token is valid or not. */
async function revoke(server: Server, request: Request): Promise<Answer> {
  const form = await readForm(request);
  const { clientId = form?.get('client_id') } = server.settings;
  if (!clientId || form?.get('client_id') !== clientId) return ERRORS.client();
  server.grants.end(form?.get('token') ?? '');
  return accepted(new Response(null, { status: 200 }));
}

function logIn(server: Server, form: URLSearchParams): Answer {
  const tokens = server.grants.logIn(form.get('username'), form.get('password'));
  return tokens ? accepted(noStore(oauth2.issue(server, tokens))) : ERRORS.grant();
}

function refresh(server: Server, token: string | null): Answer {
  if (!token) return ERRORS.token();
  const outcome = server.grants.refresh(token);
  return typeof outcome === 'string' ? ERRORS.grant() : accepted(noStore(oauth2.issue(server, outcome)));
}

function refusal(error: string, description: string, status = 400) {
  return (): Answer => refused(noStore({ error, error_description: description }, status));
}

/** RFC 6749 §5.1: a response with tokens must not be cached. */
function noStore(body: unknown, status = 200): Response {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' };
  return json(body, status, headers);
}
