/**
 * Hides `request` of an answer, or of an error and its answer, from those that list properties: a logger, `console.log`, a
 * copy. Node's requests, and fetch's, show the headers that were sent. It can still be read. An XMLHttpRequest shows nothing.
 */
export function concealRequest(outcome: unknown): void {
  const { response } = (outcome ?? {}) as { response?: unknown };
  for (const holder of [outcome, response] as ({ request?: unknown } | undefined)[]) {
    const request = holder?.request;
    if (typeof request === 'object' && request && !('responseURL' in request))
      Object.defineProperty(holder, 'request', { enumerable: false });
  }
}
