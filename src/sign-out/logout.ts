import { assertKnown } from '../assert.js';
import type { Backend } from '../backends/backend.js';
import { refusesBy } from '../backends/codes.js';
import {
  ask,
  type Call,
  type EndpointOptions,
  endpointUrl,
  type Refusal,
  type SignOutOption,
} from '../backends/http.js';
import {
  assertPlace,
  callBy,
  callWith,
  formOf,
  type TokenPlace,
  withAccessToken,
} from '../backends/place.js';
import { isSessionError } from '../errors.js';
import type { TokenSet } from '../tokens/token-set.js';
import { type Revoke, signOutBy } from './sign-out-by.js';

export interface LogoutOptions {
  /** The HTTP method of the logout request. @default 'POST' */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Where the request carries the refresh token. @default it is not sent */
  refreshToken?: TokenPlace;
}

/**
 * Ends the session with a request to a logout URL. The request carries the access token, the headers and cookies of the backend
 * and, if you say where, the refresh token: `logout('/logout', { refreshToken: { json: 'refresh' } })`. The URL is resolved like
 * the refresh URL.
 */
export function logout(
  url: string,
  { method = 'POST', refreshToken: place, ...unknown }: LogoutOptions = {},
): SignOutOption {
  assertKnown(unknown);
  assertPlace(place, method);
  return (options, backend) => {
    const address = endpointUrl(url, 'logout');
    const { carry = {}, refused } = options;
    const call = (tokens: TokenSet) => {
      const { refreshToken } = tokens;
      const placed = place && refreshToken ? callWith(place, refreshToken, address) : {};
      return withAccessToken(carry, tokens, address, { ...callBy(method), ...placed });
    };
    const refuses = refusesBy(refused);
    const refusal: Refusal = (status, body) =>
      refuses({ status, headers: { get: () => null }, body: () => body });
    const tell = teller({ ...options, url: address }, call, refusal);
    return signOutBy(refreshIfRefused(tell, backend));
  };
}

/** Puts the refresh token on the blacklist of djangorestframework-simplejwt (`TokenBlacklistView`). */
export function blacklist(url: string): SignOutOption {
  return logout(url, { refreshToken: { json: 'refresh' } });
}

/**
 * Revokes the refresh token, or the access token if there is no refresh token, at an OAuth 2.0 revocation endpoint (RFC 7009).
 */
export function revocation(url: string): SignOutOption {
  return (options) => {
    const { clientId } = options as EndpointOptions & { clientId?: string };
    const call = ({ refreshToken, accessToken }: TokenSet): Call => {
      const token_type_hint = refreshToken ? 'refresh_token' : 'access_token';
      const token = refreshToken ?? accessToken;
      return { body: formOf({ token, token_type_hint, ...(clientId && { client_id: clientId }) }) };
    };
    // For an invalid token, the server answers 200 (§2.2): an error response never means that the token is refused.
    return signOutBy(teller({ ...options, url: endpointUrl(url, 'revocation') }, call, () => undefined));
  };
}

function teller(options: EndpointOptions, call: (tokens: TokenSet) => Call, refusal: Refusal): Revoke {
  return (tokens, context) => ask(options, { keepalive: true, ...context, ...call(tokens) }, refusal, true);
}

/**
 * If the tokens are refused, they may have expired: refreshes, and tells the server again with the new ones. If the refresh is
 * refused too, the session has already ended.
 */
function refreshIfRefused(tell: Revoke, { refresh }: Backend): Revoke {
  const throwUnlessRefused = (error: unknown) => {
    if (!isSessionError(error, 'refresh_rejected')) throw error;
  };
  return (tokens, context) =>
    tell(tokens, context).catch((error) => {
      throwUnlessRefused(error);
      const tellAgain = (fresh: TokenSet) => tell({ ...tokens, ...fresh }, context);
      return refresh(tokens, context).then(tellAgain, throwUnlessRefused);
    });
}
