import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask } from '../../src/backends/http.js';
import { type HttpOptions, httpBackend, logout, type TokenSet, timeZone } from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { reply, stubFetch } from '../support/fetch-stub.js';
import { jwtOf } from '../support/jwt.js';
import { outcome } from '../support/outcome.js';

const url = 'https://api.test/refresh';
const HELD: TokenSet = { accessToken: 'access-1', refreshToken: 'r/1' };
const GOOD = { access_token: 'access-2' };

let now: number;
beforeEach(() => {
  fakeClock();
  now = Date.now();
});
afterEach(() => void vi.useRealTimers());

/** A refresh with this response, and the request for it. */
async function refresh(options: Partial<HttpOptions> = {}, response = () => reply(GOOD), held = HELD) {
  const calls = stubFetch(response);
  const signal = new AbortController().signal;
  const result = await outcome(httpBackend({ url, ...options }).refresh(held, { signal }));
  const [call] = calls;
  if (!call) return { result };
  const { body, ...init } = call.init;
  const text = body === undefined ? {} : { body: String(body) };
  return { result, call: { ...init, ...text, url: call.url, headers: Object.fromEntries(call.headers) } };
}

const read = (body: unknown, options: Partial<HttpOptions> = {}) =>
  outcome((async () => httpBackend({ url, ...options }).readTokens(body))());

describe('the request for new tokens', () => {
  const json = { accept: 'application/json', 'content-type': 'application/json' };

  it.each<[string, Partial<HttpOptions>, object]>([
    ['JSON', {}, { method: 'POST', url, body: '{"refresh_token":"r/1"}', headers: json }],
    [
      'JSON with other parameters',
      { refreshToken: { json: 'rt' }, parameters: { device: { id: 7 }, rt: 'never' }, method: 'PUT' },
      { method: 'PUT', body: '{"device":{"id":7},"rt":"r/1"}', headers: json },
    ],
    [
      'a form, in which a parameter may be repeated',
      { refreshToken: { form: 'rt' }, parameters: { scope: ['a', 'b'], kind: 'x' } },
      { body: 'scope=a&scope=b&kind=x&rt=r%2F1' },
    ],
    [
      'the query',
      { refreshToken: { query: 'rt' }, parameters: { kind: 'x' } },
      { url: `${url}?kind=x&rt=r%2F1`, headers: { accept: 'application/json' } },
    ],
    [
      'the existing query of a URL',
      { url: `${url}?v=2`, refreshToken: { query: 'rt' } },
      { url: `${url}?v=2&rt=r%2F1` },
    ],
    [
      'a header',
      { refreshToken: { header: 'X-Refresh' } },
      { url, headers: { accept: 'application/json', 'x-refresh': 'r/1' } },
    ],
    [
      'a header with a scheme, and JSON beside it',
      { refreshToken: { header: 'X-Refresh', scheme: 'Bearer' }, parameters: { kind: 'x' } },
      { body: '{"kind":"x"}', headers: { ...json, 'x-refresh': 'Bearer r/1' } },
    ],
    [
      'a GET, which no cache may answer',
      { method: 'GET', refreshToken: { query: 'rt' } },
      { method: 'GET', cache: 'no-store', url: `${url}?rt=r%2F1` },
    ],
    [
      'the header of a GET',
      { method: 'GET', refreshToken: { header: 'X-Refresh' } },
      { method: 'GET', url, headers: { accept: 'application/json', 'x-refresh': 'r/1' } },
    ],
    [
      'the header of a GET with other parameters, which are in the query because a GET has no body',
      { method: 'GET', refreshToken: { header: 'X-Refresh' }, parameters: { kind: 'x', scope: ['a', 'b'] } },
      { url: `${url}?kind=x&scope=a&scope=b`, headers: { accept: 'application/json', 'x-refresh': 'r/1' } },
    ],
  ])('has the refresh token in %s', async (_, options, expected) => {
    const { call } = await refresh(options);
    expect(call).toMatchObject(expected);
    if (!('body' in expected)) expect(call).not.toHaveProperty('body');
    if (options.method !== 'GET') expect(call).not.toHaveProperty('cache');
  });

  it('has its query before the fragment of the URL, which is never sent', async () => {
    const options = { url: `${url}?v=1#app`, method: 'GET', refreshToken: { query: 'rt' } } as const;
    const { call } = await refresh(options);
    expect(call?.url).toBe(`${url}?v=1&rt=r%2F1#app`);
  });

  it.each([{ json: 'rt' }, { form: 'rt' }])(
    'leaves out parameters that are undefined, with %j',
    async (place) => {
      const { call } = await refresh({ refreshToken: place, parameters: { tenant: undefined, kind: 'x' } });
      expect(call?.body).not.toContain('tenant');
      expect(call?.body).toContain('kind');
    },
  );

  it('is not sent without a refresh token', async () => {
    const { result, call } = await refresh({}, undefined, { accessToken: 'a' });
    expect(result).toMatchObject({ code: 'refresh_rejected', message: 'There is no refresh token' });
    expect(call).toBeUndefined();
  });

  it.each([{ json: 'rt' }, { form: 'rt' }])('cannot be a GET with %j', (refreshToken) => {
    expect(() => httpBackend({ url, method: 'GET', refreshToken })).toThrow(
      new TypeError('"refreshToken" of a GET must be { query } or { header }, as a GET has no body'),
    );
  });
});

