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
 * answers; a `signal` is honoured while a request waits, too.
 *
 * Requests to the page's own origin carry the token, and to those in `origins`: outside a browser to those only. With
 * `{ session: false }`, or on a path in `exclude`, which counts from the root, they do not. Who waits in vain catches the
 * `SessionError` itself.
 *
 * A header of another name than `Authorization` is not taken off by fetch where a redirect leads to another origin: then
 * redirects are followed only where a call says `redirect: 'follow'`.
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
    if (!isWanted(input, init) || !scope(addressOf(input), globalThis.location?.origin))
      return send(input, init);
    const requester = new Requester(core);
    const call = callOf(input, init);
    const exchange = new FetchExchange(send, core.backend, call instanceof Promise ? await call : call);
    // Nothing is awaited without need: a call that is made as the page is left must be sent before this returns.
    const reading = core.refresher.refreshingWith && exchange.readRequest();
    if (reading) await reading;
    return authorized(core, exchange, requester);
  };
}

/** openapi-fetch lays what it does not know on the `Request`. */
function isWanted(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  return (init?.session ?? (input as RequestInit).session) !== false;
}

/** Where fetch will send it: unlike the session's own origin, that depends on the page's `<base>`. */
function addressOf(input: RequestInfo | URL): string {
  if (isRequest(input)) return input.url;
  try {
    return new URL(input, globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch {
    return String(input);
  }
}
