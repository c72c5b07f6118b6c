/** An address that is not encrypted, and not on this computer. */
const EXPOSED = /^http:(?!\/\/([\w.-]*localhost|127[\d.]+|\[::1])[:/])/i;

/** Warns if tokens would leave the page in the clear, though the page itself is not on http. */
export function warnIfExposed(url: string): void {
  const page = globalThis.location?.protocol;
  if (page && page !== 'http:' && EXPOSED.test(`${url}/`))
    console.warn(`unexpired: ${url} is not encrypted: others on the network can read the tokens. Use https`);
}
