/** An http URL of another computer. */
const EXPOSED = /^http:(?!\/\/([\w.-]*localhost|127[\d.]+|\[::1])[:/])/i;

/** Warns if tokens would be sent without encryption although the page itself is not on http. */
export function warnIfExposed(url: string): void {
  const page = globalThis.location?.protocol;
  if (page && page !== 'http:' && EXPOSED.test(`${url}/`))
    console.warn(`unexpired: ${url} is not encrypted: others on the network can read the tokens. Use https`);
}
