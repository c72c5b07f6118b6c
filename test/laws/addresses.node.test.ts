import axios from 'axios';
import { http, passthrough } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import type { TokenSet } from '../../src/index.js';
import {
  type Carry,
  cookieBackend,
  envelopeBackend,
  loginRedirect,
  oauth2Backend,
  simpleJwtBackend,
} from '../../src/index.js';
import { type AppOptions, createApp, outcome } from '../support/app.js';
import { serve } from '../support/http.js';
import { mockNetwork } from '../support/mock-network.js';
import { REFRESH_ADDRESSES } from '../support/refresh-addresses.js';
import { stubPage } from '../support/stub-page.js';

mockNetwork();

const signal = new AbortController().signal;

const unstub = () => vi.unstubAllGlobals();

describe('a refresh address', () => {
  it.each(REFRESH_ADDRESSES)('%j on the page %s with base %s is %s', async (url, href, baseURI, expected) => {
    const send = vi.fn(async () => Response.json({ access: 'a' }));
    stubPage(href, baseURI);
    vi.stubGlobal('fetch', send);
    const backend = simpleJwtBackend({ url });
    stubPage('https://moved.test/', 'https://elsewhere.test/');
    await backend.refresh({ accessToken: 'a', refreshToken: 'r' }, { signal });
    unstub();
    expect(send).toHaveBeenCalledWith(expected, expect.anything());
  });

  it.each([
    ['//id.test/token', 'http://elsewhere.test/'],
    ['refresh', 'https://elsewhere.test/'],
    ['', 'https://elsewhere.test/', '"url" must be the URL of the refresh endpoint'],
    ['?refresh', 'https://elsewhere.test/'],
  ])(
    '%j throws under <base href=%j>',
    (url, baseURI, message = 'must be an absolute URL or begin with a slash: <base> takes it to ') => {
      stubPage('https://shop.test/', baseURI);
      for (const make of [envelopeBackend, simpleJwtBackend, cookieBackend])
        expect(() => make({ url })).toThrow(message);
      expect(() => oauth2Backend({ url, clientId: 'app' })).toThrow(message);
      unstub();
    },
  );

  it('that is relative throws on a server only when a refresh needs it', async () => {
    const backend = envelopeBackend({ url: '/update_token/' });
    const refresh = backend.refresh({ accessToken: 'a', refreshToken: 'secret' }, { signal });
    await expect(refresh).rejects.toMatchObject({
      code: 'refresh_unavailable',
      message: '"url" must be an absolute URL where there is no page, got /update_token/',
    });
  });
});

describe('the login page', () => {
  const event = { type: 'signed-out', reason: 'refresh_rejected', returnTo: '/orders' } as const;

  it('is on the page’s own origin, whatever the page’s base', () => {
    const replace = stubPage('https://shop.test/orders', 'https://elsewhere.test/');
    loginRedirect({ to: '/login' })(event);
    unstub();
    expect(replace).toHaveBeenCalledWith('https://shop.test/login?returnTo=%2Forders');
  });

  it('is passed to a router unchanged', () => {
    stubPage('https://shop.test/orders', 'https://elsewhere.test/');
    const navigate = vi.fn();
    loginRedirect({ to: '/login', navigate })(event);
    unstub();
    expect(navigate).toHaveBeenCalledWith('/login?returnTo=%2Forders');
  });
});

