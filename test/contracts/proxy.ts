import { serve } from '../support/http.js';

/** What happens to one call: the request or the response is lost, or the proxy answers itself. */
export type Mishap =
  | 'request lost'
  | 'answer lost'
  | { status: number; headers?: Record<string, string>; body?: string };

export interface Proxy {
  origin: string;
  /** The calls that went through, with their status; 0 if something was lost. */
  calls: { path: string; status: number }[];
  /** The preflights of a browser. */
  preflights: string[];
  count(path: string, status?: number): number;
  /** Applies a fault to the next call to this path. */
  befall(path: string, mishap: Mishap): void;
  /** Holds the responses for this path. Returns a function that releases them. */
  hold(path: string): () => void;
  /** The held responses for this path, as JSON. */
  bodies(path: string): unknown[];
}

export interface ProxyOptions {
  /** Whether `Date` is hidden, as it is for a page from another origin. @default false */
  hideDate?: boolean;
}

/** A proxy between client and server until the end of the test. It counts calls and injects faults. */
export async function openProxy(server: string, { hideDate = false }: ProxyOptions = {}): Promise<Proxy> {
  const calls: Proxy['calls'] = [];
  const preflights: string[] = [];
  const mishaps = new Map<string, Mishap>();
  const held = new Map<string, Promise<void>>();
  const bodies: { path: string; body: unknown }[] = [];

  async function pass(request: Request, path: string, mishap: Mishap | undefined): Promise<Response> {
    if (mishap === 'request lost') throw new Error(mishap);
    if (typeof mishap === 'object') return new Response(mishap.body ?? '', mishap);
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = method === 'GET' ? null : await request.arrayBuffer();
    const answer = await fetch(server + pathname + search, { method, headers, body, redirect: 'manual' });
    if (mishap === 'answer lost') throw new Error(`${mishap}: ${path} answered ${answer.status}`);
    return answer;
  }

  const origin = await serve(async (request) => {
    const path = new URL(request.url).pathname;
    if (request.method === 'OPTIONS') {
      preflights.push(path);
      return pass(request, path, undefined);
    }
    const mishap = mishaps.get(path);
    mishaps.delete(path);
    const call = { path, status: 0 };
    calls.push(call);
    const answer = await pass(request, path, mishap);
    call.status = answer.status;
    const headers = new Headers(answer.headers);
    if (hideDate) headers.set('Date', '');
    if (!held.has(path)) return new Response(answer.body, { status: answer.status, headers });
    const text = await answer.text();
    bodies.push({ path, body: JSON.parse(text) });
    await held.get(path);
    return new Response(text, { status: answer.status, headers });
  });

  return {
    origin,
    calls,
    preflights,
    count: (path, status) =>
      calls.filter((call) => call.path === path && (status ?? call.status) === call.status).length,
    befall: (path, mishap) => void mishaps.set(path, mishap),
    hold(path) {
      let release!: () => void;
      held.set(path, new Promise((resolve) => (release = resolve)));
      return release;
    },
    bodies: (path) => bodies.filter((one) => one.path === path).map(({ body }) => body),
  };
}