describe('a refusal by the token endpoint', () => {
  it.each<[string, HttpOptions['rejected'], number, unknown, string]>([
    ['401 by default', undefined, 401, {}, 'refresh_rejected'],
    ['no other status by default', undefined, 403, {}, 'refresh_unavailable'],
    ['one of the statuses', { statuses: [403, 410] }, 410, {}, 'refresh_rejected'],
    ['not 401 if other statuses are set', { statuses: [403] }, 401, {}, 'refresh_unavailable'],
    ['a code, in any status', { codes: [7] }, 200, { code: '7' }, 'refresh_rejected'],
    [
      'a code in another field',
      { codes: [7], field: 'error.id' },
      400,
      { error: { id: 7 } },
      'refresh_rejected',
    ],
    ['a code in one of the statuses', { codes: [7], statuses: [400] }, 400, { code: 7 }, 'refresh_rejected'],
    ['no code in another status', { codes: [7], statuses: [400] }, 403, { code: 7 }, 'refresh_unavailable'],
    ['no other code', { codes: [7], statuses: [400] }, 400, { code: 8 }, 'refresh_unavailable'],
  ])('is %s', async (_, rejected, status, body, code) => {
    const { result } = await refresh(rejected && { rejected }, () => reply(body, status));
    expect(result).toMatchObject({ code });
  });
});

