import type { Claims } from './claims.js';

/** What is known of a token's lifetime beside its claims. */
export interface ExpiryEvidence {
  /** `expires_in`: seconds from receipt (RFC 6749 §5.1), as a number or in digits. Anything else, and 0, tells nothing. */
  expiresIn?: unknown;
  /** An absolute time by the server's clock, in ms since the epoch (`token_time`, read). */
  expiryTime?: number | undefined;
  /** The server's own clock when it answered, in ms since the epoch (the `Date` header). */
  serverTime?: number | undefined;
  /** The token was made for this answer, so that its `iat` tells the server's clock. */
  minted?: boolean;
}

/** ms. A token that seems to live less is one that a wrong clock looks at. */
const SHORTEST_LIFETIME = 1000;

/**
 * When an access token that has just arrived expires, on this computer's clock, which may be hours wrong (law 8).
 * So lifetimes are counted from receipt, and absolute times are held against the server's clock wherever that is known.
 * `undefined`: nobody can know, or it has no end; the token is used until the server refuses it.
 */
export function expiryOf(claims: Claims | null, evidence: ExpiryEvidence, now: number): number | undefined {
  const expiresAt = estimate(claims, evidence, now);
  return expiresAt !== undefined && Math.abs(expiresAt) <= LATEST ? expiresAt : undefined;
}

function estimate(claims: Claims | null, evidence: ExpiryEvidence, now: number): number | undefined {
  const { expiryTime, minted } = evidence;
  const expiresIn = seconds(evidence.expiresIn);
  if (expiresIn > 0) return now + expiresIn * 1000;

  const exp = milliseconds(claims?.exp);
  const iat = milliseconds(claims?.iat);
  const serverNow = readClock(evidence.serverTime ?? (minted ? iat : undefined), now);
  if (exp === undefined) return expiryTime ? now + expiryTime - serverNow : undefined;
  // A token handed over long after its `iat` gets no new life by it: `exp` counts as well.
  const left = Math.min(exp - (iat ?? 0), exp - serverNow);
  // Made this moment, yet as good as over: then it is this computer's clock that is ahead.
  return minted && left < SHORTEST_LIFETIME ? undefined : now + left;
}

/** The server's time now; it prints whole seconds, rounded down. Where the two clocks can agree, they do. */
function readClock(printed: number | undefined, now: number): number {
  if (printed === undefined) return now;
  return printed <= now && now < printed + 1000 ? now : printed + 1000;
}

/** The last moment that a `Date` can hold, in ms. What ends later, e.g. after 1e308 seconds, has no end. */
const LATEST = 8.64e15;

function seconds(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value))
    ? Number(value)
    : 0;
}

/** `undefined` for what is no moment. */
function milliseconds(numericDate: unknown): number | undefined {
  const isMoment = typeof numericDate === 'number' && Math.abs(numericDate * 1000) <= LATEST;
  return isMoment ? numericDate * 1000 : undefined;
}
