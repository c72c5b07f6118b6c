import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { describe, expect, it } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { createSession, type TokenSet } from '../../src/index.js';
import { serve } from '../support/http.js';

/** Starts a server that answers with the `Authorization` header that it receives. */
const echo = () => serve(async (request) => new Response(request.headers.get('authorization')));

async function createSignedIn() {
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: () => Promise.reject() },
  });
  await session.signIn({ accessToken: 'secret' });
  return session;
}

describe('an interceptor that sets `config.adapter`', () => {
  const own: AxiosAdapter = async (config) => {
    const { headers } = config;
    return { data: headers.get('Authorization'), status: 200, statusText: '', headers: {}, config };
  };

  it.each([
    ['after attachSession: its adapter gets the token', 'after', 'Bearer secret'],
    ['before attachSession: its adapter replaces that of the session', 'before', undefined],
  ])('registered %s', async (_, when, token) => {
    const api = axios.create({ baseURL: 'https://api.test' });
    const register = () => api.interceptors.request.use((config) => Object.assign(config, { adapter: own }));
    if (when === 'before') register();
    attachSession(api, await createSignedIn());
    if (when === 'after') register();
    expect((await api.get('/')).data).toBe(token);
  });
});

describe('axios replaces the token', () => {
  const auth = () => ({ auth: { username: 'u', password: 'p' } });
  const inUrl = (origin: string) => ({ url: origin.replace('//', '//u:p@') });

  // The fetch adapter accepts such a URL only in newer versions of axios.
  it.each<[string, string, (origin: string) => AxiosRequestConfig]>([
    ['the option `auth`', 'http', auth],
    ['the option `auth`', 'fetch', auth],
    ['a name and password in the URL', 'http', inUrl],
  ])('by %s, with the adapter %s', async (_, adapter, configOf) => {
    const origin = await echo();
    // The fetch adapter may know classes that msw replaced for another test file.
    const env = { fetch, Request, Response: Response as never };
    const api = axios.create({ baseURL: origin, adapter, env });
    attachSession(api, await createSignedIn());
    expect((await api.request(configOf(origin))).data).toBe(`Basic ${btoa('u:p')}`);
    expect((await api.get('/')).data).toBe('Bearer secret');
  });
});