describe('the response to a refresh', () => {
  it('has the names of OAuth by default', async () => {
    const body = { access_token: 'a', refresh_token: 'r', expires_in: 60, scope: 'x' };
    expect(await read(body)).toStrictEqual({
      ...{ accessToken: 'a', refreshToken: 'r', expiresAt: now + 60_000, scope: 'x' },
    });
  });

  it('may have other field names, at any depth', async () => {
    const fields = { data: 'data', accessToken: 'jwt.access', refreshToken: 'jwt.refresh', expiresIn: 'ttl' };
    const data = { jwt: { access: 'a', refresh: 'r' }, ttl: 60, user: 'x' };
    expect(await read({ data }, { fields })).toMatchObject({
      ...{ accessToken: 'a', refreshToken: 'r', expiresAt: now + 60_000, user: 'x' },
    });
  });

  it.each<[string, NonNullable<HttpOptions['fields']>, object, object]>([
    [
      'without `data`',
      { accessToken: 'result.jwt.access', refreshToken: 'result.jwt.refresh' },
      { result: { jwt: { access: 'a', refresh: 'r', scope: 'x' }, user: 'x' } },
      { result: { jwt: { scope: 'x' }, user: 'x' } },
    ],
    [
      'inside `data`',
      { data: 'result', accessToken: 'jwt.access', refreshToken: 'jwt.refresh' },
      { result: { jwt: { access: 'a', refresh: 'r' }, user: 'x' } },
      { jwt: {}, user: 'x' },
    ],
    [
      'in a list',
      { accessToken: 'tokens[].access', refreshToken: 'tokens[].refresh' },
      { tokens: [{ access: 'a' }, { refresh: 'r', kind: 'x' }, null, 7] },
      { tokens: [{}, { kind: 'x' }, null, 7] },
    ],
  ])('has its two tokens only once in the token set: at a path %s', async (_, fields, body, others) => {
    const copy = structuredClone(body);
    expect(await read(body, { fields })).toStrictEqual({ accessToken: 'a', refreshToken: 'r', ...others });
    expect(body).toStrictEqual(copy);
  });

  it('may have a field without a name', async () => {
    const fields = { accessToken: 'jwt', refreshToken: undefined as never };
    expect(await read({ jwt: 'a' }, { fields })).toStrictEqual({ accessToken: 'a' });
  });

  it('may have a lifetime in milliseconds', async () => {
    expect(await read({ access_token: 'a', ms: 5_000 }, { fields: { expiresInMs: 'ms' } })).toMatchObject({
      expiresAt: now + 5_000,
    });
  });

  it.each([[0], [-1], ['soon'], [null]])('has no expiry if its lifetime is %j', async (ms) => {
    const tokens = (await read({ access_token: 'a', ms }, { fields: { expiresInMs: 'ms' } })) as TokenSet;
    expect(tokens).not.toHaveProperty('expiresAt');
  });

  it.each<[string, unknown, object]>([
    ['seconds', 1_900_000_000, {}],
    ['ms', 1_900_000_000_000, {}],
    ['a date with its offset', '2030-03-17T17:46:40Z', {}],
    ['a date in a zone', '2030-03-18 01:46:40', { timeZone: timeZone('Asia/Shanghai') }],
  ])('may contain a time of expiry: %s', async (_, expiry, more) => {
    const tokens = await read({ access_token: 'a', expiry }, { fields: { expiry: 'expiry' }, ...more });
    expect(tokens).toMatchObject({ expiresAt: 1_900_000_000_000 });
  });

  it('is accepted only with a success code, if one is set', async () => {
    const success = { codes: [0] };
    expect(await read({ code: '0', access_token: 'a' }, { success })).toMatchObject({ accessToken: 'a' });
    expect(await read({ code: 9, access_token: 'a' }, { success })).toMatchObject({
      code: 'invalid_token_response',
      message: 'Expected an answer with code 0 and tokens, got code 9 in an object with code, access_token',
    });
  });

  it('may have its success code in another field, and one of several codes', async () => {
    const success = { codes: [1, 'ok'], field: 'meta.status' };
    expect(await read({ meta: { status: 'ok' }, access_token: 'a' }, { success })).toMatchObject({
      accessToken: 'a',
    });
    expect(await read('text', { success })).toMatchObject({
      message: 'Expected an answer with code 1 or ok and tokens, got a string of another form',
    });
  });

  it('is quoted with at most nine characters of its code in an error', async () => {
    expect(await read({ code: '0123456789' }, { success: { codes: [0] } })).toMatchObject({
      message: 'Expected an answer with code 0 and tokens, got code 012345678 in an object with code',
    });
  });

  it.each<[string, unknown, Partial<HttpOptions>, string]>([
    ['no token', { token: 'a' }, {}, '"access_token" must be'],
    [
      'no token in its data',
      { data: { token: 'a' } },
      { fields: { data: 'data' } },
      '"data.access_token" must be',
    ],
    ['no data', {}, { fields: { data: 'data' } }, '"data.access_token" must be'],
    [
      'a refresh token of another kind',
      { access_token: 'a', refresh_token: 7 },
      {},
      '"refresh_token" must be',
    ],
    ['a list', [{ access_token: 'a' }], {}, '"access_token" must be'],
  ])('with %s is an error that names the field', async (_, body, options, message) => {
    expect(await read(body, options)).toMatchObject({
      ...{ code: 'invalid_token_response', message: expect.stringContaining(message) },
    });
  });

  it('cannot be read in a time zone that does not exist', () => {
    expect(() => httpBackend({ url, timeZone: 'Mars/Base' as never })).toThrow('"timeZone"');
  });
});

