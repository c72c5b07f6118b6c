import { onTestFinished, vi } from 'vitest';

export interface Sent {
  url: string;
  init: RequestInit;
  headers: Headers;
}

/**
 * Answers each call of the global `fetch` with what `respond` returns, until the end of the test. Returns the calls.
 */
export function stubFetch(respond: () => Response | Promise<Response>): Sent[] {
  const calls: Sent[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    calls.push({ url, init, headers: new Headers(init.headers) });
    return respond();
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return calls;
}

/**
 * Answers the requests to each of these addresses, until the end of the test; `Response.error()` stands for no network. Returns
 * the requests to each address, whose queries do not matter.
 */
export function stubEndpoints(answers: Record<string, () => Response>): Record<string, Request[]> {
  const seen = Object.fromEntries(Object.keys(answers).map((url) => [url, [] as Request[]]));
  vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
    const request = new Request(...args);
    const url = request.url.replace(/\?.*/, '');
    seen[url]?.push(request);
    const response = answers[url]?.() ?? Response.error();
    if (response.type === 'error') throw new TypeError('fetch failed');
    return response;
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  return seen;
}

/** A JSON response; text is sent as it is. */
export function reply(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}
