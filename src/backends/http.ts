import { assertKnown, assertTexts } from '../assert.js';
import { SessionError } from '../errors.js';
import { ownAddress, readUrl } from '../page-address.js';
import type { SignOut } from '../sign-out/sign-out.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend, Carry } from './backend.js';
import type { Refused } from './codes.js';
import { warnIfExposed } from './exposed.js';

/** The options of every backend of this package. */
export interface EndpointOptions {
  /**
   * The URL of the refresh endpoint. A path is resolved on the page's own origin when the backend is created; a `<base>` of
   * another origin does not change that. Without a page, e.g. on a server, an absolute URL is needed.
   */
  url: string;
  /** Additional headers of the refresh and sign-out requests. A function is called for each request. @default none */
  headers?: ExtraHeaders;
  /** Whether the requests of this backend send cookies. @default 'same-origin' */
  credentials?: RequestCredentials;
  /** Where requests carry the access token. @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /**
   * `true`: your refresh tokens are JWTs, and `session.endsAt` is read from their `exp`. Not needed if the backend sends
   * `refresh_expires_in` (seconds).
   * @default false
   */
  refreshTokenIsJwt?: boolean;
  /**
   * How a response body shows that the access token is refused.
   * GraphQL: `{ statuses: [200], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' }`
   * @default only a 401 is a refusal
   */
  refused?: Refused;
  /**
   * For `withStepUp`: finds out from a response body what the user must prove. Use
   * `stepUpCodes({ codes: ['mfa_required'] })`, or your own function. An RFC 9470 challenge needs no such option.
   * @default none
   */
  stepUp?: NonNullable<Backend['stepUp']>;
  /**
   * How `signOut()` tells the server: `logout(url)`; `revocation(url)` for OAuth 2.0, `blacklist(url)` for simplejwt.
   * @default the server is not told, and its tokens stay valid until they expire
   */
  signOut?: SignOutOption;
}

/** The type of the option `signOut`: the functions `logout`, `revocation` and `blacklist` return it. */
export type SignOutOption = (options: EndpointOptions, backend: Backend) => SignOut;

/** Headers, or a function that computes them. It may be asynchronous. */
export type ExtraHeaders =
  | Record<string, string>
  | (() => Record<string, string> | Promise<Record<string, string>>);

/** A request to an endpoint of the backend. */
export interface Call extends Omit<RequestInit, 'headers'> {
  /** The URL with added query parameters. It may contain a token, so no message shows it. @default the endpoint's own */
  url?: string;
  headers?: Record<string, string>;
}

/**
 * Whether a response means that the token is refused. A string is the code to show in the error message: one that the
 * options or this package know, never other text of the server. `body`: the parsed JSON, or `undefined` if it is not JSON.
 */
export type Refusal = (status: number, body: unknown) => string | boolean | undefined;

/**
 * Sends a request to an endpoint, by POST unless `call` has another method. Returns the body of the response, and what the
 * response says about the lifetime of its tokens.
 * @throws {SessionError} `refresh_rejected` if the response is a refusal. `refresh_unavailable` if the outcome says nothing
 * about the user: no response, a redirect, any other status from 400 on, or a body that is not JSON. With `needsNoBody`, a
 * body that is not JSON is an error only if it is an HTML page.
 */
export async function ask(
  options: EndpointOptions,
  call: Call,
  refusal: Refusal,
  needsNoBody = false,
): Promise<[body: unknown, evidence: ExpiryEvidence]> {
  const { url } = options;
  // Await only if needed: when the user leaves the page, the request must be sent before this function returns.
  const more = typeof options.headers === 'function' ? await options.headers() : options.headers;
  const headers = { Accept: 'application/json', ...more, ...call.headers };
  const answer = await send(options, { ...call, headers });
  const { status } = answer;
  // A redirect is not followed: it could turn the POST into a GET, or send the refresh token to another server. Browsers
  // show it as status 0.
  if (!status || (status >= 300 && status < 400))
    throw fault(url, 'a redirect: "url" may lack its last slash', answer);
  const isPassing = status >= 500 || [408, 425, 429].includes(status);
  const text = await textOf(answer, url);
  const body = parse(text);
  const refused = !isPassing && refusal(status, body);
  if (refused) {
    const words = refused === true ? '' : `: ${refused}`;
    throw new SessionError('refresh_rejected', `${url} refused with status ${status}${words}`);
  }
  const isFine = body !== undefined || (needsNoBody && !/^\s*</.test(text));
  const kind = isFine ? '' : ', not JSON';
  if (status >= 400 || kind) throw fault(url, `status ${status}${kind}`, answer);
  return [body, { serverTime: readDate(answer.headers.get('date')), minted: true }];
}

export function fault(url: string, answered: string, answer?: Response): SessionError {
  const retryAfter = readRetryAfter(answer?.headers);
  return new SessionError('refresh_unavailable', `${url} answered ${answered}`, { retryAfter });
}

/** @throws {SessionError} `refresh_rejected` if there is none. */
export function refreshTokenOf({ refreshToken }: TokenSet): string {
  if (refreshToken) return refreshToken;
  throw new SessionError('refresh_rejected', 'There is no refresh token');
}

/**
 * Checks the options that every backend has, and makes the URL absolute.
 * @throws {TypeError} if the URL is missing or depends on a `<base>` of another origin, or if an option is unknown.
 */
export function readEndpoint(given: EndpointOptions): EndpointOptions {
  const { url, headers, credentials, carry, refreshTokenIsJwt, refused, stepUp, signOut, ...unknown } =
    given ?? {};
  assertKnown(unknown);
  assertKnown(carry, 'header', 'scheme', 'query');
  return { ...given, url: endpointUrl(url, 'refresh') };
}

/**
 * Makes a URL absolute, so that later changes of the page do not affect it.
 * @throws {TypeError} if it is not a non-empty string, or depends on a `<base>` of another origin.
 */
export function endpointUrl(url: string, endpoint: string): string {
  assertTexts({ url }, `the URL of the ${endpoint} endpoint`);
  const address = ownAddress('url', url);
  warnIfExposed(address);
  return address;
}

function send({ url, credentials = 'same-origin' }: EndpointOptions, call: Call): Promise<Response> {
  if (!readUrl(url)) {
    const message = `"url" must be an absolute URL where there is no page, got ${url}`;
    return Promise.reject(new SessionError('refresh_unavailable', message));
  }
  const init: RequestInit = { method: 'POST', redirect: 'manual', credentials, ...call };
  return fetch(call.url ?? url, init).catch((cause) => {
    const advice = 'Check the network, the address, and that CORS allows its headers';
    throw new SessionError('refresh_unavailable', `${url} could not be reached. ${advice}`, { cause });
  });
}

/** A token response has a few kB. A much longer one, or one without an end, must not fill the memory. */
const LONGEST_ANSWER = 1_000_000;

/** @throws {SessionError} `refresh_unavailable` if it is too long. */
async function textOf(answer: Response, url: string): Promise<string> {
  // React Native's fetch has no streams, and older versions of it have no TextDecoder.
  const reader = globalThis.TextDecoder && answer.body?.getReader?.();
  if (!reader) return answer.text();
  const decoder = new TextDecoder();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    if (text.length <= LONGEST_ANSWER) continue;
    reader.cancel().catch(() => {});
    throw fault(url, `more than ${LONGEST_ANSWER} characters`);
  }
  return text + decoder.decode();
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
