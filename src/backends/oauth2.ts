import { assertArrays, assertTexts } from '../assert.js';
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
  /** The ID of a public client: a page cannot keep a client secret. */
  clientId: string;
  /** The scope to request: a part of the scope that was granted at sign-in. @default what was granted */
  scope?: string;
  /** Additional parameters of the form: `audience`; `resource`, with a list to repeat it (RFC 8707). @default none */
  parameters?: Parameters & { client_secret?: never };
  /** The errors of a rejected refresh: the user must sign in again. @default ['invalid_grant'] */
  rejected?: readonly string[];
  /** The expected `token_type`, in upper or lower case. A response without `token_type` is accepted, too. @default 'Bearer' */
  tokenType?: string;
}

const FIELDS = { accessToken: 'access_token', refreshToken: 'refresh_token', expiresIn: 'expires_in' };

/** The errors of RFC 6749 §5.2 that are about the client, and how to fix them. */
const REMEDIES: Record<string, string> = {
  invalid_client: 'check "clientId", and that the client is a public one',
  unauthorized_client: 'allow this client the grant type refresh_token',
  unsupported_grant_type: 'allow the grant type refresh_token',
  invalid_scope: 'check "scope"',
  invalid_request: 'check "parameters"',
};

/**
 * Creates a backend for an OAuth 2.0 authorization server (RFC 6749 §6) with a public client. By default, only
 * `invalid_grant` means that the user must sign in again. An error in the configuration of the client becomes
 * `refresh_unavailable`, and signs no user out.
 * @throws {TypeError} if an option is invalid; the message names the option.
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
  assertArrays({ rejected });
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
  // A refresh token belongs to its client (RFC 6749 §6): another client must not use the stored tokens.
  return { ...backend, refreshUrl: `${options.url}#${clientId}` };
}

/** The form of all registered error codes. Any other text could be a token, so it is not shown. */
const CODE = /^[a-z_]{1,40}$/;

function explain(error: string): string {
  const remedy = Object.hasOwn(REMEDIES, error) && REMEDIES[error];
  if (remedy) return `${error}: that is about the client, not the user; ${remedy}`;
  return CODE.test(error) ? error : 'an error of another form';
}

/** @throws {SessionError} if the token has another type: this SDK does not know how to use it (RFC 6749 §7.1). */
function assertTokenType(body: unknown, expected: string): void {
  const type = String((isObject(body) && body.token_type) || expected);
  if (type.toLowerCase() === expected.toLowerCase()) return;
  const message = `"token_type" must be ${expected}, got ${type.slice(0, 12)}: such tokens are not supported`;
  throw new SessionError('invalid_token_response', message);
}
