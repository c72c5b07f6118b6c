import axios, {
  type AxiosInstance,
  type AxiosResponse,
  getAdapter,
  type InternalAxiosRequestConfig,
} from 'axios';
import { authorized } from '../requests/authorized.js';
import { Requester } from '../requests/requester.js';
import { createScope, type Scope, type ScopeOptions, type UrlPattern } from '../requests/scope.js';
import { coreOf, type Session, type SessionCore } from '../session.js';
import { addressOf } from './axios-address.js';
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

/** With the interceptor of each. */
const attached = new WeakMap<AxiosInstance, number>();

/**
 * Sends the requests of an axios instance with a token that is still good. Nothing of the instance is changed but for one
 * request interceptor, so its own interceptors, transforms and adapter do what they did.
 *
 * Requests to the instance's own origin carry the token, and to those in `origins`; with `{ session: false }`, or on a
 * path in `exclude`, they do not. Who waits in vain catches an `AxiosError` whose `cause` is the `SessionError`.
 *
 * Where a redirect leads to another origin, no token goes along in Node. In browsers, and with axios's fetch adapter, nobody is
 * asked: `Authorization` is taken off, any other header goes along if the server there lets it in (CORS). So let the token be
 * carried in `Authorization`.
 *
 * @returns detaches the session; requests under way end as they began.
 * @throws {TypeError} if `instance` has a session attached, or an argument is wrong.
 */
export function attachSession(
  instance: AxiosInstance,
  session: Session,
  options: AttachOptions = {},
): () => void {
  const core = coreOf(session);
  const covers = coverage(instance, options);
  if (attached.has(instance)) {
    throw new TypeError(
      'A session is attached to this axios instance: call what attachSession() returned before the next',
    );
  }
  // Synchronous: one that is not makes axios chain promises for every request.
  const id = instance.interceptors.request.use((config) => wrapAdapter(config, core, covers), null, {
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
const UNDERNEATH = Symbol('the adapter underneath');
const REQUESTER = Symbol('on whose behalf the request is made');

/** In the adapter, not before: only there is the config final, and interceptors and `transformRequest` have run, once. */
function wrapAdapter(config: Config, core: SessionCore, covers: (config: Config) => boolean): Config {
  const given = config.adapter || axios.defaults.adapter;
  const { [UNDERNEATH]: adapter = given, [REQUESTER]: before } = given as Wrapper;
  const requester = before?.core === core ? before : new Requester(core);
  const wrapper: Wrapper = (final) => {
    const send = getAdapter(adapter, final);
    if (!covers(final)) return send(final);
    return authorized(core, new AxiosExchange(final, send, core.backend), requester);
  };
  wrapper[UNDERNEATH] = adapter;
  wrapper[REQUESTER] = requester;
  config.adapter = wrapper;
  return config;
}

/** A path and a query in which nothing can name another host. */
const PLAIN_PATH = /^\/?(?![/\\])[\w\-.~%/?=&,+]*$/;

function coverage(instance: AxiosInstance, options: AttachOptions): (config: Config) => boolean {
  if (!instance?.interceptors) throw new TypeError('"instance" must be an axios instance');
  const scope: Scope = createScope(options);
  const words = (options.exclude ?? []).map(lastWord);
  return (config) => {
    const { baseURL, session } = config;
    // axios takes a URL as well.
    const url = String(config.url ?? '');
    const own = instance.defaults.baseURL;
    if (session === false) return false;
    // The common case costs no URL parsing: without its last word no path is matched by a pattern.
    const suspect = words.some((word) => url.includes(word) || own?.includes(word));
    return (!suspect && baseURL === own && PLAIN_PATH.test(url)) || scope(addressOf(config), own);
  };
}

/** Of a pattern that is a path; of others nothing is known, and `''` stands in every URL. */
function lastWord(pattern: UrlPattern): string {
  return (typeof pattern === 'string' && /[\w-]+(?=\W*$)/.exec(pattern)?.[0]) || '';
}
