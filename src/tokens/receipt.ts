import { readClaims } from './claims.js';
import { expiryOf } from './expiry.js';
import type { TokenSet } from './token-set.js';

/**
 * Notes on a token set when it came, and when it expires as far as that can be known: once, where it arrives. A set that
 * has been noted before, in another tab or before a reload, stays as it is.
 */
export function noteReceipt(tokens: TokenSet, minted: boolean): TokenSet {
  if (tokens.receivedAt !== undefined) return tokens;
  const receivedAt = Date.now();
  const { expiresAt = expiryOf(readClaims(tokens.accessToken), { minted }, receivedAt), ...others } = tokens;
  // Made this moment and expired already: a clock is wrong, and the server will say when it is over (law 8).
  const known = expiresAt !== undefined && !(minted && expiresAt <= receivedAt);
  return { ...others, receivedAt, ...(known && { expiresAt }) };
}
