/**
 * Makes `request` non-enumerable on a response, or on an error and its response, so that loggers, `console.log` and
 * copies do not show it: requests of Node and of fetch contain the sent headers. Your code can still read it. An
 * XMLHttpRequest shows no headers and is left as it is.
 */
export function concealRequest(outcome: unknown): void {
  const { response } = (outcome ?? {}) as { response?: unknown };
  for (const holder of [outcome, response] as ({ request?: unknown } | undefined)[]) {
    const request = holder?.request;
    if (typeof request === 'object' && request && !('responseURL' in request))
      Object.defineProperty(holder, 'request', { enumerable: false });
  }
}
