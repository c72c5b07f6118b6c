import type { ExpiryEvidence } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend } from './backend.js';
import { refusesBy } from './codes.js';
import { ask, type Call, type EndpointOptions, type Refusal } from './http.js';

/** What differs between the backends of this package. */
export interface Protocol {
  /** The request for new tokens. @throws {SessionError} `refresh_rejected` if there is nothing to ask with. */
  request(tokens: TokenSet): Call;
  /** Whether an answer to it says that the user must sign in again. */
  refusal: Refusal;
  /** Reads the answer to a sign-in, or to a refresh with the tokens `spent`. */
  read(body: unknown, evidence: ExpiryEvidence, spent?: TokenSet): TokenSet;
  /** Whether a good answer may have no body. @default false */
  needsNoBody?: boolean;
}

/** Makes a backend out of its protocol. */
export function backendOf(options: EndpointOptions, protocol: Protocol): Backend {
  const { carry = {}, refused, signOut } = options;
  const { request, refusal, read, needsNoBody } = protocol;
  const backend: Backend = {
    carry,
    refresh: async (tokens, { signal }) =>
      read(...(await ask(options, { signal, ...request(tokens) }, refusal, needsNoBody)), tokens),
    readTokens: (body) => read(body, {}),
    ...(refused && { refuses: refusesBy(refused) }),
  };
  return signOut ? { ...backend, signOut: signOut(options, backend) } : backend;
}
