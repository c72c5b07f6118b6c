import type { Credentials } from './credentials.js';
import type { TokenSet } from './token-set.js';

/**
 * Whether new tokens belong to the same user as the current credentials. If both have a `subject`, the subjects decide. Otherwise
 * a refresh (`minted`) keeps the user, unless its tokens belong to another sign-in; other tokens keep the user only if they come
 * from the same recorded sign-in.
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
