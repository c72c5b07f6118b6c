import { type Answer, accepted, json, refused } from '../answers.js';
import { readBody } from './body.js';
import type { Server } from './protocol.js';

/** Ends the session of the token in the request's body, in a header, or in the cookie of the refresh token. */
export async function logOut(server: Server, request: Request): Promise<Answer> {
  const { grants, jar, settings } = server;
  const cookie = jar.read(request, settings.cookie);
  const headers = [...request.headers.values()].map((value) => value.replace(/^(Bearer|JWT) /i, ''));
  const body = Object.values((await readBody(request)) ?? {}).map(String);
  // The refresh token first, because the access token may have expired.
  const isEnded = [...(cookie ? [cookie] : []), ...body, ...headers].some((token) => grants.end(token));
  return isEnded ? accepted(json({}, 200)) : refuseLogout();
}

export function refuseLogout(): Answer {
  return refused(json({ detail: 'Token is invalid or expired', code: 'token_not_valid' }, 401));
}