describe('the token goes only to the own origin, even if', () => {
  /** What the two servers received: the own server and another one. */
  async function servers() {
    const seen: string[] = [];
    const see = (name: string) => async (request: Request) => {
      const { pathname, search } = new URL(request.url);
      const token = request.headers.get('authorization') ?? request.headers.get('x-token') ?? '-';
      seen.push(`${name} ${pathname}${search} ${token}`);
      return pathname === '/moved' ? Response.redirect(`${other}/stolen`) : Response.json({});
    };
    const own = await serve(see('own'));
    const other = await serve(see('other'));
    return { own, other, seen };
  }

  async function signedIn(
    own: string,
    carry: Carry = { header: 'Authorization', scheme: '' },
    session: AppOptions['session'] = {},
  ) {
    const app = createApp({ axios: { baseURL: own }, envelope: { carry }, session });
    network.use(http.all('*', () => passthrough()));
    await app.session.signIn({ accessToken: 'secret', refreshToken: 'refresh' });
    return app;
  }

  it.each(['http', 'fetch'])(
    'a URL object returns another URL each time: the %s adapter reads it once',
    async (adapter) => {
      const { own, other, seen } = await servers();
      const { api } = await signedIn(own);
      let asked = 0;
      const url = { toString: () => (asked++ ? `${other}/stolen` : '/order') };
      await outcome(api.request({ url: url as never, adapter }));
      expect(seen).toEqual(['own /order secret']);
    },
  );

  it('an interceptor changes the address, whether it was added before or after the session', async () => {
    const { own, other, seen } = await servers();
    const { api } = await signedIn(own);
    api.interceptors.request.use((config) => ({ ...config, baseURL: other }));
    await outcome(api.get('/order'));
    const first = axios.create({ baseURL: own });
    first.interceptors.request.use((config) => ({ ...config, url: `${other}/order` }));
    const { session } = await signedIn(own);
    attachSession(first, session);
    await outcome(first.get('/order'));
    expect(seen).toEqual(['other /order -', 'other /order -']);
  });

  it('other code changes the config while the request waits', async () => {
    const { own, other, seen } = await servers();
    const held: object[] = [];
    const backend = {
      readTokens: (body: unknown) => body as TokenSet,
      async refresh() {
        for (const config of held) Object.assign(config, { url: '/stolen', baseURL: other });
        return { accessToken: 'secret-2' };
      },
    };
    const app = await signedIn(own, {}, { backend });
    await app.session.signIn({ accessToken: 'secret-1', expiresAt: Date.now() });
    app.api.interceptors.request.use((config) => {
      held.push(config);
      return config;
    });
    app.api.defaults.adapter = (config) => {
      held.push(config);
      return axios.getAdapter('http')(config);
    };
    await app.api.get('/order');
    expect(held.length).toBe(2);
    expect(seen).toEqual(['own /order Bearer secret-2']);
  });

  it.each(['Authorization', 'X-Token'])(
    'the server redirects to another origin: Node removes %s',
    async (header) => {
      const { own, seen } = await servers();
      const { api } = await signedIn(own, { header, scheme: '' });
      await api.get('/moved', { adapter: 'http' });
      expect(seen).toEqual(['own /moved secret', 'other /stolen -']);
    },
  );

  it('params and their serializer contain a host: they stay after the path', async () => {
    const { own, seen } = await servers();
    const { api } = await signedIn(own);
    await api.get('', { params: { a: 1 }, paramsSerializer: () => '@elsewhere.test/' });
    await api.get('/order', { params: { a: 1 }, paramsSerializer: () => '#//elsewhere.test/' });
    expect(seen.map((line) => line.split('?')[0]?.slice(0, 10))).toEqual(['own /', 'own /order']);
  });

  it('a Request claims to have another URL', async () => {
    const { own, other, seen } = await servers();
    const { session } = await signedIn(own);
    const send = createSessionFetch(session, { origins: [own] });
    const liar = Object.defineProperty(new Request(`${other}/stolen`), 'url', { value: `${own}/order` });
    await send(liar);
    class Liar extends Request {
      override get url() {
        return `${own}/order`;
      }
    }
    await send(new Liar(`${other}/stolen`));
    expect(seen).toEqual(['other /stolen -', 'other /stolen -']);
  });

  it('a proxy is used: it sees the token only in requests to the own origin', async () => {
    const { own, other, seen } = await servers();
    const { api } = await signedIn(own);
    const { hostname, port } = new URL(other);
    const proxy = { protocol: 'http', host: hostname, port: Number(port) };
    await api.get('/order', { proxy, adapter: 'http' });
    await api.get('http://elsewhere.test/x', { proxy, adapter: 'http' });
    expect(seen).toEqual([`other ${new URL(own).pathname}order secret`, 'other /x -']);
  });

  it('the token is in the query: the path stays the same', async () => {
    const { own, seen } = await servers();
    const { api } = await signedIn(`${own}/v1`, { query: 'token' });
    await api.get('');
    await api.get('?a=1');
    await api.get('order#top?x', { params: { b: 2 } });
    expect(seen).toEqual([
      'own /v1?token=secret -',
      'own /v1/?a=1&token=secret -',
      'own /v1/order?token=secret&b=2 -',
    ]);
  });
});
