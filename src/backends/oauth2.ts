import { assertTexts } from '../assert.js';
import { SessionError } from '../errors.js';
import { isObject } from '../kind-of.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';
import { readFields } from './fields.js';
import { type EndpointOptions, fault, readEndpoint, refreshTokenOf } from './http.js';
import { formOf, type Parameters } from './place.js';
import { backendOf } from './protocol.js';

export interface OAuth2Options extends EndpointOptions {
  /** The client, a public one: a page can keep no secret. */
  clientId: string;
  /** The scope to ask for, part of what was granted at the sign-in. @default what was granted */
  scope?: string;
  /** Further parameters of the form: `audience`; `resource`, with a list to repeat it (RFC 8707). @default none */
  parameters?: Parameters & { client_secret?: never };
  /** The errors by which a refresh is refused: the user must sign in again. @default ['invalid_grant'] */
  rejected?: readonly string[];
  /** What `token_type` may say beside nothing, in upper or lower case. @default 'Bearer' */
  tokenType?: string;
}

const FIELDS = { accessToken: 'access_token', refreshToken: 'refresh_token', expiresIn: 'expires_in' };

/** The errors of RFC 6749 §5.2 that speak of the client, and what they call for. */
const REMEDIES: Record<string, string> = {
  invalid_client: 'check "clientId", and that the client is a public one',
  unauthorized_client: 'allow this client the grant type refresh_token',
  unsupported_grant_type: 'allow the grant type refresh_token',
  invalid_scope: 'check "scope"',
  invalid_request: 'check "parameters"',
};

/**
 * An OAuth 2.0 authorization server (RFC 6749 §6), for a public client. Only `invalid_grant` speaks of the user; an error
 * in the set-up of the client is told as `refresh_unavailable`, and signs nobody out.
 * @throws {TypeError} naming the option that is wrong.
 */
export function oauth2Backend(given: OAuth2Options): Backend {
  const {
    clientId,
    scope,
    parameters,
    rejected = ['invalid_grant'],
    tokenType = 'Bearer',
    ...common
  } = given ?? {};
  const options = { ...readEndpoint(common), clientId };
  assertTexts({ clientId });
  function request(tokens: TokenSet) {
    const refresh_token = refreshTokenOf(tokens);
    const fixed = { grant_type: 'refresh_token', client_id: clientId, refresh_token };
    return { body: formOf({ ...parameters, ...(scope && { scope }), ...fixed }) };
  }

  function refusal(status: number, body: unknown): string | false {
    const error = isObject(body) && body.error;
    if (!error) return false;
    if (rejected.includes(String(error))) return String(error);
    throw fault(options.url, `status ${status}: ${explain(String(error))}`);
  }

  function read(body: unknown, evidence: ExpiryEvidence): TokenSet {
    assertTokenType(body, tokenType);
    return readFields(body, FIELDS, evidence);
  }

  const backend = backendOf(options, { request, refusal, read });
  // A refresh token belongs to its client (RFC 6749 §6): another one must not use what it finds stored.
  return { ...backend, refreshUrl: `${options.url}#${clientId}` };
}

/** An error code as all of the registry look: what does not may be anything, and is not shown. */
const CODE = /^[a-z_]{1,40}$/;

function explain(error: string): string {
  const remedy = Object.hasOwn(REMEDIES, error) && REMEDIES[error];
  if (remedy) return `${error}: that is about the client, not the user; ${remedy}`;
  return CODE.test(error) ? error : 'an error of another form';
}

/** @throws {SessionError} for a token of a kind that is not understood: it must not be used (RFC 6749 §7.1). */
function assertTokenType(body: unknown, expected: string): void {
  const type = String((isObject(body) && body.token_type) || expected);
  if (type.toLowerCase() === expected.toLowerCase()) return;
  const message = `"token_type" must be ${expected}, got ${type.slice(0, 12)}: such a token is used in another way`;
  throw new SessionError('invalid_token_response', message);
}
