import axios, { type AxiosInstance, getAdapter, type InternalAxiosRequestConfig } from 'axios';
import { authorized } from '../requests/authorized.js';
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
    throw new TypeError(
      'A session is attached to this axios instance: call what attachSession() returned before the next',
    );
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

const UNDERNEATH = Symbol('the adapter underneath');
type Adapter = Config['adapter'];

/** Decides in the adapter: only there is the config final, and have interceptors and `transformRequest` run once. */
function wrapAdapter(config: Config, core: SessionCore, addresses: AxiosAddresses): Config {
  // Libraries that send a config again, such as axios-retry, send the wrapper with it.
  const given = config.adapter || axios.defaults.adapter;
  const adapter = (given as { [UNDERNEATH]?: Adapter })[UNDERNEATH] ?? given;
  const begun = core.state.credentials;
  const wrapper = (final: Config) => {
    const send = getAdapter(adapter, final);
    const address = addresses.of(final);
    return address ? authorized(core, new AxiosExchange(final, send, address), begun) : send(final);
  };
  wrapper[UNDERNEATH] = adapter;
  config.adapter = wrapper;
  return config;
}
