import { HttpResponse } from 'msw';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type HttpOptions, httpBackend, type SessionError, timeZone } from '../../src/index.js';
import { ORIGIN, outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';
import { mockEndpoint, sessionOf } from '../support/token-endpoint.js';

mockNetwork();

const url = `${ORIGIN}/refresh`;
const HELD = { accessToken: 'access-1', refreshToken: 'refresh-1' };
const GOOD = { access_token: 'access-2', refresh_token: 'refresh-2' };

async function signedIn(
  options: Partial<HttpOptions> = {},
  answer: () => Response = () => HttpResponse.json(GOOD),
) {
  const { seen, answerWith } = mockEndpoint(options.url?.split('?')[0] ?? url);
  answerWith(answer);
  const { session, ends } = sessionOf(httpBackend({ url, ...options }));
  await session.signIn(HELD);
  const refresh = async () => (await outcome(session.refresh())) as SessionError | undefined;
  return { session, ends, seen, refresh };
}

const read = (body: unknown, options: Partial<HttpOptions> = {}) =>
  httpBackend({ url, ...options }).readTokens(body);

describe('httpBackend sends the refresh token', () => {
  it('in a JSON body, by POST', async () => {
    const { seen, refresh, session } = await signedIn();
    expect(await refresh()).toBeUndefined();
    expect(seen[0]?.method).toBe('POST');
    expect(seen[0]?.headers.get('content-type')).toBe('application/json');
    expect(await seen[0]?.text()).toBe('{"refresh_token":"refresh-1"}');
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('in another field, with other parameters', async () => {
    const { seen, refresh } = await signedIn({
      refreshToken: { json: 'refreshToken' },
      parameters: { device: { id: 7 }, refreshToken: 'is never overwritten' },
    });
    await refresh();
    expect(await seen[0]?.json()).toEqual({ device: { id: 7 }, refreshToken: 'refresh-1' });
  });

  it('in a form, in which a parameter may be repeated', async () => {
    const { seen, refresh } = await signedIn({
      refreshToken: { form: 'rt' },
      parameters: { scope: ['a', 'b'], kind: 'x' },
    });
    await refresh();
    expect(seen[0]?.headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/);
    expect(await seen[0]?.text()).toBe('scope=a&scope=b&kind=x&rt=refresh-1');
  });

  it('in the query of a GET that bypasses the browser’s cache', async () => {
    const asked = vi.spyOn(globalThis, 'fetch');
    onTestFinished(() => asked.mockRestore());
    const { seen, refresh } = await signedIn({
      method: 'GET',
      refreshToken: { query: 'rt' },
      parameters: { v: '2' },
    });
    await refresh();
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${url}?v=2&rt=refresh-1`]);
    expect(asked.mock.calls[0]?.[1]?.cache).toBe('no-store');
  });

  it('in a query after the one in the URL', async () => {
    const { seen, refresh } = await signedIn({ url: `${url}?v=2`, refreshToken: { query: 'rt' } });
    await refresh();
    expect(seen[0]?.url).toBe(`${url}?v=2&rt=refresh-1`);
  });

  it.each([
    [{ header: 'X-Refresh' }, 'x-refresh', 'refresh-1'],
    [{ header: 'Authorization', scheme: 'Bearer' }, 'authorization', 'Bearer refresh-1'],
  ])('in a header: %j', async (refreshToken, name, value) => {
    const { seen, refresh } = await signedIn({ refreshToken });
    await refresh();
    expect(seen[0]?.headers.get(name)).toBe(value);
    expect(await seen[0]?.text()).toBe('');
  });

  it('in a header, with parameters in a JSON body', async () => {
    const { seen, refresh } = await signedIn({
      refreshToken: { header: 'X-Refresh' },
      parameters: { device: 7 },
      method: 'PUT',
    });
    await refresh();
    expect(seen[0]?.method).toBe('PUT');
    expect(seen[0]?.headers.get('x-refresh')).toBe('refresh-1');
    expect(await seen[0]?.json()).toEqual({ device: 7 });
  });

  it('with headers that a function computes at each refresh, also asynchronously', async () => {
    let tenant = 0;
    const { seen, refresh } = await signedIn({ headers: async () => ({ 'X-Tenant': String(++tenant) }) });
    await refresh();
    await refresh();
    expect(seen.map(({ headers }) => headers.get('x-tenant'))).toEqual(['1', '2']);
    expect(seen[0]?.headers.get('accept')).toBe('application/json');
  });

  it('only if the headers can be computed: an error there keeps the session', async () => {
    const headers = () => {
      throw new Error('no device');
    };
    const { seen, refresh, session } = await signedIn({ headers });
    expect(await refresh()).toMatchObject({
      code: 'refresh_unavailable',
      message: 'The refresh failed: no device',
    });
    expect(session.status).toBe('signed-in');
    expect(seen).toEqual([]);
  });

  it('without showing it in errors', async () => {
    const options = { method: 'GET', refreshToken: { query: 'rt' } } as const;
    for (const answer of [
      () => HttpResponse.error(),
      () => new HttpResponse(null, { status: 500 }),
      () => HttpResponse.json({}, { status: 401 }),
    ]) {
      const { refresh } = await signedIn(options, answer);
      const error = await refresh();
      expect(error?.message).toContain(url);
      expect(error?.message).not.toContain('refresh-1');
    }
  });
});

describe('httpBackend reads', () => {
  it('a response that is wrapped at any depth', () => {
    const fields = {
      data: 'result.session',
      accessToken: 'tokens.access',
      refreshToken: 'tokens.refresh',
      expiresIn: 'ttl',
    };
    const now = fakeClock() && Date.now();
    const body = { result: { session: { tokens: { access: 'a', refresh: 'r' }, ttl: 60, user: 'kevin' } } };
    expect(read(body, { fields })).toMatchObject({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: now + 60_000,
      user: 'kevin',
    });
  });

  it.each([
    ['seconds from now', { expiresIn: 'x' }, 60],
    ['ms from now', { expiresInMs: 'x' }, 60_000],
    ['ms from now, in digits', { expiresInMs: 'x' }, '60000'],
    ['seconds since the epoch', { expiry: 'x' }, 1_795_507_260.25],
    ['ms since the epoch', { expiry: 'x' }, 1_795_507_260_250],
    ['digits', { expiry: 'x' }, '1795507260250'],
    ['ISO 8601', { expiry: 'x' }, '2026-11-24T08:01:00.250Z'],
    ['a local time of a zone', { expiry: 'x' }, '2026/11/24 16:01:00.250'],
  ])('an expiry in %s', (_, fields, x) => {
    fakeClock();
    const tokens = read({ access_token: 'a', x }, { fields, timeZone: timeZone('Asia/Shanghai') });
    expect(tokens.expiresAt).toBe(Date.parse('2026-11-24T08:01:00.250Z'));
  });

  it('the response of an admin template whose lifetimes are in years', () => {
    fakeClock();
    const data = { accessToken: 'a', refreshToken: 'r', expires: '2030/10/30 00:00:00', roles: ['admin'] };
    const options: Partial<HttpOptions> = {
      success: { field: 'success', codes: [true] },
      fields: { data: 'data', accessToken: 'accessToken', refreshToken: 'refreshToken', expiry: 'expires' },
      timeZone: timeZone('+08:00'),
    };
    expect(read({ success: true, data }, options)).toMatchObject({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: Date.parse('2030-10-29T16:00:00Z'),
      roles: ['admin'],
    });
    expect(() => read({ success: false, data }, options)).toThrow(
      'Expected an answer with code true and tokens, got code false',
    );
  });

  it.each([
    [{ codes: [0, 200] }, { code: 0 }, true],
    [{ codes: [0, 200] }, { code: '200' }, true],
    [{ codes: [0, 200] }, { code: 500 }, false],
    [{ codes: [0, 200] }, {}, false],
    [{ field: 'meta.ok', codes: [true] }, { meta: { ok: true } }, true],
    [{ field: 'meta.ok', codes: [true] }, { meta: { ok: false } }, false],
  ])('a success by code: %j of %j is %j', (success, body, isGood) => {
    const reading = () => read({ ...body, access_token: 'a' }, { success });
    if (isGood) expect(reading().accessToken).toBe('a');
    else expect(reading).toThrow('Expected an answer with code');
  });

  it.each([
    ['no access token', { data: {} }, '"data.access_token" must be a non-empty string'],
    ['nothing to unwrap', { access_token: 'secret' }, '"data.access_token" must be'],
    ['nothing', undefined, 'got undefined'],
  ])('%s as an error that names the field', (_, body, message) => {
    expect(() => read(body, { fields: { data: 'data' } })).toThrow(message);
    expect(() => read(body, { fields: { data: 'data' } })).not.toThrow('secret');
  });
});

describe('httpBackend recognizes a refused refresh', () => {
  it.each<[string, HttpOptions['rejected'], () => Response, boolean]>([
    ['by status 401', undefined, () => new HttpResponse(null, { status: 401 }), true],
    ['not by another status', undefined, () => HttpResponse.json({ code: 401 }, { status: 403 }), false],
    ['by a status', { statuses: [401, 419] }, () => new HttpResponse(null, { status: 419 }), true],
    ['by a code', { codes: [1008] }, () => HttpResponse.json({ code: '1008' }), true],
    ['not by another code', { codes: [1008] }, () => HttpResponse.json({ code: 1009 }), false],
    [
      'by a code in a field',
      { codes: ['EXPIRED'], field: 'error.type' },
      () => HttpResponse.json({ error: { type: 'EXPIRED' } }),
      true,
    ],
    [
      'by a status and a code together',
      { statuses: [400], codes: [7] },
      () => HttpResponse.json({ code: 7 }, { status: 400 }),
      true,
    ],
    [
      'not by the code alone if both are set',
      { statuses: [400], codes: [7] },
      () => HttpResponse.json({ code: 7 }),
      false,
    ],
    [
      'not by a server fault with the code',
      { codes: [7] },
      () => HttpResponse.json({ code: 7 }, { status: 503 }),
      false,
    ],
  ])('%s: %j', async (_, rejected, answer, isEnd) => {
    const { session, refresh } = await signedIn(rejected ? { rejected } : {}, answer);
    const error = await refresh();
    expect(error?.code === 'refresh_rejected').toBe(isEnd);
    expect(session.status).toBe(isEnd ? 'signed-out' : 'signed-in');
  });

  it('but sends no request without a refresh token', async () => {
    const { session, seen } = await signedIn();
    await session.signIn({ accessToken: 'alone' });
    session.refresh().catch(() => {});
    await Promise.resolve();
    expect(seen).toEqual([]);
  });
});

it.each([
  [{ url: '' }, '"url" must be the URL of the refresh endpoint'],
  [{ url, method: 'GET' }, '"refreshToken" of a GET must be { query } or { header }'],
  [{ url, timeZone: 'UTC' as never }, '"timeZone" must be made by timeZone(name), got a string'],
] as const)('httpBackend throws an error that says what is wrong with %j', (options, message) => {
  expect(() => httpBackend(options)).toThrow(message);
});
