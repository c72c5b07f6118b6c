/** A token in the form of a JWT with any payload, JSON or not; nothing of it is signed. */
export function jwtOf(payload: unknown): string {
  const encode = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, '');
  return `${encode({ alg: 'none' })}.${encode(payload)}.signature`;
}
