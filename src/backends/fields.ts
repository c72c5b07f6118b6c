import { isObject } from '../kind-of.js';
import { readClaims } from '../tokens/claims.js';
import { type ExpiryEvidence, expiryOf } from '../tokens/expiry.js';
import { assertTokenSet, extrasOf, type TokenSet } from '../tokens/token-set.js';

/** The backend's names for the fields of a token response. */
export interface FieldNames {
  accessToken: string;
  refreshToken?: string;
  expiresIn?: string;
}

/**
 * Reads a token response (RFC 6749 §5.1). Other fields are kept. `path`: where `answer` is in the body, for error messages.
 * @throws {SessionError} `invalid_token_response`; the message names the field.
 */
export function readFields(
  answer: unknown,
  names: FieldNames,
  evidence: ExpiryEvidence,
  path = '',
): TokenSet {
  const { accessToken, refreshToken = '', expiresIn = '' } = names;
  const given = isObject(answer) ? answer : {};
  // Fields with the SDK's own names are left out: the backend means something else by them.
  const tokens = extrasOf(given);
  for (const name of [accessToken, refreshToken, expiresIn]) delete tokens[name];
  // If there is no access token, the error message names the fields that there are instead.
  tokens.accessToken = given[accessToken] ?? (isObject(answer) ? answer : undefined);
  if (given[refreshToken] != null) tokens.refreshToken = given[refreshToken];
  assertTokenSet(tokens, { accessToken: path + accessToken, refreshToken: path + refreshToken });
  const allEvidence = { ...evidence, expiresIn: given[expiresIn] };
  const expiresAt = expiryOf(readClaims(tokens.accessToken), allEvidence, Date.now());
  if (expiresAt !== undefined) tokens.expiresAt = expiresAt;
  return tokens;
}
