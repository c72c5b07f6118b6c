import { readClaims } from '../tokens/claims.js';
import { type ExpiryEvidence, expiryOf } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * Adds when the refresh token expires, on this computer's clock: as the response says, or else by the `exp` of a JWT. If
 * the response has no new refresh token, the old one stays in use, and so does its `endsAt`. A refresh token in a cookie
 * may be new with each response.
 */
export function withEnd(
  tokens: TokenSet,
  spent: TokenSet | undefined,
  { serverTime }: ExpiryEvidence,
  isJwt: boolean | undefined,
): TokenSet {
  const { refreshToken, refresh_expires_in, refresh_token_expires_in } = tokens;
  if (!refreshToken && spent?.refreshToken) return tokens;
  const now = Date.now();
  const claims = isJwt && refreshToken ? readClaims(refreshToken) : null;
  const expiresIn = refresh_expires_in ?? refresh_token_expires_in;
  const end = expiryOf(claims, { expiresIn, serverTime }, now);
  // A token that has just been issued cannot have expired: a clock is wrong.
  const endsAt = end && end > now ? end : undefined;
  // Set even if it is `undefined`: otherwise the `endsAt` of the old tokens would be kept.
  return endsAt || spent?.endsAt ? { ...tokens, endsAt } : tokens;
}
