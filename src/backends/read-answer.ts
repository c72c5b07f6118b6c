import { isSessionError, SessionError, wordsOf } from '../errors.js';
import { isObject } from '../kind-of.js';
import { assertTokenSet, isTokenSet, type TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';

/**
 * Reads the argument of `signIn`: a login response, as the backend reads it, or else a token set.
 * @throws {SessionError} `invalid_token_response`.
 */
export function readAnswer(backend: Backend, answer: unknown): TokenSet {
  try {
    const tokens = backend.readTokens(answer);
    assertTokenSet(tokens);
    return tokens;
  } catch (reason) {
    if (isTokenSet(answer)) return answer;
    if (isSessionError(reason)) throw reason;
    const cause = wordsOf(reason);
    throw new SessionError('invalid_token_response', `"readTokens" failed: ${cause.message}`, { cause });
  }
}

/** Like `readAnswer`, but a refresh token alone is enough: old code often removes an access token that has expired. */
export function readExisting(backend: Backend, existing: unknown): TokenSet | undefined {
  const values = isObject(existing) ? Object.values(existing) : [existing];
  // Old code may have its keys, but no token in them. An object without any keys is a mistake, such as a `Response`.
  if (values.length && !values.some(Boolean)) return undefined;
  if (isObject(existing) && typeof existing.refreshToken === 'string' && !existing.accessToken)
    return { ...existing, accessToken: '' };
  const tokens = readAnswer(backend, existing);
  assertTokenSet(tokens);
  return tokens;
}
