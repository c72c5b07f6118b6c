import type { Credentials } from './credentials.js';
import type { TokenSet } from './token-set.js';

/**
 * A refresh continues with the user it began with, unless the claims, or a sign-in that another member recorded, say otherwise. A
 * sign-in continues only if the claims say so, or if another member recorded this very sign-in.
 */
export function isSameUser(
  { subject: before, tokens: { sessionId } }: Credentials,
  subject: string | undefined,
  tokens: TokenSet,
  minted: boolean,
): boolean {
  if (subject !== undefined && before !== undefined) return subject === before;
  return sessionId === tokens.sessionId && (minted || sessionId !== undefined);
}
