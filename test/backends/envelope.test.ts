import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import {
  createSession,
  type EnvelopeOptions,
  envelopeBackend,
  isSessionError,
  type SessionError,
} from '../../src/index.js';
import { createApp, ORIGIN, outcome, USER } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const URL = `${ORIGIN}/update_token/`;
const read = (body: unknown, options: Partial<EnvelopeOptions> = {}) =>
  envelopeBackend({ url: URL, ...options }).readTokens(body);

describe('envelopeBackend reads', () => {
  it('the login response of the tutorial', () => {
    const data = { token: 'access', refresh_token: 'refresh', token_time: '2026-11-24T06:07:38.403953' };
    expect(read({ code: 1001, data })).toMatchObject({ accessToken: 'access', refreshToken: 'refresh' });
  });

  it.each([1001, '1001', 1007, '1007'])('code %j', (code) => {
    expect(read({ code, data: { token: 'access' } }).accessToken).toBe('access');
  });

  it('the fields that the backend adds', () => {
    expect(read({ code: 1001, data: { token: 'access', user: { name: 'Kevin' } } })).toMatchObject({
      user: { name: 'Kevin' },
    });
  });

  it('other field names and codes', () => {
    const options = {
      success: { login: 'OK', refresh: 0 },
      fields: { code: 'status', data: 'payload', accessToken: 'jwt', refreshToken: 'renew', expiry: 'until' },
    };
    const body = {
      status: 'OK',
      payload: { jwt: 'access', renew: 'refresh', until: '2030-01-01T00:00:00Z' },
    };
    expect(read(body, options)).toMatchObject({
      accessToken: 'access',
      refreshToken: 'refresh',
      expiresAt: Date.parse('2030-01-01T00:00:00Z'),
    });
    expect(read({ ...body, status: '0' }, options).accessToken).toBe('access');
  });

  it.each([
    ['nothing', undefined, 'got undefined'],
    ['null', null, 'got null'],
    ['HTML', '<!doctype html><title>secret</title>', 'got a string of another form'],
    ['a list', ['secret'], 'got an array'],
    ['a number', 1001, 'got 1001'],
    ['an empty object', {}, 'got code undefined in an object with no fields'],
    [
      'a wrong password',
      { code: 1000, error: '用户名或密码错误' },
      'got code 1000 in an object with code, error',
    ],
    ['a code without data', { code: 1001 }, 'got code 1001 in an object with code'],
    ['data that is a list', { code: 1001, data: ['secret'] }, 'got code 1001'],
    ['no access token', { code: 1001, data: { refresh_token: 'secret' } }, '"data.token" must be'],
    ['an empty access token', { code: 1001, data: { token: '' } }, 'got an empty string'],
    [
      'an access token of another type',
      { code: 1001, data: { token: { secret: 1 } } },
      'got an object with secret',
    ],
    [
      'an access token that does not fit in a header',
      { code: 1001, data: { token: 'secret\nsecret' } },
      '"data.token" must be',
    ],
    [
      'a refresh token of another type',
      { code: 1001, data: { token: 'a', refresh_token: 7 } },
      '"data.refresh_token" must be',
    ],
    [
      'an axios response',
      { data: { code: 1001, data: { token: 'secret' } }, status: 200, config: {} },
      'response.data',
    ],
    ['a promise', Promise.resolve({ code: 1001, data: { token: 'secret' } }), 'a promise: await it'],
    [
      'a response',
      Response.json({ code: 1001, data: { token: 'secret' } }),
      'a response: pass await response.json()',
    ],
  ])('%s as an error that names the field and shows no token', (_, body, message) => {
    const error = (() => {
      try {
        return read(body);
      } catch (thrown) {
        return thrown as SessionError;
      }
    })() as SessionError;
    expect(isSessionError(error, 'invalid_token_response')).toBe(true);
    expect(error.message).toContain(message);
    expect(error.message.replace(/with secret/, '')).not.toContain('secret');
  });
});

