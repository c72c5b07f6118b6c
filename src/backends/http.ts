import { assertKnown, assertTexts } from '../assert.js';
import { SessionError } from '../errors.js';
import { ownAddress, readUrl } from '../page-address.js';
import type { SignOut } from '../sign-out/sign-out.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Backend, Carry } from './backend.js';
import type { Refused } from './codes.js';
import { warnIfExposed } from './exposed.js';

/** What every backend of this package takes. */
export interface EndpointOptions {
  /**
   * Where to refresh. A path is resolved when the backend is made, on the page's own origin: a `<base>` of another origin does
   * not move it. Without a page, e.g. on a server, an absolute URL is needed.
   */
  url: string;
  /** Further headers of the requests for new tokens and for the sign-out. A function is called for each of them. @default none */
  headers?: ExtraHeaders;
  /** Whether these requests send cookies. @default 'same-origin' */
  credentials?: RequestCredentials;
  /** Where the access token goes. @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /**
   * `true`: your refresh tokens are JWTs, and `session.endsAt` is read from their `exp`. Not needed if the backend answers
   * `refresh_expires_in` (seconds).
   * @default false
   */
  refreshTokenIsJwt?: boolean;
  /**
   * How an answer says in its body that the access token is refused.
   * GraphQL: `{ statuses: [200], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' }`
   * @default only a 401 is a refusal
   */
  refused?: Refused;
  /**
   * How an answer says in its body that the user must prove more, for `withStepUp`: `stepUpCodes({ codes: ['mfa_required'] })`, or a
   * function of your own. A challenge by RFC 9470 is understood without.
   * @default none
   */
  stepUp?: NonNullable<Backend['stepUp']>;
  /**
   * How `signOut()` tells the server: `logout(url)`; `revocation(url)` for OAuth 2.0, `blacklist(url)` for simplejwt.
   * @default the server is not told, and what it issued stays good until it expires
   */
  signOut?: SignOutOption;
}

/** What a backend of this package takes as `signOut`. */
export type SignOutOption = (options: EndpointOptions, backend: Backend) => SignOut;

/** Headers, or a function that computes them. It may be asynchronous. */
export type ExtraHeaders =
  | Record<string, string>
  | (() => Record<string, string> | Promise<Record<string, string>>);

/** A request to an endpoint of the backend. */
export interface Call extends Omit<RequestInit, 'headers'> {
  /** The URL with what is added to its query. It may hold a token, so no message shows it. @default the backend's own */
  url?: string;
  headers?: Record<string, string>;
}

/**
 * Whether an answer says that the token is refused: in words if more than its status says so, and then only in words that the
 * application chose. `body` is the parsed JSON, or `undefined` if it is not JSON.
 */
export type Refusal = (status: number, body: unknown) => string | boolean | undefined;

/**
 * Asks an endpoint, by POST unless `call` says otherwise. Returns the body of the answer, and what the answer says about the
 * lifetime of its tokens.
 * @throws {SessionError} `refresh_rejected` for a refusal. `refresh_unavailable` for whatever says nothing about the user: no
 * answer, a redirect, any other status from 400 on, a success that is not JSON, unless it `needsNoBody` and is no page.
 */
export async function ask(
  options: EndpointOptions,
  call: Call,
  refusal: Refusal,
  needsNoBody = false,
): Promise<[body: unknown, evidence: ExpiryEvidence]> {
  const { url } = options;
  // Awaited only if it must be: a call that begins as the page is left has to be sent at once.
  const more = typeof options.headers === 'function' ? await options.headers() : options.headers;
  const headers = { Accept: 'application/json', ...more, ...call.headers };
  const answer = await send(options, { ...call, headers });
  const { status } = answer;
  // Not followed: it would turn POST into GET, or carry the refresh token to where it does not belong. Browsers
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
 * The options that every backend has, with an absolute URL.
 * @throws {TypeError} if the URL is none, if it depends on a `<base>` of another origin, or if there is another option.
 */
export function readEndpoint(given: EndpointOptions): EndpointOptions {
  const { url, headers, credentials, carry, refreshTokenIsJwt, refused, stepUp, signOut, ...unknown } =
    given ?? {};
  assertKnown(unknown);
  assertKnown(carry, 'header', 'scheme', 'query');
  return { ...given, url: endpointUrl(url, 'refresh') };
}

/**
 * Makes a URL absolute: nothing that happens in the page later can move it.
 * @throws {TypeError} if it is none, or depends on a `<base>` of another origin.
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

/** Token answers take a few kB. What is much longer, or has no end, must not fill the memory. */
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
