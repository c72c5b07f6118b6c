import { isObject } from '../kind-of.js';
import { readClaims } from '../tokens/claims.js';
import { type ExpiryEvidence, expiryOf } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';
import { readFields } from './fields.js';
import { type EndpointOptions, readEndpoint, refreshTokenOf } from './http.js';
import { jsonOf } from './place.js';
import { backendOf } from './protocol.js';

export interface SimpleJwtOptions extends EndpointOptions {
  /** Whether `session.endsAt` is read from the refresh token's `exp`. @default true: simplejwt's are JWTs */
  refreshTokenIsJwt?: boolean;
}

const FIELDS = { accessToken: 'access', refreshToken: 'refresh' };

/**
 * djangorestframework-simplejwt, and what speaks its protocol: a POST of `{ refresh }` is answered with `{ access }`, and
 * with `refresh` too where refresh tokens are rotated.
 * @throws {TypeError} if `url` is not a non-empty string.
 */
export function simpleJwtBackend(given: SimpleJwtOptions): Backend {
  const options = { refreshTokenIsJwt: true, ...readEndpoint(given) };
  const request = (tokens: TokenSet) => jsonOf({ refresh: refreshTokenOf(tokens) });
  return backendOf(options, { request, refusal, read });
}

/**
 * An error as Django REST framework words it. Not by its code alone: that a user was deactivated, or has changed the password,
 * comes without. What stands before the server does not word its 401 so.
 */
function refusal(status: number, body: unknown): string | boolean {
  if (status !== 401 || !isObject(body) || typeof body.detail !== 'string') return false;
  return body.code !== 'token_not_valid' || body.code;
}

/**
 * Notes the lifetime, in seconds, the shortest that was seen: up to 5.5.0 an access token from a refresh has the `iat` of
 * the refresh token, which may be days old. Only the sign-in's tells the truth.
 */
function read(body: unknown, evidence: ExpiryEvidence, spent?: TokenSet): TokenSet {
  const tokens = readFields(body, FIELDS, evidence);
  const { exp, iat } = readClaims(tokens.accessToken) ?? {};
  const lifetime = Math.min(Number(exp) - Number(iat), Number(spent?.lifetime ?? Number.POSITIVE_INFINITY));
  if (!(lifetime > 0)) return tokens;
  const expiresAt = expiryOf({ exp, iat: Number(exp) - lifetime }, evidence, Date.now());
  return { ...tokens, lifetime, ...(expiresAt !== undefined && { expiresAt }) };
}
