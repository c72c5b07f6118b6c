import { isObject } from '../kind-of.js';
import { readClaims } from '../tokens/claims.js';
import { type ExpiryEvidence, expiryOf } from '../tokens/expiry.js';
import { assertTokenSet, extrasOf, type TokenSet } from '../tokens/token-set.js';

/** What the fields of an answer are called there. */
export interface FieldNames {
  accessToken: string;
  refreshToken?: string;
  expiresIn?: string;
}

/**
 * Reads a token response (RFC 6749 §5.1); what else it holds travels along. `path` is where it was found, for messages.
 * @throws {SessionError} `invalid_token_response`, naming the field.
 */
export function readFields(
  answer: unknown,
  names: FieldNames,
  evidence: ExpiryEvidence,
  path = '',
): TokenSet {
  const { accessToken, refreshToken = '', expiresIn = '' } = names;
  const given = isObject(answer) ? answer : {};
  // What the SDK means by its own names, a backend that uses them does not.
  const tokens = extrasOf(given);
  for (const name of [accessToken, refreshToken, expiresIn]) delete tokens[name];
  // Where there is none, what there is instead tells more.
  tokens.accessToken = given[accessToken] ?? (isObject(answer) ? answer : undefined);
  if (given[refreshToken] != null) tokens.refreshToken = given[refreshToken];
  assertTokenSet(tokens, { accessToken: path + accessToken, refreshToken: path + refreshToken });
  const told = { ...evidence, expiresIn: given[expiresIn] };
  const expiresAt = expiryOf(readClaims(tokens.accessToken), told, Date.now());
  if (expiresAt !== undefined) tokens.expiresAt = expiresAt;
  return tokens;
}
