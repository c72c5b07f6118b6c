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

/** A JSON response; text is sent as it is. */
export function reply(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}
