import { delay, HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { network } from '#network';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { envelopeBackend, loginRedirect, type TokenSet } from '../../src/index.js';
import { type AppOptions, createApp, outcome } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const HERE = location.origin;
const ELSEWHERE = 'https://elsewhere.test';
const TOKENS: TokenSet = { accessToken: 'secret', refreshToken: 'refresh-secret' };

/** Each request as origin, path and the tokens that it carries. */
const seen: string[] = [];

beforeEach(() => {
  seen.length = 0;
  document.querySelectorAll('base').forEach((base) => void base.remove());
});

function setBase(href: string): HTMLBaseElement {
  const base = Object.assign(document.createElement('base'), { href });
  document.head.prepend(base);
  onTestFinished(() => base.remove());
  return base;
}

/** An application whose requests all succeed, on any origin. */
async function signedIn(options: AppOptions, tokens = TOKENS) {
  const app = createApp({ envelope: { url: '/update_token/' }, ...options });
  network.use(
    http.all('*', async ({ request }) => {
      const { origin, pathname } = new URL(request.url);
      const text = JSON.stringify([...request.headers]);
      const carried = ['"secret', 'refresh-secret'].filter((token) => text.includes(token));
      seen.push([origin, pathname, ' ', carried.map((token) => token.replace('"', ''))].join(''));
      if (pathname !== '/update_token/') return HttpResponse.json({});
      await delay(50);
      return HttpResponse.json({ code: 1007, data: { token: 'secret-2', refresh_token: 'refresh-secret' } });
    }),
  );
  await app.session.signIn(tokens);
  return app;
}

describe('a <base> of another origin gets no token', () => {
  it.each(['/', '/api', undefined])('with baseURL %j', async (baseURL) => {
    const { api } = await signedIn({ axios: { baseURL: baseURL! } });
    const path = baseURL === '/api' ? '/api/order/' : '/order/';
    await api.get('/order/');
    const base = setBase(`${ELSEWHERE}/`);
    await api.get('/order/');
    base.remove();
    await api.get('/order/');
    expect(seen).toEqual([`${HERE}${path} secret`, `${ELSEWHERE}${path} `, `${HERE}${path} secret`]);
  });

  it('with session fetch', async () => {
    const { session } = await signedIn({});
    setBase(`${ELSEWHERE}/`);
    await createSessionFetch(session)('/order/');
    expect(seen).toEqual([`${ELSEWHERE}/order/ `]);
  });

  it('unless the application lists that origin', async () => {
    const { api } = await signedIn({ axios: { baseURL: '/' }, attach: { origins: [ELSEWHERE] } });
    setBase(`${ELSEWHERE}/`);
    await api.get('/order/');
    expect(seen).toEqual([`${ELSEWHERE}/order/ secret`]);
  });

  it('when it is added while the request waits', async () => {
    const { api, session } = await signedIn(
      { axios: { baseURL: '/' } },
      { ...TOKENS, expiresAt: Date.now() },
    );
    const requests = [api.get('/order/'), api.get('a b'), createSessionFetch(session)('/c')];
    await expect.poll(() => seen).toEqual([`${HERE}/update_token/ refresh-secret`]);
    setBase(`${ELSEWHERE}/`);
    await Promise.all(requests);
    expect(seen.slice(1).sort()).toEqual([
      `${HERE}/a%20b secret`,
      `${HERE}/c secret`,
      `${HERE}/order/ secret`,
    ]);
  });

  it('when markup hides the page’s base from scripts', async () => {
    const { session } = await signedIn({});
    const image = Object.assign(document.createElement('img'), { name: 'baseURI' });
    document.body.append(image);
    onTestFinished(() => image.remove());
    setBase(`${ELSEWHERE}/`);
    await createSessionFetch(session)('/order/');
    expect(seen).toEqual([`${ELSEWHERE}/order/ `]);
  });
});

describe('a <base> of the page’s own origin is used', () => {
  it('for requests', async () => {
    const { api } = await signedIn({ axios: { baseURL: 'api' } });
    setBase('/app/');
    await api.get('/order/');
    expect(seen).toEqual([`${HERE}/app/api/order/ secret`]);
  });

  it('for the refresh address', async () => {
    setBase('/app/../');
    const { session } = await signedIn({ envelope: { url: 'update_token/' } });
    await session.refresh();
    expect(seen).toEqual([`${HERE}/update_token/ refresh-secret`]);
  });
});

describe('the refresh token is sent to the page’s own origin', () => {
  it.each(['before', 'after'])('if a <base> of another origin was there %s the backend', async (when) => {
    if (when === 'before') setBase(`${ELSEWHERE}/`);
    const { session } = await signedIn({});
    if (when === 'after') setBase(`${ELSEWHERE}/`);
    await session.refresh();
    expect(seen).toEqual([`${HERE}/update_token/ refresh-secret`]);
  });

  it('an option with a path that depends on such a <base> throws, for a backend and for a login page', () => {
    setBase(`${ELSEWHERE}/`);
    const message = (option: string) =>
      `"${option}" must be an absolute URL or begin with a slash: <base> takes it to ${ELSEWHERE}`;
    expect(() => envelopeBackend({ url: 'update_token/' })).toThrow(new TypeError(message('url')));
    expect(() => loginRedirect({ to: 'login' })).toThrow(new TypeError(message('to')));
    expect(() => loginRedirect({ to: 'login', navigate: () => {} })).not.toThrow();
    expect(() => loginRedirect({ to: 'https://login.test/' })).not.toThrow();
  });
});

describe('a request with its own baseURL', () => {
  it('carries no token to the page if the page’s origin is not listed', async () => {
    const { api } = await signedIn({});
    await api.get('/config.json', { baseURL: '/' });
    expect(seen).toEqual([`${HERE}/config.json `]);
  });

  it('carries it if the page’s origin is listed', async () => {
    const { api } = await signedIn({ attach: { origins: [HERE] } });
    await api.get('/config.json', { baseURL: '/' });
    expect(seen).toEqual([`${HERE}/config.json secret`]);
  });
});

it('the config that the caller sees does not change', async () => {
  const { api } = await signedIn({ axios: { baseURL: '/api' } });
  const { config } = await api.get('order#1', { baseURL: '/v2', allowAbsoluteUrls: false });
  expect(config).toMatchObject({ url: 'order#1', baseURL: '/v2', allowAbsoluteUrls: false });
  const { config: failed } = (await outcome(api.get('/a', { timeout: 1 }))) as { config: object };
  expect(failed).toMatchObject({ url: '/a', baseURL: '/api' });
});
