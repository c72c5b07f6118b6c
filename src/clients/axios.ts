import axios, {
  type AxiosInstance,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';
import { authorized } from '../requests/authorized.js';
import { copyOfSearch } from '../requests/body.js';
import { Requester } from '../requests/requester.js';
import type { ScopeOptions } from '../requests/scope.js';
import { coreOf, type Session, type SessionCore } from '../session.js';
import { AxiosAddresses } from './axios-address.js';
import { AxiosExchange } from './axios-exchange.js';

export type { ScopeOptions as AttachOptions, UrlPattern } from '../requests/scope.js';

declare module 'axios' {
  interface AxiosRequestConfig {
    /** `false`: sends this request without a token and never refreshes for it. @default true */
    session?: boolean;
  }
}

type Config = InternalAxiosRequestConfig;

/** Instances with a session, and the id of each one's interceptor. */
const attached = new WeakMap<AxiosInstance, number>();

/**
 * Attaches a session to an axios instance: its requests carry a valid token. The session adds one request
 * interceptor; your own interceptors, transforms and adapter work as before.
 *
 * Requests to the instance's own origin and to the origins in `origins` carry the token. The own origin is the origin
 * of `baseURL`, or the page's origin if `baseURL` is relative; a `<base>` element does not change it. Requests with
 * `{ session: false }`, or on a path in `exclude`, carry no token. If the refresh fails, the request rejects with an
 * `AxiosError`; its `cause` is the `SessionError`.
 *
 * In Node, the token does not follow a redirect to another origin. Browsers and axios's fetch adapter follow
 * redirects themselves: they remove `Authorization`, but keep other headers if the target server allows them (CORS).
 * So carry the token in `Authorization`.
 *
 * @returns a function that detaches the session; pending requests are not affected.
 * @throws {TypeError} if `instance` has a session attached, or if an argument is invalid.
 */
export function attachSession(
  instance: AxiosInstance,
  session: Session,
  options: ScopeOptions = {},
): () => void {
  const core = coreOf(session);
  const addresses = new AxiosAddresses(instance, options);
  // The global axios, which other libraries use too; also that of the other module format.
  if ('isCancel' in instance) throw new TypeError('"instance" must be your own, from axios.create()');
  if (attached.has(instance)) {
    throw new TypeError('A session is attached to this axios instance: call what attachSession() returned');
  }
  // A synchronous interceptor: with an asynchronous one, axios chains promises for every request.
  const id = instance.interceptors.request.use((config) => wrapAdapter(config, core, addresses), null, {
    synchronous: true,
  });
  attached.set(instance, id);
  return () => {
    instance.interceptors.request.eject(id);
    if (attached.get(instance) === id) attached.delete(instance);
  };
}

/** The adapter of a session. It stays on the config, so it also runs when the config is sent again. */
interface Wrapper {
  (config: Config): Promise<AxiosResponse>;
  [PARTS]?: [adapterBelow: Config['adapter'], user: Requester];
}
const PARTS = Symbol();

/**
 * Decides in the adapter, because the config is final only there: interceptors and `transformRequest` have run once.
 */
function wrapAdapter(config: Config, core: SessionCore, addresses: AxiosAddresses): Config {
  const given = config.adapter || axios.defaults.adapter;
  const [adapter, before] = (given as Wrapper)[PARTS] ?? [given];
  const requester = before?.core === core ? before : new Requester(core);
  const wrapper: Wrapper = (final) => {
    const send = getAdapter(adapter, final);
    const address = addresses.of(final);
    if (!address) return send(final);
    return authorized(core, new AxiosExchange(final, send, address, core.backend), requester);
  };
  wrapper[PARTS] = [adapter, requester];
  // An interceptor may return a frozen config, as immer does.
  const own = Object.isFrozen(config) ? { ...config } : config;
  own.adapter = wrapper;
  // axios itself copies plain objects only.
  own.params &&= copyOfSearch(own.params);
  return own;
}
