import { jwtDecode } from 'jwt-decode';

/** The claims of an access token (RFC 7519 §4). For display and for expiry, never for trust. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a JWT; `null` for an opaque token, which works as well. */
export function readClaims(accessToken: string): Claims | null {
  try {
    const claims = jwtDecode<unknown>(accessToken);
    return typeof claims === 'object' ? Object.freeze(claims as Claims | null) : null;
  } catch {
    return null;
  }
}

/** The default of `identify`. */
export function subjectOf(claims: Claims | null): string | undefined {
  const subject = claims?.sub ?? claims?.user_id;
  return subject === undefined || subject === null ? undefined : String(subject);
}
