/** Whether two addresses are the same, each absolute or relative to the page. */
export function isSameAddress(one: string, other: string): boolean {
  return absolute(one) === absolute(other);
}

function absolute(address: string): string {
  try {
    return new URL(address, globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch {
    return address;
  }
}
