/** Why a JWT is rejected. */
export type JwtRefusal = 'expired' | 'invalid' | 'illegal';

export type JwtClaims = Readonly<Record<string, unknown>> & { exp: number };

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** Creates a JWT. As with HS256, the same claims give the same string. The signature is only a checksum, because a test needs no secret. */
export function signJwt(claims: JwtClaims): string {
  const payload = `${HEADER}.${encode(claims)}`;
  return `${payload}.${checksum(payload)}`;
}

/** Reads a token that {@link signJwt} created. `now` is in ms. */
export function verifyJwt(token: string, now: number): JwtClaims | JwtRefusal {
  const [header = '', body = '', signature] = token.split('.');
  const { alg } = decode(header) ?? {};
  const claims = decode(body) as JwtClaims | undefined;
  if (!alg || !claims) return 'invalid';
  if (alg !== 'HS256') return 'illegal';
  if (signature !== checksum(`${header}.${body}`)) return 'invalid';
  return claims.exp * 1000 <= now ? 'expired' : claims;
}

function encode(value: unknown): string {
  return toBase64Url(JSON.stringify(value));
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  let digest = '';
  for (let round = 0; round < 8; round++) digest += String.fromCharCode(...bytes(fnv1a(text + round)));
  return toBase64Url(digest);
}

function toBase64Url(binary: string): string {
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function bytes(word: number): number[] {
  return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255];
}
