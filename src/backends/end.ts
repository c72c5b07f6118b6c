import { readClaims } from '../tokens/claims.js';
import { type ExpiryEvidence, expiryOf } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * Notes when the refresh token expires, by this computer's clock: as the answer says, else by its `exp` if it is a JWT. Without a new
 * refresh token the old one goes on, and so does its end. One in a cookie may be new with each answer.
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
  // Issued just now, and expired already? Then a clock is wrong.
  const endsAt = end && end > now ? end : undefined;
  // The end of the tokens before must not go on with these.
  return endsAt || spent?.endsAt ? { ...tokens, endsAt } : tokens;
}
