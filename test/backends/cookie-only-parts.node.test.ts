import { beforeEach, describe, expect, it, vi } from 'vitest';
import { carriedBy } from '../../src/backends/backend.js';
import { type Backend, type CookieOptions, cookieBackend, type TokenSet } from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { reply, stubEndpoints, stubFetch } from '../support/fetch-stub.js';
import { openSession } from '../support/session.js';
import { usePage } from '../tabs/page.js';

const url = 'https://api.test/refresh';
const me = 'https://api.test/me';
const PLACEHOLDER = expect.stringMatching(/^cookie-[a-z0-9]+$/);

usePage();

let now: number;
beforeEach(() => {
  fakeClock();
  now = Date.now();
});

const make = (options: Partial<CookieOptions> = {}) =>
  cookieBackend({ url, accessToken: 'cookie', ...options });

const setCookies = (cookie: string) => vi.stubGlobal('document', { cookie });

const claimsOf = (backend: Backend, body: unknown) => backend.claims!(backend.readTokens(body));

function refresh(backend: Backend, more: Partial<TokenSet> = {}, controller = new AbortController()) {
  return backend.refresh({ accessToken: 'cookie-1', ...more }, { signal: controller.signal });
}

describe('a response without an access token', () => {
  it('is read with a placeholder instead, a new one each time', () => {
    const body = { user: { id: 7 }, expires_in: 60, theme: 'dark', accessToken: 'leaked' };
    const tokens = make().readTokens(body);
    expect(tokens).toStrictEqual({
      accessToken: PLACEHOLDER,
      expiresAt: now + 60_000,
      user: { id: 7 },
      theme: 'dark',
    });
    expect(make().readTokens(body).accessToken).not.toBe(tokens.accessToken);
  });

  it.each([
    [{ data: 'result' }, { result: { user: 'ann', expires_in: 60 } }],
    [{ data: 'result', expiresIn: 'ttl' }, { result: { user: 'ann', ttl: 60 } }],
    [{ expiresIn: 'ttl' }, { user: 'ann', ttl: 60 }],
  ])('is read with the field names %j', (fields, body) => {
    expect(make({ fields }).readTokens(body)).toStrictEqual({
      accessToken: PLACEHOLDER,
      expiresAt: now + 60_000,
      user: 'ann',
    });
  });

  it.each([undefined, null, 'text', {}])('may be %j', async (body) => {
    expect(make().readTokens(body)).toStrictEqual({ accessToken: PLACEHOLDER });
    expect(make({ fields: { data: 'result' } }).readTokens(body)).toStrictEqual({ accessToken: PLACEHOLDER });
  });

  it('may have no body if it answers a refresh', async () => {
    stubFetch(() => reply(''));
    expect(await refresh(make())).toMatchObject({ accessToken: PLACEHOLDER });
  });
});

