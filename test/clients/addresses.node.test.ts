import axios from 'axios';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { createSession, type TokenSet } from '../../src/index.js';
import { stubPage } from '../support/stub-page.js';
import { createApi } from './address-api.js';

const SHOP = 'https://shop.test';

afterEach(() => void vi.unstubAllGlobals());

const V1 = 'https://api.test/v1';

describe('a plain path stays separate from its base, because mocks read both', () => {
  it.each([
    ['/orders', '/orders'],
    ['orders', '/orders'],
    ['', ''],
    ['?page=2', '/?page=2'],
    ['/a-b.c~d%20_/e?f=1&g=2,3+4', '/a-b.c~d%20_/e?f=1&g=2,3+4'],
  ])('%j', async (url, sent) => {
    expect(await createApi(V1).send(url)).toEqual({ url: sent, baseURL: V1, token: true });
  });

  it('below a base with a trailing slash', async () => {
    const base = `${V1}/`;
    expect(await createApi(base).send('orders')).toEqual({ url: 'orders', baseURL: base, token: true });
  });

  it('that is missing, so the base itself is requested', async () => {
    expect(await createApi(V1).send(undefined)).toEqual({ url: '', baseURL: V1, token: true });
    expect(await createApi(V1).send(null)).toEqual({ url: '', baseURL: V1, token: true });
  });

  it('that could match a pattern of `exclude`, but does not', async () => {
    const { send } = createApi(V1, { exclude: ['/orders/open'] });
    expect(await send('/all/open')).toEqual({ url: '/all/open', baseURL: V1, token: true });
  });

  it('below a base that is relative to the page', async () => {
    stubPage(`${SHOP}/orders/7`);
    const baseURL = `${SHOP}/api`;
    expect(await createApi('/api').send('/x')).toEqual({ url: '/x', baseURL, token: true });
  });
});

describe('a plain path is sent without parsing a URL', () => {
  /** The number of URLs that a second request parses. */
  async function costOf(url: string, { target }: ReturnType<typeof createApi>, between = () => {}) {
    await target(url);
    between();
    const parsed = vi.fn();
    vi.stubGlobal(
      'URL',
      class extends URL {
        constructor(...args: ConstructorParameters<typeof URL>) {
          parsed(...args);
          super(...args);
        }
      },
    );
    await target(url);
    return parsed.mock.calls.length;
  }

  it.each([[[]], [['/login']], [['/v1/login']], [['/login/*', '/sign-in/']]])(
    'if no pattern of `exclude` could match: %j',
    async (exclude) => {
      expect(await costOf('/open-orders', createApi(V1, { exclude }))).toBe(0);
    },
  );

  it.each([[['/open-orders/*']], [['/*']], [[/^\/login$/]], [[() => false]]])(
    'but with parsing if a pattern could match: %j',
    async (exclude) => {
      expect(await costOf('/open-orders', createApi(V1, { exclude }))).toBeGreaterThan(0);
    },
  );

  it('below a relative base', async () => {
    stubPage(`${SHOP}/`);
    expect(await costOf('/orders', createApi('/api'))).toBe(0);
  });

  it('below an absolute base, whatever happens to the page', async () => {
    stubPage(`${SHOP}/`);
    expect(await costOf('/orders', createApi(V1), () => stubPage(`${SHOP}/app/`))).toBe(0);
  });
});

describe('any other URL is sent as one absolute URL', () => {
  it.each([
    ['/ä', `${V1}/%C3%A4`],
    ['ä/orders', `${V1}/%C3%A4/orders`],
    ['/orders#top', `${V1}/orders#top`],
    ['/a/\\b', `${V1}/a//b`],
    ['go/https://evil.test/x', `${V1}/go/https://evil.test/x`],
    ['https://api.test/v2', 'https://api.test/v2'],
    ['HTTPS://API.TEST/v2', 'https://api.test/v2'],
  ])('%j', async (url, sent) => {
    expect(await createApi(V1).send(url)).toEqual({ url: sent, baseURL: '', token: true });
  });

  it('below a base with http', async () => {
    const { send } = createApi('http://api.test');
    expect(await send('http://api.test/x')).toEqual({ url: 'http://api.test/x', baseURL: '', token: true });
    expect(await send('/x')).toEqual({ url: '/x', baseURL: 'http://api.test', token: true });
  });

  it('if the request has its own base', async () => {
    const { send } = createApi(V1);
    const sent = await send('/orders', { baseURL: 'https://api.test/v2' });
    expect(sent).toEqual({ url: 'https://api.test/v2/orders', baseURL: '', token: true });
  });

  it('if the base is a URL object', async () => {
    const { send } = createApi(new URL('https://api.test/v1'));
    expect(await send('https://api.test/x')).toEqual({
      url: 'https://api.test/x',
      baseURL: '',
      token: true,
    });
  });

  it('in a page, if there is no base', async () => {
    stubPage(`${SHOP}/orders/7`);
    const { send } = createApi(undefined);
    expect(await send('/x')).toEqual({ url: `${SHOP}/x`, baseURL: '', token: true });
    expect(await send('x')).toEqual({ url: `${SHOP}/orders/x`, baseURL: '', token: true });
    expect(await send('/ä')).toEqual({ url: `${SHOP}/%C3%A4`, baseURL: '', token: true });
  });
});

