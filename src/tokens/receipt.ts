import { readClaims } from './claims.js';
import { expiryOf } from './expiry.js';
import type { TokenSet } from './token-set.js';

/**
 * Notes when a token set arrived, and when it expires if that can be known. A set that was noted before, in another tab or before a
 * reload, stays as it is. `minted`: the backend made it just now.
 */
export function noteReceipt(tokens: TokenSet, minted: boolean): TokenSet {
  if (tokens.receivedAt !== undefined) return tokens;
  const receivedAt = Date.now();
  const { expiresAt = expiryOf(readClaims(tokens.accessToken), { minted }, receivedAt), ...others } = tokens;
  // Just made, and expired already: a clock is wrong. The server will say when it is over.
  const known = expiresAt !== undefined && !(minted && expiresAt <= receivedAt);
  return { ...others, receivedAt, ...(known && { expiresAt }) };
}