describe('the user of a cookie-only session', () => {
  it.each([
    [undefined, null],
    [null, null],
    ['', null],
    ['kevin', { sub: 'kevin' }],
    [0, { sub: '0' }],
    [
      { id: 7, name: 'Kevin' },
      { sub: '7', id: 7, name: 'Kevin' },
    ],
    [
      { id: 7, sub: 'kevin' },
      { sub: 'kevin', id: 7 },
    ],
    [{ name: 'Kevin' }, { name: 'Kevin' }],
  ])('in the field %j is %j', (user, claims) => {
    expect(claimsOf(make(), { user })).toStrictEqual(claims);
    expect(claimsOf(make({ user: { field: 'account' } }), { account: user })).toStrictEqual(claims);
  });

  it.each([
    ['a name', 'kevin', { sub: 'kevin' }],
    ['a number', '7', { sub: '7' }],
    ['JSON', '{"id":7,"name":"K. L."}', { sub: '7', id: 7, name: 'K. L.' }],
    ['JSON in base64', btoa('{"uid":"u7"}'), { uid: 'u7' }],
    ['JSON in base64url', 'eyJuIjoifn5-fn4_Pz8_PyJ9', { n: '~~~~~?????' }],
    ['JSON with Chinese text', '{"id":7,"name":"张三"}', { sub: '7', id: 7, name: '张三' }],
    ['Chinese text', '张三', { sub: '张三' }],
    ['JSON with Chinese text in base64', 'eyJ1aWQiOiLlvKDkuIkifQ==', { uid: '张三' }],
    ['a JWT with Chinese text', 'e30.eyJ1aWQiOiLlvKDkuIkifQ.signature', { uid: '张三' }],
    ['JSON in Latin-1 in base64', btoa('{"uid":"é"}'), { uid: 'é' }],
    ['JSON as Express writes it', 'j:{"id":7}', { sub: '7', id: 7 }],
    ['JSON with j: in a text', '{"n":"j:7"}', { n: 'j:7' }],
    ['a JWT', `${btoa('{"alg":"none"}')}.${btoa('{"sub":"7"}')}.signature`, { sub: '7' }],
  ])('in a cookie is %s', (_, value, claims) => {
    setCookies(`user=${encodeURIComponent(value)}`);
    expect(claimsOf(make({ user: { cookie: 'user' } }), { user: 'of the answer' })).toStrictEqual(claims);
  });

  it('is taken from the response if the cookie is absent', () => {
    setCookies('');
    expect(claimsOf(make({ user: { cookie: 'user' } }), { user: 'ann' })).toStrictEqual({ sub: 'ann' });
  });

  it('is the body that is passed to signIn, even if a URL returns the user after each refresh', () => {
    const backend = make({ user: { url: me } });
    expect(claimsOf(backend, { id: 8, name: 'ann' })).toStrictEqual({ sub: '8', id: 8, name: 'ann' });
  });

  it('is unwrapped like the other responses, if the response of the URL is wrapped', async () => {
    const backend = make({ fields: { data: 'data' }, user: { url: me } });
    expect(claimsOf(backend, { data: { id: 7 } })).toStrictEqual({ sub: '7', id: 7 });
    expect(claimsOf(backend, { id: 7 })).toStrictEqual({ sub: '7', id: 7 });
    for (const user of [{ data: { id: 7 } }, { id: 7 }]) {
      stubEndpoints({ [url]: () => reply({}), [me]: () => reply(user) });
      expect(backend.claims!(await refresh(backend))).toStrictEqual({ sub: '7', id: 7 });
    }
  });

  it('is requested by a GET that bypasses caches and aborts with the refresh', async () => {
    const seen = stubEndpoints({ [url]: () => reply({ id: 9 }), [me]: () => reply({ id: 7 }) });
    const controller = new AbortController();
    const backend = make({ user: { url: me }, headers: { 'X-Tenant': 'seven' } });
    expect((await refresh(backend, {}, controller)).user).toEqual({ id: 7 });
    const [request] = seen[me]!;
    expect(request).toMatchObject({ method: 'GET', cache: 'no-store', credentials: 'include' });
    expect(request!.headers.get('x-tenant')).toBe('seven');
    controller.abort();
    expect(request!.signal.aborted).toBe(true);
  });

  it('can be unavailable: that is not a refusal', async () => {
    stubEndpoints({ [url]: () => reply({}), [me]: () => reply({}, 401) });
    await expect(refresh(make({ user: { url: me } }))).rejects.toMatchObject({ code: 'refresh_unavailable' });
  });

  it('cannot be requested without a URL', () => {
    expect(() => make({ user: { url: '' } })).toThrow('"url" must be the URL of the user endpoint');
  });
});

