import { type Answer, json, refused } from '../answers.js';
import { answerOrder, type Server } from './protocol.js';

/** Answers an API request with a bearer token (RFC 6750), like a resource server of oidc-provider. */
export function orderByBearer(server: Server, request: Request): Answer | Promise<Answer> {
  const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  return orderByToken(server, request, token);
}

export function orderByToken(
  server: Server,
  request: Request,
  token: string | undefined,
): Answer | Promise<Answer> {
  const outcome = token ? server.grants.authenticate(token) : undefined;
  if (!outcome || typeof outcome === 'string') return refuseBearer(token);
  return answerOrder(server, { request, userId: outcome.userId, recorded: { orders: [1, 2, 3] } }, json200);
}

/** RFC 6750 §3: the challenge has no error code if the request has no token. */
export function refuseBearer(token: string | undefined): Answer {
  const challenge = token ? 'Bearer error="invalid_token"' : 'Bearer';
  return refused(json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': challenge }));
}

function json200(body: unknown): Response {
  return json(body, 200);
}
