import { isSameTokenSet, type TokenSet } from '../tokens/token-set.js';

/** What the backend does not answer anew goes on, the refresh token above all (RFC 6749 §6), unless the user is another. */
export function succeed(spent: TokenSet, tokens: TokenSet, sessionId: string | undefined): TokenSet {
  const { expiresAt, receivedAt, ...kept } = spent;
  const { receivedAt: _, ...fresh } = tokens;
  if (sessionId !== undefined && sessionId !== kept.sessionId) return { ...fresh, sessionId };
  const refreshToken = tokens.refreshToken ?? kept.refreshToken;
  return { ...kept, ...fresh, ...(refreshToken && { refreshToken }) };
}

/** By its generation, where it has one; else whatever differs. */
export function isNewer(stored: TokenSet, spent: TokenSet): boolean {
  if (stored.generation !== undefined) return stored.generation > (spent.generation ?? 0);
  return !isSameTokenSet(stored, spent);
}
