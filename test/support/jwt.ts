/** A token in the form of a JWT with any payload, JSON or not. It is not signed. */
export function jwtOf(payload: unknown): string {
  const encode = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, '');
  return `${encode({ alg: 'none' })}.${encode(payload)}.signature`;
}