describe('envelopeBackend', () => {
  it('sends the refresh token in a header of a POST without a body', async () => {
    const { session, logIn } = createApp();
    await logIn();
    let seen: Request | undefined;
    network.use(
      http.all(URL, ({ request }) => {
        seen = request.clone() as Request;
        return HttpResponse.json({ code: '1007', data: { token: 'new' } });
      }),
    );
    await session.refresh();
    expect(seen?.method).toBe('POST');
    expect(seen?.headers.get('RefreshAuthorization')).toMatch(/^ey/);
    expect(seen?.headers.get('accept')).toBe('application/json');
    expect(seen?.headers.has('authorization')).toBe(false);
    expect(await seen?.text()).toBe('');
  });

  it('sends it in another header, with additional headers', async () => {
    const { session, server, logIn } = createApp({
      server: { refreshHeader: 'X-Refresh' },
      envelope: { header: 'X-Refresh', headers: { 'X-Tenant': 'seven' } },
    });
    await logIn();
    await session.refresh();
    expect(server.stats.refreshes).toBe(1);
  });

  it('keeps the old refresh token if the response has none', async () => {
    const { session, server, logIn } = createApp({ server: { keepRefreshToken: true } });
    await logIn();
    await session.refresh();
    await session.refresh();
    expect(server.stats).toMatchObject({ refreshes: 2, refreshFailures: 0 });
  });

  it('keeps the session if the response has no access token, and reports an error', async () => {
    const { session, logIn } = createApp();
    await logIn();
    network.use(http.post(URL, () => HttpResponse.json({ code: 1007, data: { refresh_token: 'secret' } })));
    const error = (await outcome(session.refresh())) as SessionError;
    expect(error).toMatchObject({
      code: 'invalid_token_response',
      message: expect.stringContaining('"data.token"'),
    });
    expect(session.status).toBe('signed-in');
  });

  it.each([1008, '1008'])('code %j is a refusal', async (code) => {
    const { session, logIn } = createApp();
    await logIn();
    network.use(http.post(URL, () => HttpResponse.json({ code, error: 'token认证失败' })));
    expect(await outcome(session.refresh())).toMatchObject({ code: 'refresh_rejected' });
    expect(session.status).toBe('signed-out');
  });

  it('signIn with the response to a wrong password throws a clear error, and the current session continues', async () => {
    const { session, api, logIn } = createApp();
    await logIn();
    const { data } = await api.post('/login/', { ...USER, password: 'wrong' });
    const error = (await outcome(session.signIn(data))) as SessionError;
    expect(error).toMatchObject({
      code: 'invalid_token_response',
      message: expect.stringContaining('code 1000'),
    });
    expect(session.status).toBe('signed-in');
  });

  it.each([
    [403, { code: '1003', msg: 'token已失效(已过期)' }, true],
    [403, { code: 1003 }, true],
    [403, { code: '1004' }, true],
    [403, { code: '1005' }, true],
    [403, { code: '1099' }, false],
    [403, { detail: 'You do not have permission' }, false],
    [403, 'Forbidden', false],
    [401, 'whatever', true],
    [200, { code: '1003' }, false],
    [500, { code: '1003' }, false],
  ])('status %i with %j is a refusal: %j', (status, body, refused) => {
    const { refuses } = envelopeBackend({ url: URL });
    expect(refuses?.({ status, headers: new Headers(), body: () => body })).toBe(refused);
  });

  it('refusals with status 200 are an option', async () => {
    const { api, session } = createApp({ envelope: { refused: { statuses: [200], codes: [9] } } });
    await session.signIn({ accessToken: 'a', refreshToken: 'r' });
    let calls = 0;
    network.use(
      http.get(`${ORIGIN}/data`, () => HttpResponse.json({ code: calls++ ? 0 : 9 })),
      http.post(URL, () => HttpResponse.json({ code: 1007, data: { token: 'new' } })),
    );
    expect((await api.get('/data')).data).toEqual({ code: 0 });
    expect(calls).toBe(2);
  });

  it.each([
    [{ url: '' }, '"url" must be the URL of the refresh endpoint, got an empty string'],
    [{ url: 7 as never }, '"url" must be the URL of the refresh endpoint, got 7'],
    [{} as never, '"url" must be the URL of the refresh endpoint, got undefined'],
    [undefined as never, '"url" must be the URL of the refresh endpoint, got undefined'],
    [{ url: URL, timeZone: 'Asia/Shanghai' as never }, 'timeZone(name), got a string'],
  ])('throws for %j', (options, message) => {
    expect(() => envelopeBackend(options)).toThrow(message);
  });

  it('names an unreachable address, and what to check', async () => {
    const { session, server, logIn } = createApp();
    await logIn();
    server.fail('refresh', 'network');
    const error = (await outcome(session.refresh())) as SessionError;
    expect(error.message).toContain(URL);
    expect(error.message).toContain('the address');
    expect(error.message).toContain('CORS');
  });
});

describe('a custom backend', () => {
  it('needs a function that refreshes and one that reads tokens', async () => {
    let serial = 0;
    const session = createSession({
      backend: {
        async refresh({ refreshToken }) {
          return { accessToken: `${refreshToken}-${++serial}` };
        },
        readTokens: (body) => ({ accessToken: (body as { jwt: string }).jwt, refreshToken: 'r' }),
      },
    });
    await session.signIn({ jwt: 'first' });
    expect(await session.getAccessToken()).toBe('first');
    await session.refresh();
    expect(await session.getAccessToken()).toBe('r-1');
    session.dispose();
  });

  it('can attach the token to a request in its own way', async () => {
    const { api, session } = createApp({
      session: {
        backend: {
          refresh: async () => ({ accessToken: 'new' }),
          readTokens: () => ({ accessToken: 'a' }),
          carry: (token) => ({ headers: { 'X-Token': token, 'X-Kind': 'jwt' }, query: { v: '2' } }),
        },
      },
    });
    network.use(
      http.get(`${ORIGIN}/data`, ({ request }) =>
        HttpResponse.json([
          request.headers.get('x-token'),
          request.headers.get('x-kind'),
          request.url,
          request.headers.get('authorization'),
        ]),
      ),
    );
    await session.signIn({});
    expect((await api.get('/data')).data).toEqual(['a', 'jwt', `${ORIGIN}/data?v=2`, null]);
  });
});