describe('a request is sent unchanged and without a token', () => {
  it.each([
    'https://evil.test/x',
    'https://api.test.evil.test/x',
    '//evil.test/x',
    // This version of axios rejects it; axios 1.7 treats it as a path.
    ...(axios.VERSION.startsWith('1.7.') ? [] : ['https:evil.test/x']),
    'data:text/plain,x//',
  ])('if its URL is %s', async (url) => {
    const sent = await createApi(V1).send(url, { baseURL: url.startsWith('data') ? '' : V1 });
    expect(sent).toEqual({ url, baseURL: url.startsWith('data') ? '' : V1, token: false });
  });

  it('if a space at the end of the base makes it another host', async () => {
    const base = 'https://api.test ';
    expect(await createApi(base).send('/x')).toEqual({ url: '/x', baseURL: base, token: false });
  });

  it('with { session: false }', async () => {
    const sent = await createApi(V1).send('/orders', { session: false });
    expect(sent).toEqual({ url: '/orders', baseURL: V1, token: false });
  });

  it('if its own base is on another host', async () => {
    const sent = await createApi(V1).send('/orders', { baseURL: 'https://evil.test' });
    expect(sent).toEqual({ url: '/orders', baseURL: 'https://evil.test', token: false });
  });

  it('if the page’s <base> moves the instance’s relative base to another host', async () => {
    stubPage(`${SHOP}/`, 'https://cdn.test/');
    const sent = await createApi('/api').send('/orders');
    expect(sent).toEqual({ url: '/orders', baseURL: '/api', token: false });
  });

  it('if its base has no host', async () => {
    stubPage(`${SHOP}/`);
    const baseURL = 'blob:https://api.test/x';
    expect(await createApi(baseURL).send('/orders')).toEqual({ url: '/orders', baseURL, token: false });
  });

  it('if axios cannot join its path and the base', async () => {
    const baseURL = new URL('https://api.test/v1');
    expect(await createApi(baseURL).send('/orders')).toEqual({ url: '/orders', baseURL, token: false });
  });

  it('outside a page, if the base is relative', async () => {
    expect(await createApi('/api').send('/orders')).toEqual({
      url: '/orders',
      baseURL: '/api',
      token: false,
    });
  });

  it('outside a page, if there is no base', async () => {
    expect(await createApi(undefined).send('/orders')).toMatchObject({ url: '/orders', token: false });
  });
});

describe('with allowAbsoluteUrls: false', () => {
  const config = { allowAbsoluteUrls: false };

  it('an absolute URL is a path below the base', async () => {
    const { target } = createApi(V1);
    expect(await target('https://evil.test/x', config)).toBe(`${V1}/https://evil.test/x`);
    expect(await target('//evil.test/x', config)).toBe(`${V1}/evil.test/x`);
  });

  it('an absolute URL stays absolute if there is no base', async () => {
    const { target } = createApi(undefined, { origins: ['https://files.test'] });
    expect(await target('https://files.test/x', config)).toBe('https://files.test/x');
  });
});

describe('the own origin', () => {
  it('follows the `baseURL` of the instance when it changes', async () => {
    const { api, target } = createApi(V1);
    expect(await target('/x')).toBe(`${V1}/x`);
    api.defaults.baseURL = 'https://api-2.test';
    expect(await target('/x')).toBe('https://api-2.test/x');
    expect(await target(`${V1}/x`)).toBe(`no token: ${V1}/x`);
  });

  it('stays that of the page when its <base> changes, and paths follow the <base>', async () => {
    stubPage(`${SHOP}/`);
    const { target } = createApi('api');
    expect(await target('/x')).toBe(`${SHOP}/api/x`);
    stubPage(`${SHOP}/`, 'https://cdn.test/');
    expect(await target('/x')).toBe('no token: api/x');
    stubPage(`${SHOP}/`, `${SHOP}/app/`);
    expect(await target('/x')).toBe(`${SHOP}/app/api/x`);
  });

  it('is not taken from a baseURL on Object.prototype', async () => {
    stubPage(`${SHOP}/`);
    const prototype = Object.prototype as { baseURL?: string };
    const { target } = createApi(undefined);
    prototype.baseURL = 'https://evil.test';
    try {
      expect(await target('https://evil.test/x')).toBe('no token: https://evil.test/x');
      expect(await target(`${SHOP}/x`)).toBe(`${SHOP}/x`);
    } finally {
      delete prototype.baseURL;
    }
  });
});

