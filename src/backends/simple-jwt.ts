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
  /** Whether `session.endsAt` is read from the refresh token's `exp`. @default true, because simplejwt's are JWTs */
  refreshTokenIsJwt?: boolean;
}

const FIELDS = { accessToken: 'access', refreshToken: 'refresh' };

/**
 * Creates a backend for djangorestframework-simplejwt and servers with the same protocol: a POST of `{ refresh }` returns
 * `{ access }`, and also `refresh` if the server rotates refresh tokens.
 * @throws {TypeError} if `url` is not a non-empty string.
 */
export function simpleJwtBackend(given: SimpleJwtOptions): Backend {
  const options = { refreshTokenIsJwt: true, ...readEndpoint(given) };
  const request = (tokens: TokenSet) => jsonOf({ refresh: refreshTokenOf(tokens) });
  return backendOf(options, { request, refusal, read });
}

/**
 * A 401 with a `detail` comes from Django REST framework; a proxy sends none. The code alone is not enough: if a user was
 * deactivated or has changed the password, the error has no code.
 */
function refusal(status: number, body: unknown): string | boolean {
  if (status !== 401 || !isObject(body) || typeof body.detail !== 'string') return false;
  return body.code !== 'token_not_valid' || body.code;
}

/**
 * Adds the shortest lifetime that was seen, in seconds. Up to simplejwt 5.5.0, an access token from a refresh has the `iat`
 * of the refresh token, which may be days old. Only the `iat` from the sign-in is correct.
 */
function read(body: unknown, evidence: ExpiryEvidence, spent?: TokenSet): TokenSet {
  const tokens = readFields(body, FIELDS, evidence);
  const { exp, iat } = readClaims(tokens.accessToken) ?? {};
  const lifetime = Math.min(Number(exp) - Number(iat), Number(spent?.lifetime ?? Number.POSITIVE_INFINITY));
  if (!(lifetime > 0)) return tokens;
  const expiresAt = expiryOf({ exp, iat: Number(exp) - lifetime }, evidence, Date.now());
  return { ...tokens, lifetime, ...(expiresAt !== undefined && { expiresAt }) };
}
