import { classOf } from '../bodies/class-of.js';
import { withQuery } from '../requests/with-query.js';
import type { Carried } from '../tokens/credentials.js';

/** The arguments of fetch. */
export interface Call {
  readonly input: string | Request;
  readonly init: RequestInit;
}

/** Also true for a `Request` of an iframe or of another implementation, such as node-fetch's. */
export function isRequest(value: unknown): value is Request {
  return classOf(value) === 'Request' || isPlatformRequest(value);
}

export function isPlatformRequest(value: unknown): value is Request {
  return typeof Request === 'function' && value instanceof Request;
}

/**
 * Copies the arguments at once, as fetch does: the headers, and a `Request`, which is then used up. Only a `Request`
 * of another implementation needs a promise.
 * @throws {TypeError} as fetch does.
 */
export function callOf(input: RequestInfo | URL, init: RequestInit): Call | Promise<Call> {
  // A request can be the init of another request.
  if (isRequest(init)) return { input: new Request(input, init), init: {} };
  const copy = { ...init, ...membersOf(init), ...(init.headers && { headers: new Headers(init.headers) }) };
  if (!isRequest(input)) return { input: String(input), init: copy };
  const request = copyRequest(input);
  return request ? { input: request, init: copy } : convertRequest(input, copy);
}

/** `undefined` if fetch does not know the class and treats the request as an address. */
function copyRequest(request: Request): Request | undefined {
  const { url } = request;
  if (isPlatformRequest(request)) return new Request(request);
  try {
    const copy = new Request(request);
    return copy.url === url ? copy : undefined;
  } catch {
    return undefined;
  }
}

const MEMBERS = [
  ...['method', 'body', 'duplex', 'signal', 'redirect', 'credentials', 'mode', 'cache'],
  ...['integrity', 'keepalive', 'referrer', 'referrerPolicy'],
];

/** What fetch reads of an init or a `Request`, but headers. As with fetch, the members may be inherited, or getters of a class. */
function membersOf(source: object): Record<string, unknown> {
  const values = MEMBERS.map((name) => [name, (source as Record<string, unknown>)[name]]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined && value !== null));
}

/** Converts a `Request` of another implementation to an address and an init, which every fetch accepts. */
async function convertRequest(request: Request, init: RequestInit): Promise<Call> {
  const own = membersOf(request);
  own.headers = new Headers([...request.headers]);
  if (request.body) own.body = await request.arrayBuffer();
  return { input: request.url, init: { ...own, ...init } };
}

export function methodOf({ input, init }: Call): string {
  return init.method ?? (typeof input === 'string' ? 'GET' : input.method);
}

/** The same call with the token. Synchronous, unless a `Request` needs another address. */
export function withToken(call: Call, { headers = {}, query }: Carried): Call | Promise<Call> {
  const copy = withHeaders(call, headers);
  return query ? withAddress(copy, query) : copy;
}

/** A `Request` can be sent only once, so this sends a copy. */
function withHeaders({ input, init }: Call, added: Readonly<Record<string, string>>): Call {
  const copy = typeof input === 'string' ? input : input.clone();
  // Headers in the init replace those of the request.
  const isOwn = typeof copy !== 'string' && !init.headers;
  const headers = isOwn ? copy.headers : new Headers(init.headers);
  for (const name in added) headers.set(name, added[name]!);
  return { input: copy, init: isOwn ? init : { ...init, headers } };
}

function withAddress({ input, init }: Call, query: Readonly<Record<string, string>>): Call | Promise<Call> {
  if (typeof input === 'string') return { input: withQuery(input, query), init };
  return withUrl(input, withQuery(input.url, query)).then((request) => ({ input: request, init }));
}

/** Reads the whole body, because a stream could be sent over HTTP/2 only. */
async function withUrl(request: Request, url: string): Promise<Request> {
  const body = await request.blob();
  const { method, headers, mode, credentials, cache, redirect } = request;
  const { referrer, referrerPolicy, integrity, keepalive, signal } = request;
  return new Request(url, {
    ...{ method, headers, mode, credentials, cache, redirect },
    ...{ referrer, referrerPolicy, integrity, keepalive, signal },
    ...(body.size && { body }),
  });
}
