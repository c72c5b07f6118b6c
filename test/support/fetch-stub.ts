import { onTestFinished, vi } from 'vitest';

export interface Sent {
  url: string;
  init: RequestInit;
  headers: Headers;
}

/**
 * Responds to each call of the global `fetch` with the result of `respond`, until the end of the test. Returns the
 * calls.
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
 * Responds to requests to each of these URLs, whatever their query, until the end of the test. `Response.error()` means
 * a network error. Returns the requests to each URL.
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

/** A JSON response. Text is sent unchanged. */
export function reply(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}
