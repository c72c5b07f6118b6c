import { jwtDecode } from 'jwt-decode';

/**
 * The claims of an access token (RFC 7519 §4). Use them for display and for the expiry, never to decide what a user
 * may do.
 */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a JWT; `null` for an opaque token, which is also supported. */
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
