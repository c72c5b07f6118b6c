import type { Claims } from './claims.js';

/** What is known about a token's lifetime besides its claims. */
export interface ExpiryEvidence {
  /**
   * `expires_in`: seconds from receipt (RFC 6749 §5.1), as a number or as digits. 0 and any other value are ignored.
   */
  expiresIn?: unknown;
  /** An absolute time on the server's clock, in ms since the epoch (the parsed `token_time`). */
  expiryTime?: number | undefined;
  /** The server's clock when it responded, in ms since the epoch (the `Date` header). */
  serverTime?: number | undefined;
  /** The token was created for this response, so its `iat` shows the server's clock. */
  minted?: boolean;
}

/** ms. If a token seems to live less, a clock is wrong. */
const SHORTEST_LIFETIME = 1000;

/**
 * Calculates when a new access token expires, on this computer's clock, which may be wrong by hours (guarantee 8). So
 * lifetimes count from receipt, and absolute times are compared with the server's clock if that is known. Returns
 * `undefined` if the expiry is unknown or never comes; the token is then used until the server refuses it.
 */
export function expiryOf(claims: Claims | null, evidence: ExpiryEvidence, now: number): number | undefined {
  const expiresAt = estimate(claims, evidence, now);
  // Also false if it is unknown: the absolute value of `undefined` is NaN.
  return Math.abs(expiresAt!) <= LATEST ? expiresAt : undefined;
}

function estimate(claims: Claims | null, evidence: ExpiryEvidence, now: number): number | undefined {
  const { expiryTime, minted } = evidence;
  const expiresIn = seconds(evidence.expiresIn);
  if (expiresIn > 0) return now + expiresIn * 1000;

  const exp = milliseconds(claims?.exp);
  const iat = milliseconds(claims?.iat);
  const serverNow = readClock(evidence.serverTime ?? (minted ? iat : undefined), now);
  if (exp === undefined) return expiryTime ? now + expiryTime - serverNow : undefined;
  // A token that arrives long after its `iat` does not get its whole lifetime again: `exp` counts too.
  const left = Math.min(exp - (iat ?? 0), exp - serverNow);
  // The token is new, but seems to end now: this computer's clock is ahead.
  return minted && left < SHORTEST_LIFETIME ? undefined : now + left;
}

/**
 * The server's time now. Servers print whole seconds, rounded down. If the two clocks can be equal, they count as
 * equal.
 */
function readClock(printed: number | undefined, now: number): number {
  if (printed === undefined) return now;
  return printed <= now && now < printed + 1000 ? now : printed + 1000;
}

/** The last moment that a `Date` can hold, in ms. A later expiry, e.g. after 1e308 seconds, counts as none. */
const LATEST = 8.64e15;

function seconds(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))
    ? Number(value)
    : 0;
}

/** `undefined` if the value is not a valid time. */
function milliseconds(numericDate: unknown): number | undefined {
  const isMoment = typeof numericDate === 'number' && Math.abs(numericDate * 1000) <= LATEST;
  return isMoment ? numericDate * 1000 : undefined;
}
