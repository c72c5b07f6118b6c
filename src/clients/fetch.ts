import { assertCallbacks } from '../assert.js';
import { pageBase, readUrl } from '../page-address.js';
import { authorized } from '../requests/authorized.js';
import { Requester } from '../requests/requester.js';
import { createScope, type ScopeOptions } from '../requests/scope.js';
import { coreOf, type Session } from '../session.js';
import { callOf, isPlatformRequest, isRequest } from './fetch-call.js';
import { FetchExchange } from './fetch-exchange.js';

export type { UrlPattern } from '../requests/scope.js';

export interface SessionFetchOptions extends ScopeOptions {
  /** The function that sends the requests. @default the global fetch, looked up at each call */
  fetch?: typeof fetch;
}

declare global {
  interface RequestInit {
    /** `false`: session fetch sends this request without a token and never refreshes for it. @default true */
    session?: boolean;
  }
}

/**
 * Creates a `fetch` whose requests carry a valid token. It has the arguments and the result of `fetch`; a `signal`
 * also works while a request waits.
 *
 * Requests to the page's own origin and to the origins in `origins` carry the token; outside a page, only requests to
 * `origins` do. With `{ session: false }`, or on a path in `exclude` (matched from the root), requests carry no
 * token. If the refresh fails, the call rejects with the `SessionError`.
 *
 * When a redirect leads to another origin, fetch removes `Authorization` and no other header. If another header
 * carries the token, redirects are followed only in calls with `redirect: 'follow'`.
 *
 * @throws {TypeError} if an argument is invalid.
 */
export function createSessionFetch(session: Session, options: SessionFetchOptions = {}): typeof fetch {
  const core = coreOf(session);
  const { fetch: send = (...args) => fetch(...args), ...scopeOptions } = options;
  assertCallbacks({ fetch: send });
  const scope = createScope(scopeOptions);
  // Asynchronous, because fetch rejects and never throws.
  return async (input, init) => {
    const target = usesSession(input, init) && readUrl(urlOf(input), pageBase());
    if (!target || !scope(target, globalThis.location?.origin)) return send(input, init);
    const requester = new Requester(core);
    // Send the URL that was checked: a relative URL can resolve differently after the call has waited.
    const call = callOf(isRequest(input) ? input : target, init ?? {});
    const exchange = new FetchExchange(send, core.backend, call instanceof Promise ? await call : call);
    // Await only if needed: when the user leaves the page, a call must be sent before this function returns.
    const reading = core.refresher.refreshingWith && exchange.readRequest();
    if (reading) await reading;
    return authorized(core, exchange, requester);
  };
}

/** openapi-fetch sets unknown options on the `Request`. */
function usesSession(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  return (init?.session ?? (input as RequestInit).session) !== false;
}

/** A subclass of `Request`, or a property set on one, cannot pretend to have another URL than the one that is sent. */
function urlOf(input: RequestInfo | URL): string {
  if (!isRequest(input)) return String(input);
  const { url } = input;
  // A request of another realm or implementation, or of a polyfill, has no such getter.
  return isPlatformRequest(input) ? (Reflect.get(Request.prototype, 'url', input) ?? url) : url;
}
