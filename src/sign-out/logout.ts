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
import { assertPlace, callWith, formOf, type TokenPlace, withAccessToken } from '../backends/place.js';
import { isSessionError } from '../errors.js';
import type { TokenSet } from '../tokens/token-set.js';
import { type Revoke, signOutBy } from './sign-out-by.js';

export interface LogoutOptions {
  /** The HTTP method of the logout request. @default 'POST' */
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Where the request has the refresh token. @default nowhere */
  refreshToken?: TokenPlace;
}

/**
 * Ends the session by a request to a logout URL, with the access token, the backend's own headers and cookies, and the refresh
 * token if you say where: `logout('/logout', { refreshToken: { json: 'refresh' } })`. The URL follows the rules of the refresh URL.
 */
export function logout(
  url: string,
  { method = 'POST', refreshToken: place, ...unknown }: LogoutOptions = {},
): SignOutOption {
  assertKnown(unknown);
  assertPlace(place);
  return (options, backend) => {
    const { carry = {}, refused } = options;
    const call = (tokens: TokenSet) => {
      const { refreshToken } = tokens;
      const placed = place && refreshToken ? callWith(place, refreshToken, url) : {};
      return withAccessToken(carry, tokens, url, { method, ...placed });
    };
    const refuses = refusesBy(refused);
    const refusal: Refusal = (status, body) =>
      refuses({ status, headers: { get: () => null }, body: () => body });
    const tell = teller({ ...options, url }, call, refusal);
    return signOutBy(untilRefused(tell, backend));
  };
}

/** Puts the refresh token on the blacklist of djangorestframework-simplejwt (`TokenBlacklistView`). */
export function blacklist(url: string): SignOutOption {
  return logout(url, { refreshToken: { json: 'refresh' } });
}

/** Revokes the refresh token, or the access token if there is no other, at an OAuth 2.0 revocation endpoint (RFC 7009). */
export function revocation(url: string): SignOutOption {
  return (options) => {
    const { clientId } = options as EndpointOptions & { clientId?: string };
    const call = ({ refreshToken, accessToken }: TokenSet): Call => {
      const token_type_hint = refreshToken ? 'refresh_token' : 'access_token';
      const token = refreshToken ?? accessToken;
      return { body: formOf({ token, token_type_hint, ...(clientId && { client_id: clientId }) }) };
    };
    // A token that is no good is answered 200 (§2.2): an error is about the client, or the server.
    return signOutBy(teller({ ...options, url }, call, () => undefined));
  };
}

function teller(given: EndpointOptions, call: (tokens: TokenSet) => Call, refusal: Refusal): Revoke {
  const options = { ...given, url: endpointUrl(given.url, 'logout') };
  return (tokens, context) => ask(options, { keepalive: true, ...context, ...call(tokens) }, refusal, true);
}

/** A token that is refused may have expired: newer ones end the session. If there are none to be had, it is over. */
function untilRefused(tell: Revoke, { refresh }: Backend): Revoke {
  const unlessRefused = (error: unknown) => {
    if (!isSessionError(error, 'refresh_rejected')) throw error;
  };
  return (tokens, context) =>
    tell(tokens, context)
      .catch(async (error) => {
        unlessRefused(error);
        await tell({ ...tokens, ...(await refresh(tokens, context)) }, context);
      })
      .catch(unlessRefused);
}
