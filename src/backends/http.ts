import { SessionError } from '../errors.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import { kindOf, type TokenSet } from '../tokens/token-set.js';
import type { Carry } from './backend.js';

/** What every backend of this package takes. */
export interface EndpointOptions {
  /** Where to refresh. */
  url: string;
  /** Further headers of the refresh request. */
  headers?: Record<string, string>;
  /** Whether the refresh request carries cookies. @default 'same-origin' */
  credentials?: RequestCredentials;
  /** Where the access token goes. @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /**
   * `true`: your refresh tokens are JWTs, and `session.endsAt` is read from their `exp`. Not needed if the backend answers
   * `refresh_expires_in` (seconds).
   * @default false
   */
  refreshTokenIsJwt?: boolean;
}

/**
 * By what an answer says that the user must sign in again, in words; `undefined`: it does not. `body` is read as JSON,
 * `undefined` where it is none.
 */
export type Refusal = (status: number, body: unknown) => string | undefined;

/**
 * Asks a token endpoint, by POST unless `init` says otherwise, and returns what it answered, and what that tells of the
 * tokens' lifetime.
 * @throws {SessionError} `refresh_rejected` for a refusal. `refresh_unavailable` for whatever says nothing of the user: no
 * answer, a redirect, any other status from 400 on, a success that is not JSON.
 */
export async function ask(
  options: EndpointOptions,
  init: RequestInit,
  refusal: Refusal,
): Promise<[body: unknown, evidence: ExpiryEvidence]> {
  const { url } = options;
  const answer = await send(options, init);
  const { status, headers } = answer;
  // Not followed: it would turn POST into GET, or carry the refresh token to where it does not belong (law 9). Browsers
  // show it as status 0.
  if (!status || (status >= 300 && status < 400))
    throw fault(url, 'a redirect: "url" may lack its last slash', headers);
  const isPassing = status >= 500 || [408, 425, 429].includes(status);
  const body = parse(await answer.text());
  const refused = !isPassing && refusal(status, body);
  if (refused) throw new SessionError('refresh_rejected', `${url} refused with ${refused}`);
  const kind = body === undefined ? ', not JSON' : '';
  if (status >= 400 || kind) throw fault(url, `status ${status}${kind}`, headers);
  return [body, { serverTime: readDate(headers.get('date')), minted: true }];
}

export function fault(url: string, answered: string, headers?: Headers): SessionError {
  const retryAfter = readRetryAfter(headers);
  return new SessionError('refresh_unavailable', `${url} answered ${answered}`, { retryAfter });
}

/** @throws {SessionError} `refresh_rejected` if there is none. */
export function refreshTokenOf({ refreshToken }: TokenSet): string {
  if (refreshToken) return refreshToken;
  throw new SessionError('refresh_rejected', 'There is no refresh token');
}

/** @throws {TypeError} if the URL is none. */
export function assertUrl({ url }: Partial<EndpointOptions> = {}): void {
  if (!url || typeof url !== 'string')
    throw new TypeError(`"url" must be the URL of the refresh endpoint, got ${kindOf(url)}`);
}

function send(
  { url, headers, credentials = 'same-origin' }: EndpointOptions,
  init: RequestInit,
): Promise<Response> {
  const all = { Accept: 'application/json', ...headers, ...init.headers };
  const request: RequestInit = { method: 'POST', redirect: 'manual', credentials, ...init, headers: all };
  return fetch(url, request).catch((cause) => {
    const advice =
      'Check the network, the address (relative only in a page), and that CORS allows its headers';
    throw new SessionError('refresh_unavailable', `${url} could not be reached. ${advice}`, { cause });
  });
}

/** `Retry-After` (RFC 9110 §10.2.3) in ms: seconds, or a date by the server's clock. */
function readRetryAfter(headers: Headers | undefined): number | undefined {
  const value = headers?.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = readDate(value);
  return date && Math.max(0, date - (readDate(headers?.get('date')) ?? Date.now()));
}

function readDate(value: string | null | undefined): number | undefined {
  return Date.parse(value ?? '') || undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
