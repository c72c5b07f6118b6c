import axios, {
  type AxiosInstance,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';
import { authorized } from '../requests/authorized.js';
import { Requester } from '../requests/requester.js';
import type { ScopeOptions } from '../requests/scope.js';
import { coreOf, type Session, type SessionCore } from '../session.js';
import { AxiosAddresses } from './axios-address.js';
import { AxiosExchange } from './axios-exchange.js';

export type { UrlPattern } from '../requests/scope.js';
export type AttachOptions = ScopeOptions;

declare module 'axios' {
  interface AxiosRequestConfig {
    /** `false`: send this request without a token, and never refresh for it. @default true */
    session?: boolean;
  }
}

type Config = InternalAxiosRequestConfig;

/** Instances with a session, each with the id of its interceptor. */
const attached = new WeakMap<AxiosInstance, number>();

/**
 * Sends the requests of an axios instance with a token that is still good. Only one request interceptor is added to the
 * instance: its own interceptors, transforms and adapter work as before.
 *
 * Requests to the instance's own origin and to those in `origins` carry the token. The own origin is that of `baseURL`, or the
 * page's own if it is relative; a `<base>` element changes nothing about that. With `{ session: false }`, or on a path in
 * `exclude`, requests carry none. If the refresh fails, the request rejects with an `AxiosError`; its `cause` is the
 * `SessionError`.
 *
 * In Node no token follows a redirect to another origin. Browsers, and axios's fetch adapter, follow redirects themselves: they
 * remove `Authorization`, but any other header goes along if the server there allows it (CORS). So let the token be carried in
 * `Authorization`.
 *
 * @returns a function that detaches the session; requests under way end as they began.
 * @throws {TypeError} if `instance` has a session attached, or an argument is wrong.
 */
export function attachSession(
  instance: AxiosInstance,
  session: Session,
  options: AttachOptions = {},
): () => void {
  const core = coreOf(session);
  const addresses = new AxiosAddresses(instance, options);
  if (attached.has(instance)) {
    throw new TypeError('A session is attached to this axios instance: call what attachSession() returned');
  }
  // Synchronous, as any other interceptor makes axios chain promises for every request.
  const id = instance.interceptors.request.use((config) => wrapAdapter(config, core, addresses), null, {
    synchronous: true,
  });
  attached.set(instance, id);
  return () => {
    instance.interceptors.request.eject(id);
    if (attached.get(instance) === id) attached.delete(instance);
  };
}

/** What the session puts in the place of an adapter. It stays on the config, so it is there when the config is sent again. */
interface Wrapper {
  (config: Config): Promise<AxiosResponse>;
  [UNDERNEATH]?: Config['adapter'];
  [REQUESTER]?: Requester;
}
/** The adapter underneath. */
const UNDERNEATH = Symbol();
/** On whose behalf the request is made. */
const REQUESTER = Symbol();

/** Decides in the adapter: only there is the config final, and interceptors and `transformRequest` have run, once. */
function wrapAdapter(config: Config, core: SessionCore, addresses: AxiosAddresses): Config {
  const given = config.adapter || axios.defaults.adapter;
  const { [UNDERNEATH]: adapter = given, [REQUESTER]: before } = given as Wrapper;
  const requester = before?.core === core ? before : new Requester(core);
  const wrapper: Wrapper = (final) => {
    const send = getAdapter(adapter, final);
    const address = addresses.of(final);
    if (!address) return send(final);
    return authorized(core, new AxiosExchange(final, send, address, core.backend), requester);
  };
  wrapper[UNDERNEATH] = adapter;
  wrapper[REQUESTER] = requester;
  config.adapter = wrapper;
  return config;
}