describe('a request with cookie-only tokens', () => {
  const csrf = { cookie: 'csrf', header: 'X-CSRF' };
  const carried = (method: string) => carriedBy(make({ csrf }).carry, 'cookie-1').forMethod?.(method);

  it.each(['GET', 'get', 'HEAD', 'OPTIONS', 'TRACE'])('by %s carries no extra header', (method) => {
    setCookies('csrf=a');
    expect(carried(method)).toStrictEqual({});
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'WIDGET', 'GETALL'])(
    'by %s carries the CSRF token',
    (method) => {
      setCookies('csrf=a');
      expect(carried(method)).toStrictEqual({ headers: { 'X-CSRF': 'a' } });
    },
  );

  it('by POST carries no extra header if there is no CSRF token', () => {
    setCookies('');
    expect(carried('POST')).toStrictEqual({ headers: {} });
  });
});

describe('the expiry of a cookie-only token', () => {
  const later = () => Math.floor(now / 1_000) + 600;

  it('is read from its own cookie', () => {
    setCookies(`expires=${later()}`);
    expect(make({ expiryCookie: 'expires' }).readTokens({}).expiresAt).toBe(later() * 1_000);
    expect(make().readTokens({})).not.toHaveProperty('expiresAt');
  });

  it('is measured by the server’s clock', async () => {
    setCookies(`expires=${later()}`);
    const date = new Date(later() * 1_000 - 60_000);
    stubFetch(() => reply({}, 200, { Date: date.toUTCString() }));
    const { expiresAt = 0 } = await refresh(make({ expiryCookie: 'expires' }));
    expect(Math.abs(expiresAt - now - 60_000)).toBeLessThanOrEqual(1_000);
  });

  it.each([
    ['', 600],
    ['; expires=2000000000', 2_000_000_000],
  ])('is taken from the user’s cookie if no other expiry is known: %j', (other, expected) => {
    const exp = later();
    setCookies(`user=${encodeURIComponent(JSON.stringify({ exp }))}${other}`);
    const backend = make({ user: { cookie: 'user' }, expiryCookie: 'expires' });
    expect(backend.readTokens({}).expiresAt).toBe((expected === 600 ? exp : expected) * 1_000);
  });
});

describe('after a refresh, the session', () => {
  const other = (user: string) => expect.stringMatching(new RegExp(`^cookie-\\w+ ${user}$`));

  it.each([
    ['continues with the same user', 's 7', { id: 7 }, 's 7'],
    ['continues if the response names no user', 's 7', undefined, 's 7'],
    ['continues if the user was unknown before', 's ', { id: 7 }, 's '],
    ['is a new one with another user', 's 7', { id: 8 }, other('8')],
    ['is a new one with a user of a similar id', 's 17', { id: 7 }, other('7')],
    ['begins with the user of the response', undefined, { user_id: 5 }, other('5')],
    ['begins without a user if the response names none', undefined, undefined, other('')],
  ])('%s', async (_, sessionId, user, expected) => {
    stubFetch(() => reply({ user }));
    const tokens = await refresh(make(), sessionId === undefined ? {} : { sessionId });
    expect(tokens.sessionId).toEqual(expected);
  });

  it('is identified by its user from the first response on', async () => {
    stubFetch(() => reply({}, 401));
    const written: (TokenSet | null)[] = [];
    const store = { read: () => null, write: (tokens: TokenSet | null) => void written.push(tokens) };
    const { session } = openSession({ backend: { ...make(), refresh: make().refresh }, store });
    await session.ready;
    await session.signIn({ user: { id: 7 } });
    expect(written.at(-1)).toMatchObject({ generation: expect.any(Number), sessionId: other('7') });
  });
});

it('cookie-only tokens are never exposed, and tabs share the ledger of their refresh URL', () => {
  const backend = make();
  expect(() => backend.giveAccessToken!({ accessToken: 'cookie-1' })).toThrow(
    expect.objectContaining({
      code: 'no_access_token',
      message: 'The access token is in an HttpOnly cookie',
    }),
  );
  expect(backend.coordination?.name).toBe(`cookie:${url}`);
});