describe('the known end of a session', () => {
  /** `endsAt` after a refresh with this answer. */
  async function endOf(
    body: object,
    options: Partial<HttpOptions> = {},
    spent: Partial<TokenSet> = {},
    headers = {},
  ) {
    const { result } = await refresh(options, () => reply(body, 200, headers), { ...HELD, ...spent });
    return result as TokenSet;
  }
  const in60 = () => Math.floor(now / 1000) + 60;

  it.each(['refresh_expires_in', 'refresh_token_expires_in'])(
    'comes from %s in the response',
    async (name) => {
      expect(await endOf({ ...GOOD, refresh_token: 's', [name]: 60 })).toMatchObject({
        endsAt: now + 60_000,
      });
    },
  );

  it('is the `exp` of a refresh token that is a JWT', async () => {
    const refresh_token = jwtOf({ exp: in60() });
    const tokens = await endOf({ ...GOOD, refresh_token }, { refreshTokenIsJwt: true });
    expect(tokens).toMatchObject({ endsAt: in60() * 1000 });
  });

  it('is not read from a refresh token unless the option says that it is a JWT', async () => {
    expect(await endOf({ ...GOOD, refresh_token: jwtOf({ exp: in60() }) })).not.toHaveProperty('endsAt');
  });

  it('stays the same if the response has no new refresh token', async () => {
    expect(await endOf({ ...GOOD, refresh_expires_in: 60 }, {}, { endsAt: 7 })).not.toHaveProperty('endsAt');
  });

  it('becomes unknown with a new refresh token that says nothing about it', async () => {
    const tokens = await endOf({ ...GOOD, refresh_token: 's' }, {}, { endsAt: now + 5 });
    expect(tokens).toHaveProperty('endsAt', undefined);
  });

  it('is ignored if it is in the past, because then a clock is wrong', async () => {
    const refresh_token = jwtOf({ exp: in60() - 120 });
    expect(await endOf({ ...GOOD, refresh_token }, { refreshTokenIsJwt: true })).not.toHaveProperty('endsAt');
  });

  it('is measured by this computer’s clock', async () => {
    const refresh_token = jwtOf({ exp: in60() });
    const date = new Date(now - 3_600_000).toUTCString();
    const tokens = await endOf({ ...GOOD, refresh_token }, { refreshTokenIsJwt: true }, {}, { date });
    expect(tokens.endsAt! - now).toBeGreaterThan(3_600_000);
  });
});

