import { SessionError } from '../errors.js';
import { isObject, kindOf } from '../kind-of.js';

/** The tokens that a backend issues: the access token response of RFC 6749 §5.1, with this SDK's field names. */
export interface TokenSet {
  /** If it is a JWT, the SDK reads `exp`, `iat` and the claims that identify the user. */
  accessToken: string;
  /** Never decoded. Absent if it is in a cookie, or if the backend issues none. */
  refreshToken?: string;
  /**
   * ms since the epoch, on this computer's clock. The SDK sets it when the tokens arrive, if the expiry can be known.
   */
  expiresAt?: number;
  /** ms since the epoch, on this computer's clock: when the SDK received the access token. */
  receivedAt?: number;
  /** ms since the epoch, on this computer's clock: when the refresh token expires, if the backend reports it. */
  endsAt?: number | undefined;
  /**
   * Set by the SDK if members share the session: counts the session's changes. `0`: unknown, because the store loses
   * it on reload; the number in another tab is newer.
   */
  generation?: number;
  /** Set by the SDK if members share the session: identifies the sign-in that the tokens come from. */
  sessionId?: string;
  /** Set by the SDK: the `refreshUrl` of the backend that issued the tokens. */
  refreshUrl?: string;
  /** Other fields of the response are stored too. */
  [extra: string]: unknown;
}

/** What a backend adds: all fields but those that have a meaning for the SDK. */
export function extrasOf(tokens: { [name: string]: unknown }): Record<string, unknown> {
  const { accessToken, refreshToken, expiresAt, receivedAt, endsAt, ...others } = tokens;
  const { generation, sessionId, refreshUrl, ...extras } = others;
  return extras;
}

export function isTokenSet(value: unknown): value is TokenSet {
  return isObject(value) && typeof value.accessToken === 'string' && value.accessToken !== '';
}

/**
 * Checks the fields of a backend's response. `names`: the backend's names for the fields.
 * @throws {SessionError} `invalid_token_response`; the message names the field and never shows its content.
 */
export function assertTokenSet(
  value: { accessToken?: unknown; refreshToken?: unknown; expiresAt?: unknown } | undefined,
  names: { accessToken: string; refreshToken: string } = {
    accessToken: 'accessToken',
    refreshToken: 'refreshToken',
  },
): asserts value is TokenSet {
  const { accessToken, refreshToken, expiresAt } = value ?? {};
  // The characters that a header or a query can hold: visible ASCII (RFC 6750 §2.1).
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]+$/.test(accessToken)) {
    throw invalid(names.accessToken, 'a non-empty string of visible ASCII characters', accessToken);
  }
  // Visible ASCII and spaces (RFC 6749 §A.17). Some platforms show an invalid header value in their error.
  if (
    refreshToken !== undefined &&
    (typeof refreshToken !== 'string' || !/^[\x20-\x7e]+$/.test(refreshToken))
  ) {
    throw invalid(names.refreshToken, 'a non-empty string of ASCII characters, or absent', refreshToken);
  }
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) {
    throw invalid('expiresAt', 'a time in ms since the epoch, or absent', expiresAt);
  }
}

function invalid(name: string, wanted: string, got: unknown): SessionError {
  return new SessionError('invalid_token_response', `"${name}" must be ${wanted}, got ${kindOf(got)}`);
}

export function isSameTokenSet(a: TokenSet, b: TokenSet): boolean {
  return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken;
}
