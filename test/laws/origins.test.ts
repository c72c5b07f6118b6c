import type { AxiosRequestConfig } from 'axios';
import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import { type AppOptions, createApp, ORIGIN } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

/** Whether a request carried the token, according to the server. */
async function sees(
  url: string,
  { config = {}, ...options }: AppOptions & { config?: AxiosRequestConfig } = {},
): Promise<boolean> {
  const app = createApp(options);
  network.use(
    http.all('*', ({ request }) => HttpResponse.json([request.headers.get('authorization'), request.url])),
  );
  await app.session.signIn({ accessToken: 'secret', refreshToken: 'refresh-secret' });
  const { data } = await app.api.get(url, config);
  const text = JSON.stringify(data);
  expect(text).not.toContain('refresh-secret');
  return text.includes('secret');
}

describe('guarantee 9: a token is sent only to the own origin and to listed origins', () => {
  it.each([
    '/orders',
    'orders',
    `${ORIGIN}/orders`,
    `${ORIGIN}:443/orders`,
    '/orders?q=https://x.test/',
    '',
    '/orders#top',
    '/ä b',
  ])('a request to %j on the instance’s own origin carries the token', async (url) => {
    expect(await sees(url)).toBe(true);
  });

  it.each([
    'https://evil.test/orders',
    // In Node there is no page that could give the scheme.
    ...(globalThis.location ? ['//evil.test/orders'] : []),
    'http://api.test/orders',
    `${ORIGIN}.evil.test/orders`,
    // A service worker cannot intercept such an address.
    ...(globalThis.location ? [] : ['https://api.test@evil.test/orders']),
    `${ORIGIN}:8443/orders`,
    'HTTPS://EVIL.TEST/orders',
  ])('a request to %j carries no token', async (url) => {
    expect(await sees(url)).toBe(false);
  });

  it('a request that sets a baseURL on another host carries no token', async () => {
    expect(await sees('/orders', { config: { baseURL: 'https://evil.test' } })).toBe(false);
  });

  it('allowAbsoluteUrls: false keeps an absolute URL on the own host, so it carries the token', async () => {
    expect(await sees('https://evil.test/orders', { config: { allowAbsoluteUrls: false } })).toBe(true);
  });

  it('requests to listed origins carry the token, and those to similar hosts do not', async () => {
    const attach = { origins: ['https://files.test'] };
    expect(await sees('https://files.test/7', { attach })).toBe(true);
    expect(await sees('https://files.test.evil.test/7', { attach })).toBe(false);
    expect(await sees('/orders', { attach })).toBe(true);
  });

  it('a request with { session: false } carries no token', async () => {
    expect(await sees('/orders', { config: { session: false } })).toBe(false);
  });

  it('without an own origin, only requests to listed origins carry the token', async () => {
    const axios = { baseURL: '' };
    if (globalThis.location === undefined)
      expect(await sees('https://api.test/orders', { axios })).toBe(false);
    expect(await sees('https://api.test/orders', { axios, attach: { origins: ['https://api.test'] } })).toBe(
      true,
    );
  });

  describe('exclude matches paths, not substrings', () => {
    const exclude = ['/login', '/public/*', '/v1/*/status'];
    it.each([
      '/login',
      '/login/',
      '/login?next=/orders',
      'login',
      '/public/',
      '/public/a/b',
      '/v1/7/status',
      `${ORIGIN}/login`,
      '/x/../login',
    ])('%j is excluded', async (url) => {
      expect(await sees(url, { attach: { exclude } })).toBe(false);
    });

    it.each([
      '/login-history',
      '/users/login',
      '/loginx',
      '/orders?path=/login',
      '/republic/x',
      '/v1/status',
      '/LOGIN',
    ])('%j is not', async (url) => {
      expect(await sees(url, { attach: { exclude } })).toBe(true);
    });

    it('a path is matched relative to the base URL as well as from the root', async () => {
      const axios = { baseURL: `${ORIGIN}/api/v1` };
      expect(await sees('/login', { axios, attach: { exclude: ['/login'] } })).toBe(false);
      expect(await sees('/login', { axios, attach: { exclude: ['/api/v1/login'] } })).toBe(false);
      expect(await sees('/orders', { axios, attach: { exclude: ['/login'] } })).toBe(true);
      expect(await sees('/orders', { axios, attach: { exclude: ['/api/*'] } })).toBe(false);
      expect(await sees('', { axios, attach: { exclude: ['/api/v1'] } })).toBe(false);
    });

    it('accepts regular expressions and functions', async () => {
      expect(await sees('/health', { attach: { exclude: [/^\/health$/] } })).toBe(false);
      expect(
        await sees('/orders?anonymous', {
          attach: { exclude: [(url) => url.searchParams.has('anonymous')] },
        }),
      ).toBe(false);
      expect(
        await sees('/orders', {
          attach: { exclude: [/^\/health$/g, (url) => url.searchParams.has('anonymous')] },
        }),
      ).toBe(true);
    });
  });

  it.each([
    [
      { origins: ['files.test'] },
      '"origins" takes an array of origins such as https://api.example.com, got files.test',
    ],
    [{ origins: 'https://files.test' as never }, '"origins" takes an array of origins'],
    [{ exclude: ['login'] }, '"exclude" takes an array of paths that begin with a slash'],
    [{ exclude: [7 as never] }, 'regular expressions and functions, got 7'],
    [{ exclude: '/login/' as never }, '"exclude" takes an array of paths'],
    [{ exclude: /login/ as never }, 'regular expressions and functions, got /login/'],
  ])('throws for %j', (attach, message) => {
    expect(() => createApp({ attach })).toThrow(message);
  });

  it('the token is sent in the query if the backend can read it nowhere else', async () => {
    const { server, api, logIn } = createApp({
      server: { tokenFrom: 'query' },
      envelope: { carry: { query: 'token' } },
    });
    await logIn();
    const response = await api.get('/order/?a=1#top', { params: { b: [2, 3] } });
    expect(server.stats).toMatchObject({ ordersOk: 1, ordersRefused: 0 });
    expect(response.config.url).toBe('/order/?a=1#top');
    expect(response.config.params).toEqual({ b: [2, 3] });
  });

  it('the refresh token is sent only to the refresh URL, in its header', async () => {
    const { server, api, logIn, session } = createApp();
    await logIn();
    const seen: [string, string][] = [];
    network.events.on('request:start', (event) => {
      const { request } = event as unknown as { request: Request };
      seen.push([new URL(request.url).pathname, JSON.stringify([...request.headers])]);
    });
    await session.refresh();
    await api.get('/order/');
    expect(server.stats.refreshes).toBe(1);
    for (const [path, headers] of seen)
      expect(headers.includes('refreshauthorization')).toBe(path === '/update_token/');
  });
});

describe('no token is exposed', () => {
  it('in a response, an error or an event', async () => {
    const { server, api, session, events, logIn } = createApp();
    await logIn();
    const token = await session.getAccessToken();
    const texts: string[] = [];
    const keep = (value: unknown) =>
      texts.push(JSON.stringify(value, (_, inner) => (inner?.toJSON ? inner.toJSON() : inner)) ?? '');
    const answer = await api.get('/order/');
    keep(answer.config);
    server.expireAccessTokens();
    server.failNext('refresh', 'network');
    await api.get('/order/').catch((error) => keep([error, error.config, error.cause, String(error.stack)]));
    server.fail('order', { status: 500 });
    await api
      .get('/order/', { timeout: 1_000 })
      .catch((error) => keep([error, error.config, error.response?.config]));
    keep(events);
    keep(session);
    expect(texts.length).toBe(5);
    for (const text of texts) expect(text).not.toContain(token.slice(0, 20));
  });
});