describe('the other parts of httpBackend', () => {
  it('come from its options', () => {
    const stepUp = () => undefined;
    const refused = { codes: [1003] };
    const backend = httpBackend({ url, refused, stepUp, signOut: logout(url) });
    expect(backend).toMatchObject({ refreshUrl: url, stepUp, carry: {} });
    expect(backend.signOut).toBeDefined();
    const answer = { headers: new Headers(), body: () => ({ code: 1003 }) };
    expect([200, 401, 403].map((status) => backend.refuses!({ ...answer, status }))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('are absent without options', () => {
    const backend = httpBackend({ url });
    for (const name of ['refuses', 'stepUp', 'signOut']) expect(backend).not.toHaveProperty(name);
  });

  it('reject an unknown option', () => {
    expect(() => httpBackend({ url, refusd: {} } as never)).toThrow('There is no option "refusd"');
    expect(() => httpBackend({ url, refused: { code: [7] } as never })).toThrow('There is no option "code"');
  });

  it.each([[undefined], [{}], [{ url: '' }]])('require a URL: %j', (options) => {
    expect(() => httpBackend(options as HttpOptions)).toThrow(
      '"url" must be the URL of the refresh endpoint',
    );
  });
});

describe('the body of a response', () => {
  afterEach(() => void vi.unstubAllGlobals());
  const LONGEST = 1_000_000;

  /** Sends these bytes one at a time. */
  function streamOf(...parts: Uint8Array[]) {
    return new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
  }
  const jsonOfLength = (length: number) => new TextEncoder().encode('{"access_token":"b"}'.padEnd(length));

  it('may arrive in chunks that split a character', async () => {
    const bytes = new TextEncoder().encode('{"access_token":"b","name":"ä"}');
    const cut = bytes.indexOf(0xa4);
    const stream = streamOf(bytes.slice(0, cut), bytes.slice(cut));
    expect((await refresh({}, () => new Response(stream))).result).toMatchObject({ name: 'ä' });
  });

  it('may have a million characters', async () => {
    const stream = streamOf(jsonOfLength(LONGEST));
    expect((await refresh({}, () => new Response(stream))).result).toMatchObject({ accessToken: 'b' });
  });

  it('is cancelled if it is longer', async () => {
    const cancel = vi.fn(async () => {});
    const pull = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(jsonOfLength(LONGEST + 1));
    const { result } = await refresh({}, () => new Response(new ReadableStream({ pull, cancel })));
    expect(result).toMatchObject({
      code: 'refresh_unavailable',
      message: `${url} answered more than 1000000 characters`,
    });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it.each<[string, object]>([
    ['has no streams, as in React Native', {}],
    ['has no body', { body: null }],
    ['has a body of another kind', { body: {} }],
  ])('is read as text if the response %s', async (_, more) => {
    const answer = { status: 200, headers: new Headers(), text: async () => '{"access_token":"b"}', ...more };
    expect((await refresh({}, () => answer as Response)).result).toMatchObject({ accessToken: 'b' });
  });

  it('is read as text if there is no TextDecoder', async () => {
    vi.stubGlobal('TextDecoder', undefined);
    expect((await refresh()).result).toMatchObject({ accessToken: 'access-2' });
  });

  it.each<[string, boolean, unknown]>([
    ['', true, undefined],
    ['done', true, undefined],
    ['a < b', true, undefined],
    ['{"a":1}', true, { a: 1 }],
    ['<html>', true, 'status 200, not JSON'],
    [' \n <html>', true, 'status 200, not JSON'],
    ['', false, 'status 200, not JSON'],
    ['done', false, 'status 200, not JSON'],
  ])('is %j, and must be JSON unless no body is needed: %s', async (text, needsNoBody, expected) => {
    stubFetch(() => reply(text));
    const asked = ask({ url }, {}, () => false, needsNoBody);
    if (typeof expected === 'string') await expect(asked).rejects.toThrow(`${url} answered ${expected}`);
    else expect(await asked).toEqual([expected, { serverTime: undefined, minted: true }]);
  });

  it('must be JSON by default', async () => {
    stubFetch(() => reply('done'));
    await expect(ask({ url }, {}, () => false)).rejects.toThrow('not JSON');
  });
});

describe('the URL of a refresh', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('must be absolute outside a page', async () => {
    expect((await refresh({ url: '/refresh' })).result).toMatchObject({
      code: 'refresh_unavailable',
      message: '"url" must be an absolute URL where there is no page, got /refresh',
    });
  });

  it('must not depend on a <base> of another origin', () => {
    vi.stubGlobal('location', new URL('https://app.test/'));
    vi.stubGlobal('document', { baseURI: 'https://cdn.test/' });
    expect(() => httpBackend({ url: 'refresh' })).toThrow(
      '"url" must be an absolute URL or begin with a slash',
    );
  });
});
