import type { ExpiryEvidence } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';
import { refusesBy } from './codes.js';
import { withEnd } from './end.js';
import { ask, type Call, type EndpointOptions, type Refusal } from './http.js';
import { readBody } from './read-body.js';

/** What differs between the backends of this package. */
export interface Protocol {
  /** Creates the refresh request. @throws {SessionError} `refresh_rejected` if there is no refresh token. */
  request(tokens: TokenSet): Call;
  /** Whether its response means that the user must sign in again. */
  refusal: Refusal;
  /** Reads the response to a sign-in, or to a refresh with the tokens `spent`. */
  read(body: unknown, evidence: ExpiryEvidence, spent?: TokenSet): TokenSet;
  /** Whether a successful response may have no body, or one that is not JSON. @default false */
  needsNoBody?: boolean;
}

/** Creates a backend from its options and its protocol. */
export function backendOf(options: EndpointOptions, protocol: Protocol): Backend {
  const { url, carry = {}, refused, stepUp, signOut, refreshTokenIsJwt } = options;
  const { request, refusal, needsNoBody } = protocol;
  const read = (body: unknown, evidence: ExpiryEvidence, spent?: TokenSet) =>
    withEnd(protocol.read(body, evidence, spent), spent, evidence, refreshTokenIsJwt);
  const backend: Backend = {
    carry,
    refreshUrl: url,
    refresh: async (tokens, { signal }) =>
      read(...(await ask(options, { signal, ...request(tokens) }, refusal, needsNoBody)), tokens),
    readTokens: (body) => read(body, {}),
    readBody,
    ...(refused && { refuses: refusesBy(refused) }),
    ...(stepUp && { stepUp }),
  };
  return signOut ? { ...backend, signOut: signOut(options, backend) } : backend;
}
