import { pageBase, readUrl } from '../page-address.js';
import { authorized } from '../requests/authorized.js';
import { Requester } from '../requests/requester.js';
import { createScope, type ScopeOptions } from '../requests/scope.js';
import { coreOf, type Session } from '../session.js';
import { callOf, isRequest } from './fetch-call.js';
import { FetchExchange } from './fetch-exchange.js';

export type { UrlPattern } from '../requests/scope.js';

export interface SessionFetchOptions extends ScopeOptions {
  /** What sends the requests. @default the global fetch, looked up at each call */
  fetch?: typeof fetch;
}

declare global {
  interface RequestInit {
    /** `false`: session fetch sends this request without a token, and never refreshes for it. @default true */
    session?: boolean;
  }
}

/**
 * Makes a `fetch` whose requests leave with a token that is still good. It takes what fetch takes and answers what fetch
 * answers; a `signal` also works while a request waits.
 *
 * Requests to the page's own origin and to those in `origins` carry the token; without a page, only those in `origins`. With
 * `{ session: false }`, or on a path in `exclude`, matched from the root, they carry none. If the refresh fails, the call
 * rejects with the `SessionError`.
 *
 * Where a redirect leads to another origin, fetch removes `Authorization` and no other header: if the token is carried in
 * another, redirects are followed only in calls with `redirect: 'follow'`.
 *
 * @throws {TypeError} if an argument is wrong.
 */
export function createSessionFetch(session: Session, options: SessionFetchOptions = {}): typeof fetch {
  const core = coreOf(session);
  const { fetch: send = (...args) => fetch(...args) } = options;
  if (typeof send !== 'function') throw new TypeError(`"fetch" must be a function, got ${String(send)}`);
  const scope = createScope(options);
  // Asynchronous, as fetch rejects and never throws.
  return async (input, init) => {
    const target = isWanted(input, init) && readUrl(urlOf(input), pageBase());
    if (!target || !scope(target, globalThis.location?.origin)) return send(input, init);
    const requester = new Requester(core);
    // The very URL that was judged is sent: what a relative one leads to can change while the call waits.
    const call = callOf(isRequest(input) ? input : target, init);
    const exchange = new FetchExchange(send, core.backend, call instanceof Promise ? await call : call);
    // Nothing is awaited without need: a call that is made as the page is left must be sent before this returns.
    const reading = core.refresher.refreshingWith && exchange.readRequest();
    if (reading) await reading;
    return authorized(core, exchange, requester);
  };
}

/** openapi-fetch puts options that it does not know on the `Request`. */
function isWanted(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  return (init?.session ?? (input as RequestInit).session) !== false;
}

/** A subclass of `Request`, or a property set on it, cannot say another URL than the one that is sent. */
function urlOf(input: RequestInfo | URL): string {
  if (!isRequest(input)) return String(input);
  const { url } = input;
  // A request of another realm or implementation, and that of a polyfill, has no such getter.
  return input instanceof Request ? (Reflect.get(Request.prototype, 'url', input) ?? url) : url;
}
