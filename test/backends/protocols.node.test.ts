import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { carriedBy } from '../../src/backends/backend.js';
import type { LedgerEntry } from '../../src/coordination/meeting.js';
import {
  type AnswerView,
  type Backend,
  cookieBackend,
  createSession,
  envelopeBackend,
  oauth2Backend,
  simpleJwtBackend,
  timeZone,
} from '../../src/index.js';
import { IndexedRecord } from '../../src/tabs/indexed-record.js';
import { fakeClock } from '../support/clock.js';
import { reply, stubFetch } from '../support/fetch-stub.js';
import { jwtOf } from '../support/jwt.js';

const url = 'https://api.test/refresh';
const TOKENS = { accessToken: 'a', refreshToken: 'r' };

let now: number;
beforeEach(() => {
  fakeClock();
  now = Date.now();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function refresh(backend: Backend, tokens: Parameters<Backend['refresh']>[0] = TOKENS) {
  return backend.refresh(tokens, { signal: new AbortController().signal });
}

/** The result of a refresh with this response. */
async function refreshed(backend: Backend, body: unknown, status = 200, headers = {}): Promise<unknown> {
  stubFetch(() => reply(body, status, headers));
  return refresh(backend).catch(({ code, message }) => `${code}: ${message}`);
}

const messageOf = (backend: Backend, body: unknown): string => {
  try {
    return `read ${JSON.stringify(backend.readTokens(body))}`;
  } catch (error) {
    return (error as Error).message;
  }
};

/** A response to a request, as `refuses` gets it. */
const view = (status: number, body?: unknown): AnswerView => ({
  status,
  headers: new Headers(),
  body: () => body,
});

describe('the access token is attached to a request', () => {
  it.each([
    [undefined, { headers: { Authorization: 'Bearer a' } }],
    [{}, { headers: { Authorization: 'Bearer a' } }],
    [{ scheme: 'Token' }, { headers: { Authorization: 'Token a' } }],
    [{ header: 'X-Token', scheme: '' }, { headers: { 'X-Token': 'a' } }],
    [{ query: 'token' }, { query: { token: 'a' } }],
    [(token: string) => ({ query: { t: token } }), { query: { t: 'a' } }],
  ])('as `carry` %o says', (carry, carried) => {
    expect(carriedBy(carry, 'a')).toEqual(carried);
  });

  it('in the Authorization header by every backend, unless the application changes that', () => {
    const carry = { header: 'X-Token' };
    for (const make of [simpleJwtBackend, cookieBackend, envelopeBackend]) {
      expect(carriedBy(make({ url }).carry, 'a').headers).toHaveProperty('Authorization');
      expect(make({ url, carry }).carry).toBe(carry);
    }
    expect(carriedBy(oauth2Backend({ url, clientId: 'app' }).carry, 'a').headers).toEqual({
      Authorization: 'Bearer a',
    });
    expect(oauth2Backend({ url, clientId: 'app', carry }).carry).toBe(carry);
    expect(carriedBy(envelopeBackend({ url }).carry, 'a').headers).toEqual({ Authorization: 'a' });
  });
});

describe('the response of an OAuth 2.0 server', () => {
  const make = (options = {}) => oauth2Backend({ url, clientId: 'app', ...options });

  it('becomes a token set with all its fields', () => {
    const body = { access_token: 'b', refresh_token: 's', expires_in: 60, token_type: 'Bearer', scope: 'x' };
    expect(make().readTokens(body)).toStrictEqual({
      accessToken: 'b',
      refreshToken: 's',
      expiresAt: now + 60_000,
      token_type: 'Bearer',
      scope: 'x',
    });
  });

  it('does not set the fields of a token set that the SDK sets itself', () => {
    const own = { refreshToken: 1, expiresAt: 1, receivedAt: 1, generation: 1, sessionId: '1' };
    expect(make().readTokens({ access_token: 'b', ...own })).toStrictEqual({ accessToken: 'b' });
  });

  it('may contain no refresh token', () => {
    expect(make().readTokens({ access_token: 'b', refresh_token: null })).toStrictEqual({ accessToken: 'b' });
    expect(messageOf(make(), { access_token: 'b', refresh_token: '' })).toContain('"refresh_token" must be');
  });

  it.each([
    [{ token: 'b' }, 'got an object with token'],
    [{ access_token: null, token: 'b' }, 'got an object with access_token, token'],
    ['text', 'got undefined'],
    [null, 'got undefined'],
    [{ access_token: 7 }, 'got 7'],
  ])('without tokens is an error: %j', (body, message) => {
    expect(messageOf(make(), body)).toContain('"access_token" must be');
    expect(messageOf(make(), body)).toContain(message);
  });

  it.each(['bearer', 'BEARER', undefined, ''])('may have the token type %j', (token_type) => {
    expect(make().readTokens({ access_token: 'b', token_type })).toMatchObject({ accessToken: 'b' });
  });

  it('is rejected with another token type, and its error has a code', () => {
    const read = () => make().readTokens({ access_token: 'b', token_type: 'DPoP' });
    expect(read).toThrow(expect.objectContaining({ name: 'SessionError', code: 'invalid_token_response' }));
  });

  it('is rejected with another token type, and the error quotes at most 12 characters of it', () => {
    const body = { access_token: 'b', token_type: 'DPoP-of-another-kind' };
    expect(messageOf(make(), body)).toBe(
      '"token_type" must be Bearer, got DPoP-of-anot: such tokens are not supported',
    );
    expect(messageOf(make({ tokenType: 'dpop' }), { access_token: 'b', token_type: 'DPoP' })).toContain(
      'read',
    );
  });

  it('has an expiry that is corrected by the server’s clock', async () => {
    const exp = Math.floor(now / 1000) + 3_600;
    const tokens = await refreshed(make(), { access_token: jwtOf({ exp }) }, 200, {
      Date: new Date(now + 3_000_000).toUTCString(),
    });
    // The server’s Date has whole seconds.
    expect(tokens).toMatchObject({ expiresAt: now + 599_000 });
  });

  it('is requested with a form', async () => {
    const calls = stubFetch(() => reply({ access_token: 'b' }));
    await refresh(make({ scope: 'orders', parameters: { audience: 'api', grant_type: 'none' } }));
    expect(Object.fromEntries(calls[0]!.init.body as URLSearchParams)).toEqual({
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: 'r',
      scope: 'orders',
      audience: 'api',
    });
    await refresh(make());
    expect([...(calls[1]!.init.body as URLSearchParams).keys()]).not.toContain('scope');
  });

  it.each([
    ['invalid_client', 'check "clientId", and that the client is a public one'],
    ['unauthorized_client', 'allow this client the grant type refresh_token'],
    ['unsupported_grant_type', 'allow the grant type refresh_token'],
    ['invalid_scope', 'check "scope"'],
    ['invalid_request', 'check "parameters"'],
  ])('with %s is a configuration error', async (error, remedy) => {
    expect(await refreshed(make(), { error }, 400)).toBe(
      `refresh_unavailable: ${url} answered status 400: ${error}: that is about the client, not the user; ${remedy}`,
    );
  });

  it.each([
    ['invalid_grant', 'refresh_rejected', 'refused with status 400: invalid_grant'],
    ['slow_down', 'refresh_unavailable', 'answered status 400: slow_down'],
    ['a'.repeat(40), 'refresh_unavailable', `answered status 400: ${'a'.repeat(40)}`],
    ['a'.repeat(41), 'refresh_unavailable', 'answered status 400: an error of another form'],
    ['Slow', 'refresh_unavailable', 'answered status 400: an error of another form'],
    ['slow!', 'refresh_unavailable', 'answered status 400: an error of another form'],
    ['!slow', 'refresh_unavailable', 'answered status 400: an error of another form'],
  ])('with the error %s', async (error, code, message) => {
    expect(await refreshed(make(), { error }, 400)).toBe(`${code}: ${url} ${message}`);
  });

  it.each(['invalid_grant', 'session_gone'])(
    'is a refusal with %s, if the application lists it',
    async (error) => {
      const backend = make({ rejected: ['invalid_grant', 'session_gone'] });
      expect(await refreshed(backend, { error }, 200)).toBe(
        `refresh_rejected: ${url} refused with status 200: ${error}`,
      );
    },
  );

  it.each([['text'], [{}], [null]])(
    'without an error, with status 400, is not a refusal: %j',
    async (body) => {
      expect(await refreshed(make(), JSON.stringify(body), 400)).toBe(
        `refresh_unavailable: ${url} answered status 400`,
      );
    },
  );

  it.each([undefined, '', 7])('cannot be requested without a client: %j', (clientId) => {
    expect(() => oauth2Backend({ url, clientId: clientId as string })).toThrow(
      '"clientId" must be a non-empty string',
    );
  });
});

describe('the response of simplejwt', () => {
  const make = () => simpleJwtBackend({ url });
  const seconds = (ms: number) => Math.floor(ms / 1000);

  it.each([
    [
      401,
      { detail: 'Token is expired', code: 'token_not_valid' },
      'refresh_rejected: … refused with status 401: token_not_valid',
    ],
    [
      401,
      { detail: 'User is inactive', code: 'user_inactive' },
      'refresh_rejected: … refused with status 401',
    ],
    [401, { detail: 'No active account' }, 'refresh_rejected: … refused with status 401'],
    [401, { code: 'token_not_valid' }, 'refresh_unavailable: … answered status 401'],
    [401, { detail: 7 }, 'refresh_unavailable: … answered status 401'],
    [401, null, 'refresh_unavailable: … answered status 401'],
    [403, { detail: 'CSRF', code: 'token_not_valid' }, 'refresh_unavailable: … answered status 403'],
  ])('with status %i and %j', async (status, body, outcome) => {
    expect(await refreshed(make(), JSON.stringify(body), status)).toBe(outcome.replace('…', url));
  });

  it('has the lifetime of its token', () => {
    const iat = seconds(now);
    const access = jwtOf({ exp: iat + 300, iat });
    expect(make().readTokens({ access, refresh: 'r', user: 1 })).toStrictEqual({
      accessToken: access,
      refreshToken: 'r',
      user: 1,
      lifetime: 300,
      expiresAt: now - 250 + 300_000,
    });
  });

  it('keeps the shortest lifetime so far, because a refreshed token may copy an old iat', async () => {
    const iat = seconds(now) - 86_400;
    const access = jwtOf({ exp: seconds(now) + 300, iat });
    stubFetch(() => reply({ access }));
    expect(await refresh(make(), { ...TOKENS, lifetime: 300 })).toMatchObject({ lifetime: 300 });
    expect(await refresh(make(), { ...TOKENS, lifetime: 900_000 })).toMatchObject({ lifetime: 86_700 });
    expect(await refresh(make())).toMatchObject({ lifetime: 86_700 });
  });

  it.each([{ exp: 1 }, { iat: 1 }, {}, { exp: 5, iat: 5 }, { exp: 4, iat: 5 }])(
    'has no lifetime with the claims %j',
    (claims) => {
      expect(make().readTokens({ access: jwtOf(claims) })).not.toHaveProperty('lifetime');
    },
  );

  it('contains the end of the session, because its refresh tokens are JWTs', () => {
    const exp = seconds(now) + 600;
    const body = { access: 'opaque', refresh: jwtOf({ exp }) };
    expect(make().readTokens(body)).toHaveProperty('endsAt', exp * 1000);
    expect(simpleJwtBackend({ url, refreshTokenIsJwt: false }).readTokens(body)).not.toHaveProperty('endsAt');
  });

  it('has no expiry if the token is opaque', () => {
    expect(make().readTokens({ access: 'opaque' })).toStrictEqual({ accessToken: 'opaque' });
  });
});

describe('the response of a backend with a cookie', () => {
  it('becomes a token set, with the field names that the backend uses', () => {
    const backend = cookieBackend({
      url,
      fields: { data: 'result', accessToken: 'token', expiresIn: 'ttl' },
    });
    expect(backend.readTokens({ result: { token: 'b', ttl: 60, user: 1 } })).toStrictEqual({
      accessToken: 'b',
      expiresAt: now + 60_000,
      user: 1,
    });
    expect(messageOf(backend, { result: {} })).toContain('"result.token" must be');
    expect(messageOf(backend, 'text')).toContain('"result.token" must be');
    expect(messageOf(backend, {})).toContain('got undefined');
  });

  it('has the names of OAuth by default', () => {
    const backend = cookieBackend({ url });
    expect(backend.readTokens({ access_token: 'b', expires_in: 60 })).toStrictEqual({
      accessToken: 'b',
      expiresAt: now + 60_000,
    });
    expect(messageOf(backend, {})).toContain('"access_token" must be');
  });

  it('is requested by a POST with cookies that bypasses the browser’s cache', async () => {
    const calls = stubFetch(() => reply({ access_token: 'b' }));
    expect(await refresh(cookieBackend({ url }))).toEqual({ accessToken: 'b' });
    expect(calls[0]!.init).toMatchObject({ method: 'POST', credentials: 'include', cache: 'no-store' });
    await refresh(cookieBackend({ url, method: 'GET', credentials: 'same-origin' }));
    expect(calls[1]!.init).toMatchObject({ method: 'GET', credentials: 'same-origin' });
  });

  it.each([
    ['theme=dark; csrf=a%3Db; csrf2=c', 'a=b'],
    ['xcsrf=c; csrf=a', 'a'],
    ['theme=dark', null],
  ])('is requested with the CSRF token of the cookie: %s', async (cookie, token) => {
    vi.stubGlobal('document', { cookie });
    const calls = stubFetch(() => reply({ access_token: 'b' }));
    await refresh(cookieBackend({ url, csrf: { cookie: 'csrf', header: 'X-CSRF' } }));
    expect(calls[0]!.headers.get('x-csrf')).toBe(token);
  });

  it('is requested with headers that a function computes, in addition to the CSRF token', async () => {
    vi.stubGlobal('document', { cookie: 'csrf=a' });
    const calls = stubFetch(() => reply({ access_token: 'b' }));
    const csrf = { cookie: 'csrf', header: 'X-CSRF' };
    await refresh(cookieBackend({ url, csrf, headers: async () => ({ 'X-Tenant': 'seven' }) }));
    expect(Object.fromEntries(calls[0]!.headers)).toMatchObject({ 'x-csrf': 'a', 'x-tenant': 'seven' });
  });

  it('is not in the record that tabs share', async () => {
    vi.stubGlobal('location', new URL('https://app.example/'));
    vi.stubGlobal('indexedDB', new IDBFactory());
    stubFetch(() => reply({ access_token: 'b' }));
    const session = createSession({ backend: cookieBackend({ url }) });
    await session.ready;
    expect(session.status).toBe('signed-in');
    session.dispose();
    const record = new IndexedRecord<LedgerEntry>(`unexpired:cookie:${url}:${url}`);
    expect(await record.update(() => undefined)).toMatchObject({
      generation: expect.any(Number),
      tokens: undefined,
    });
  });

  it('is requested without a CSRF token outside a browser, and if no CSRF cookie is configured', async () => {
    const calls = stubFetch(() => reply({ access_token: 'b' }));
    await refresh(cookieBackend({ url, csrf: { cookie: 'csrf', header: 'X-CSRF' } }));
    expect(calls[0]!.headers.get('x-csrf')).toBeNull();
    await refresh(cookieBackend({ url }));
    expect(Object.fromEntries(calls[1]!.headers)).toEqual({ accept: 'application/json' });
  });

  it.each([
    [undefined, 401, 'refresh_rejected: … refused with status 401'],
    [undefined, 403, 'refresh_unavailable: … answered status 403'],
    [[403, 404], 404, 'refresh_rejected: … refused with status 404'],
    [[403, 404], 401, 'refresh_unavailable: … answered status 401'],
    [
      (status: number, body: unknown) => status === 400 && !!body,
      400,
      'refresh_rejected: … refused with status 400',
    ],
    [(_: number, body: unknown) => body === null, 400, 'refresh_unavailable: … answered status 400'],
    // JavaScript code may return part of the response, which must not appear in the message.
    [() => 'secret-token' as unknown as boolean, 400, 'refresh_rejected: … refused with status 400'],
  ])('is a refusal by %s: status %i', async (rejected, status, outcome) => {
    const backend = cookieBackend({ url, ...(rejected && { rejected }) });
    expect(await refreshed(backend, {}, status)).toBe(outcome.replace('…', url));
  });
});

describe('the response of a backend with an envelope', () => {
  const make = (options = {}) => envelopeBackend({ url, timeZone: timeZone('UTC'), ...options });

  it('may have a lifetime instead of a time', () => {
    const body = { code: 1001, data: { token: 'b', expires_in: 60 } };
    expect(make().readTokens(body)).toMatchObject({ accessToken: 'b', expiresAt: now + 60_000 });
  });
  const data = { token: 'b', refresh_token: 's', token_time: '2026-11-24T09:00:00', name: 'kevin' };

  it.each([1001, 1007, '1001', '1007'])('becomes a token set if its code is %j', (code) => {
    expect(make().readTokens({ code, data })).toStrictEqual({
      accessToken: 'b',
      refreshToken: 's',
      expiresAt: Date.parse('2026-11-24T09:00:00Z'),
      token_time: data.token_time,
      name: 'kevin',
    });
  });

  it('drops the expiry of the previous token if it has none', () => {
    const { token_time, ...rest } = data;
    expect(make().readTokens({ code: 1001, data: rest })).toStrictEqual({
      accessToken: 'b',
      refreshToken: 's',
      token_time: undefined,
      name: 'kevin',
    });
  });

  it('may have other field names and codes', () => {
    const fields = {
      code: 'status',
      data: 'result',
      accessToken: 'access',
      refreshToken: 'renew',
      expiry: 'until',
      expiresIn: 'ttl',
    };
    const backend = make({ fields, success: { login: 0, refresh: 'renewed' } });
    for (const status of [0, 'renewed']) {
      const result = { access: 'b', renew: 's', until: '2026-11-24T09:00:00' };
      expect(backend.readTokens({ status, result })).toMatchObject({
        accessToken: 'b',
        refreshToken: 's',
        expiresAt: Date.parse('2026-11-24T09:00:00Z'),
      });
    }
    expect(backend.readTokens({ status: 0, result: { access: 'b', ttl: 60 } })).toMatchObject({
      expiresAt: now + 60_000,
    });
    expect(messageOf(backend, { status: 0, result: { access: '' } })).toContain('"result.access" must be');
    expect(messageOf(backend, { status: 0, result: { access: 'b', renew: '' } })).toContain(
      '"result.renew" must be',
    );
  });

  it.each([
    [{ code: 1008, data }, 'got code 1008 in an object with code, data'],
    [{ code: '1234567890', data }, 'got code 123456789 in an object with code, data'],
    [{ data }, 'got code undefined in an object with data'],
    [{ code: 1001 }, 'got code 1001 in an object with code'],
    [{ code: 1001, data: 'text' }, 'got code 1001 in an object with code, data'],
    ['text', 'got a string of another form'],
    [null, 'got null'],
  ])('without tokens is an error: %j', (body, message) => {
    expect(messageOf(make(), body)).toBe(`Expected an answer with code 1001 or 1007 and tokens, ${message}`);
  });

  it('is requested by a POST with the refresh token in a header', async () => {
    const calls = stubFetch(() => reply({ code: 1007, data }));
    await refresh(make());
    expect(calls[0]!.headers.get('RefreshAuthorization')).toBe('r');
    await refresh(make({ header: 'X-Refresh' }));
    expect(calls[1]!.headers.get('X-Refresh')).toBe('r');
  });

  it.each([
    [{}, 1008, 'refresh_rejected: … refused with status 200: 1008'],
    [{}, '1008', 'refresh_rejected: … refused with status 200: 1008'],
    [{ rejected: ['gone'] }, 'gone', 'refresh_rejected: … refused with status 200: gone'],
    [{ rejected: ['gone'] }, 1008, 'invalid_token_response: Expected'],
    // Some servers send a token next to the code: the message shows only the application's own code.
    [{}, ['secret-token', 1008], 'refresh_rejected: … refused with status 200: 1008'],
    [{ rejected: [false] }, false, 'refresh_rejected: … refused with status 200: false'],
  ])('with options %j and code %j', async (options, code, outcome) => {
    expect(await refreshed(make(options), { code })).toContain(outcome.replace('…', url));
  });

  it.each([
    [401, undefined, true],
    [403, { code: 1003 }, true],
    [403, { code: '1004' }, true],
    [403, { code: 1005 }, true],
    [403, { code: 1006 }, false],
    [403, undefined, false],
    [403, 'text', false],
    [200, { code: 1003 }, false],
  ])('with status %i and %j refuses the access token: %j', (status, body, refused) => {
    expect(make().refuses!(view(status, body))).toBe(refused);
  });

  it("refuses as the application's function decides, and the body is read only if needed", () => {
    const backend = make({ refused: { statuses: [200], codes: ['expired'] } });
    expect(backend.refuses!(view(200, { code: 'expired' }))).toBe(true);
    expect(backend.refuses!(view(200, { code: 1003 }))).toBe(false);
    const unread = { ...view(403), body: () => expect.fail('The body was read') };
    expect(backend.refuses!(unread)).toBe(false);
  });

  it('needs a time zone from timeZone()', () => {
    expect(() => make({ timeZone: 'Asia/Shanghai' })).toThrow('made by timeZone(name)');
  });
});
