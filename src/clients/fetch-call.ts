import { withQuery } from '../requests/with-query.js';
import type { Carried } from '../tokens/credentials.js';

/** What fetch is called with. */
export interface Call {
  readonly input: string | Request;
  readonly init: RequestInit;
}

/**
 * Headers are noted and a `Request` is used up at once, as fetch does, whatever becomes of them while the call waits.
 * @throws {TypeError} as fetch does.
 */
export function callOf(input: RequestInfo | URL, init: RequestInit = {}): Call {
  // A request may stand for the init of another.
  if (init instanceof Request) return { input: new Request(input, init), init: {} };
  return {
    input: input instanceof Request ? new Request(input) : String(input),
    init: { ...init, ...(init.headers && { headers: new Headers(init.headers) }) },
  };
}

export function methodOf({ input, init }: Call): string {
  return init.method ?? (typeof input === 'string' ? 'GET' : input.method);
}

/** The same call with the token: at once, unless a `Request` has to be given another address. */
export function withToken(call: Call, { headers = {}, query }: Carried): Call | Promise<Call> {
  const copy = withHeaders(call, headers);
  return query ? withAddress(copy, query) : copy;
}

/** A `Request` can be sent only once: a copy of it is. */
function withHeaders({ input, init }: Call, added: Readonly<Record<string, string>>): Call {
  const copy = typeof input === 'string' ? input : input.clone();
  // Headers in the init stand for those of the request.
  const isOwn = typeof copy !== 'string' && !init.headers;
  const headers = isOwn ? copy.headers : new Headers(init.headers);
  for (const name in added) headers.set(name, added[name]!);
  return { input: copy, init: isOwn ? init : { ...init, headers } };
}

function withAddress({ input, init }: Call, query: Readonly<Record<string, string>>): Call | Promise<Call> {
  if (typeof input === 'string') return { input: withQuery(input, query), init };
  return readdressed(input, withQuery(input.url, query)).then((request) => ({ input: request, init }));
}

/** With its body as a whole: as a stream it could be sent over HTTP/2 only. */
async function readdressed(request: Request, url: string): Promise<Request> {
  const body = await request.blob();
  const { method, headers, mode, credentials, cache, redirect } = request;
  const { referrer, referrerPolicy, integrity, keepalive, signal } = request;
  return new Request(url, {
    ...{ method, headers, mode, credentials, cache, redirect },
    ...{ referrer, referrerPolicy, integrity, keepalive, signal },
    ...(body.size && { body }),
  });
}
