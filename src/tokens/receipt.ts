import { readClaims } from './claims.js';
import { expiryOf } from './expiry.js';
import type { TokenSet } from './token-set.js';

/**
 * Adds the time when a token set arrived, and its expiry if that can be known. A set that has these times already
 * (from another tab, or from before a reload) stays as it is. `minted`: the backend created the tokens just now.
 */
export function noteReceipt(tokens: TokenSet, minted: boolean): TokenSet {
  if (tokens.receivedAt !== undefined) return tokens;
  const receivedAt = Date.now();
  const { expiresAt = expiryOf(readClaims(tokens.accessToken), { minted }, receivedAt), ...others } = tokens;
  // The tokens are new, but seem expired: a clock is wrong. Use them until the server refuses them.
  const known = expiresAt !== undefined && !(minted && expiresAt <= receivedAt);
  return { ...others, receivedAt, ...(known && { expiresAt }) };
}
