import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { type AttachOptions, attachSession } from '../../src/clients/axios.js';
import { createSession, type TokenSet } from '../../src/index.js';

export interface Sent {
  url: string | undefined;
  baseURL: string | undefined;
  token: boolean;
}

/** An axios instance with this `baseURL`, whose adapter answers with what it gets. */
export function createApi(baseURL: unknown, options: AttachOptions = {}) {
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: () => Promise.reject() },
  });
  void session.signIn({ accessToken: 'secret' });
  const adapter: AxiosAdapter = async (config) => {
    const { url, baseURL, headers } = config;
    const data: Sent = { url, baseURL, token: headers.has('Authorization') };
    return { data, status: 200, statusText: '', headers: {}, config };
  };
  const api = axios.create({ adapter, ...(baseURL === undefined ? {} : { baseURL: baseURL as string }) });
  attachSession(api, session, options);
  const send = async (url: unknown, config: AxiosRequestConfig = {}): Promise<Sent> =>
    (await api.request({ url: url as string, ...config })).data;
  /** The URL that is sent, marked if it carries no token. */
  const target = async (url: unknown, config?: AxiosRequestConfig) => {
    const sent = await send(url, config);
    return (sent.token ? '' : 'no token: ') + axios.getUri({ url: sent.url!, baseURL: sent.baseURL! });
  };
  return { api, send, target };
}