describe('`exclude`', () => {
  it.each([
    ['/login', '/login'],
    ['/login', 'login?next=/'],
    ['/login/', '/login'],
    ['/public/*', '/public/a'],
    ['/*/status', '/7/status'],
    ['/a*b', '/a/x/b'],
    ['/*', '/anything'],
    ['/sign-in', '/sign-in'],
    [/^\/v1\/health$/, '/health'],
    [({ search }: URL) => search.length > 5, '/orders?anonymous'],
  ])('%s matches %s', async (pattern, url) => {
    expect(await createApi(V1, { exclude: ['/other', pattern] }).target(url)).toBe(
      `no token: ${V1}${url.replace(/^(?!\/)/, '/')}`,
    );
  });

  it.each([
    ['/login', '/users/login'],
    ['/login', '/login-history'],
    [/^\/health$/, '/health'],
    [() => false, '/orders'],
  ])('%s does not match %s', async (pattern, url) => {
    expect(await createApi(V1, { exclude: [pattern] }).target(url)).toBe(`${V1}${url}`);
  });

  it('calls a function with the whole URL, as it is sent with `params`', async () => {
    const isSigned = vi.fn(({ searchParams }: URL) => searchParams.has('signature'));
    const { send, target } = createApi(V1, { exclude: [isSigned] });
    expect(await target('/file', { params: { page: 1 } })).toBe(`${V1}/file`);
    expect(await send('/file?a#b', { params: { signature: 1 } })).toEqual({
      ...{ url: `/file?a#b`, baseURL: V1, token: false },
    });
    const paramsSerializer = () => 'signature=2';
    expect(await target('https://api.test/x', { params: {}, paramsSerializer })).toBe(
      'no token: https://api.test/x',
    );
    const seen = isSigned.mock.calls.map(([{ href }]) => href);
    expect(seen).toEqual([`${V1}/file?page=1`, `${V1}/file?a&signature=1`, 'https://api.test/x?signature=2']);
  });

  it('does not serialize `params` once more for a path', async () => {
    const paramsSerializer = vi.fn(() => '');
    const { target } = createApi(V1, { exclude: ['/file'] });
    expect(await target('/file', { params: {}, paramsSerializer })).toBe(`no token: ${V1}/file`);
    expect(paramsSerializer).not.toHaveBeenCalled();
  });

  it('matches the base itself', async () => {
    expect(await createApi(V1, { exclude: ['/v1'] }).target('')).toBe(`no token: ${V1}`);
  });

  it('is matched only from the root if the instance has no base', async () => {
    stubPage(`${SHOP}/orders/7`);
    const { target } = createApi(undefined, { exclude: ['/login'] });
    expect(await target('/orders/7/login')).toBe(`${SHOP}/orders/7/login`);
    expect(await target('/login')).toBe('no token: /login');
  });
});

describe('the refresh request of a backend that uses the same instance', () => {
  it.each([
    ['/token', `${V1}/token`],
    ['/token?ä', `${V1}/token?%C3%A4`],
  ])('is sent without a token: %s', async (url, refreshUrl) => {
    const tokens: boolean[] = [];
    const api = axios.create({
      baseURL: V1,
      adapter: async (config) => {
        tokens.push(config.headers.has('Authorization'));
        return { data: { accessToken: 'new' }, status: 200, statusText: '', headers: {}, config };
      },
    });
    const backend = {
      refreshUrl,
      readTokens: (body: unknown) => body as TokenSet,
      refresh: async () => (await api.post(url)).data,
    };
    const session = createSession({ backend });
    attachSession(api, session);
    await session.signIn({ accessToken: 'old', expiresAt: 1 });
    await api.get('/orders');
    expect(tokens).toEqual([false, true]);
  });
});

it.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [{}, 'an object with no fields'],
])('attachSession throws if the instance is %s', (instance, got) => {
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: () => Promise.reject() },
  });
  expect(() => attachSession(instance as never, session)).toThrow(
    new TypeError(`"instance" must be an axios instance, got ${got}`),
  );
});
