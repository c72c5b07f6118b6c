import { describe, expect, it } from 'vitest';
import { createTestBackend, type TestBackendOptions } from '../../src/testing/index.js';

const ORIGIN = 'https://api.test';

function createClient(options: TestBackendOptions = {}) {
  let now = Date.parse('2026-11-24T08:00:00.500Z');
  const server = createTestBackend({
    accessLifetime: 3_000,
    refreshLifetime: 5_000,
    now: () => now,
    ...options,
  });
  const call = (path: string, init: RequestInit = {}) => server.fetch(new Request(ORIGIN + path, init));
  const body = async (response: Promise<Response>) =>
    (await (await response).json()) as { code: number | string; data: never };
  const tokensOf = async (response: Promise<Response>) =>
    ((await body(response)) as { data: { token: string; refresh_token: string } }).data;
  const logIn = (username = 'kevin', password = 'open-sesame') =>
    tokensOf(call('/login/', { method: 'POST', body: JSON.stringify({ username, password }) }));
  const refresh = (token: string) =>
    call('/update_token/', { method: 'POST', headers: { RefreshAuthorization: token } });
  const order = (token: string) => call('/order/', { headers: { Authorization: token } });
  const code = async (response: Promise<Response>) => String((await body(response)).code);
  return { server, call, logIn, refresh, order, tokensOf, code, pass: (ms: number) => (now += ms) };
}

describe('refresh token rotation', () => {
  it('strict: a reused token revokes the whole session', async () => {
    const { server, logIn, refresh, order, tokensOf, code } = createClient();
    const first = await logIn();
    const second = await tokensOf(refresh(first.refresh_token));
    expect(await code(refresh(first.refresh_token))).toBe('1008');
    expect(await code(refresh(second.refresh_token))).toBe('1008');
    expect(await code(order(second.token))).toBe('1004');
    expect(server.stats).toMatchObject({ refreshes: 1, refreshFailures: 2, reuses: 1 });
  });

  it('strict: does not affect the session of another user, or another session of the same user', async () => {
    const users = [
      { username: 'ann', password: 'a', id: 1 },
      { username: 'bob', password: 'b', id: 2 },
    ];
    const { logIn, refresh, code } = createClient({ users });
    const [ann, again, bob] = [await logIn('ann', 'a'), await logIn('ann', 'a'), await logIn('bob', 'b')];
    await refresh(ann.refresh_token);
    await refresh(ann.refresh_token);
    expect(await code(refresh(again.refresh_token))).toBe('1007');
    expect(await code(refresh(bob.refresh_token))).toBe('1007');
  });

  it('grace: a reused token is accepted within the window, and revokes the session after it', async () => {
    const { logIn, refresh, code, pass } = createClient({
      rotation: 'grace',
      graceWindow: 2_000,
      refreshLifetime: 60_000,
    });
    const { refresh_token } = await logIn();
    await refresh(refresh_token);
    pass(2_000);
    expect(await code(refresh(refresh_token))).toBe('1007');
    pass(1);
    expect(await code(refresh(refresh_token))).toBe('1008');
  });

  it('none: two refreshes in one second return the same access token', async () => {
    const { logIn, refresh, tokensOf } = createClient({ rotation: 'none' });
    const { refresh_token } = await logIn();
    const [one, two] = [await tokensOf(refresh(refresh_token)), await tokensOf(refresh(refresh_token))];
    expect(one).toEqual(two);
  });
});

describe('lifetimes', () => {
  it('an access token expires at its exp, a whole second, before its token_time', async () => {
    const { logIn, order, code, pass } = createClient();
    const { token } = await logIn();
    pass(2_499);
    expect(await code(order(token))).toBe('1006');
    pass(1);
    expect(await code(order(token))).toBe('1003');
  });

  it('a refresh token expires after its own lifetime', async () => {
    const { logIn, refresh, code, pass } = createClient();
    const { refresh_token } = await logIn();
    pass(5_000);
    expect(await code(refresh(refresh_token))).toBe('1008');
  });

  it('can change while the backend runs', async () => {
    const { server, logIn, order, code, pass } = createClient();
    server.configure({ accessLifetime: 60_000 });
    const { token } = await logIn();
    pass(50_000);
    expect(await code(order(token))).toBe('1006');
  });
});

describe('controls', () => {
  it('expireAccessTokens rejects the tokens issued so far, and accepts the next', async () => {
    const { server, logIn, refresh, order, tokensOf, code } = createClient();
    const { token, refresh_token } = await logIn();
    server.expireAccessTokens();
    expect(await code(order(token))).toBe('1003');
    expect(await code(order((await tokensOf(refresh(refresh_token))).token))).toBe('1006');
  });

  it('revoke ends sessions', async () => {
    const { server, logIn, refresh, order, code } = createClient();
    const { token, refresh_token } = await logIn();
    server.revoke(2);
    expect(await code(order(token))).toBe('1006');
    server.revoke();
    expect(await code(order(token))).toBe('1004');
    expect(await code(refresh(refresh_token))).toBe('1008');
  });

  it('failNext fails the next calls; fail fails all calls until it is ended', async () => {
    const { server, logIn, order } = createClient();
    const { token } = await logIn();
    server.failNext('order', { status: 503, retryAfter: 7 }, 2);
    expect((await order(token)).headers.get('retry-after')).toBe('7');
    expect((await order(token)).status).toBe(503);
    expect((await order(token)).status).toBe(200);
    server.fail('order', 'html');
    expect((await order(token)).headers.get('content-type')).toContain('text/html');
    server.fail('order', null);
    expect((await order(token)).status).toBe(200);
  });

  it('a network fault does not count as a call; a lost response does', async () => {
    const { server, logIn, refresh } = createClient();
    const { refresh_token } = await logIn();
    server.failNext('refresh', 'network');
    await expect(refresh(refresh_token)).rejects.toThrow(new TypeError('Failed to fetch'));
    expect(server.stats.refreshes).toBe(0);
    server.failNext('refresh', 'lost-answer');
    await expect(refresh(refresh_token)).rejects.toThrow(TypeError);
    expect(server.stats.refreshes).toBe(1);
  });

  it('a timeout ends with the signal of the request', async () => {
    const { server, call } = createClient();
    server.fail('order', 'timeout');
    const controller = new AbortController();
    const silent = call('/order/', { signal: controller.signal });
    controller.abort();
    await expect(silent).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reset removes sessions, faults and counters', async () => {
    const { server, logIn, order, code } = createClient();
    const { token } = await logIn();
    server.fail('order', 'network');
    server.reset();
    expect(await code(order(token))).toBe('1004');
    expect(server.stats).toMatchObject({ requests: 1, logins: 0, ordersRefused: 1 });
    expect(server.log).toEqual([expect.objectContaining({ endpoint: 'order', method: 'GET', status: 403 })]);
  });
});

describe('responses', () => {
  it('of orders can be set by the application', async () => {
    const { call, logIn } = createClient({
      orders: async (request, userId) => ({ userId, sent: await request.text() }),
    });
    const { token } = await logIn();
    const response = await call('/order/', {
      method: 'POST',
      body: 'hello',
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toEqual({ userId: 1, sent: 'hello' });
  });

  it('can omit token_time or the refresh token, or have expires_in or an opaque access token', async () => {
    const { logIn, refresh, tokensOf } = createClient({
      tokenTime: false,
      expiresIn: true,
      keepRefreshToken: true,
      opaque: true,
    });
    const first = await logIn();
    expect(first).toEqual({
      token: expect.not.stringContaining('.'),
      refresh_token: expect.any(String),
      expires_in: 3,
    });
    expect(await tokensOf(refresh(first.refresh_token))).toEqual({
      token: expect.any(String),
      expires_in: 3,
    });
  });

  it('have unique opaque tokens, even for two in the same second', async () => {
    const { logIn, refresh, tokensOf } = createClient({ opaque: true, rotation: 'none' });
    const { refresh_token } = await logIn();
    const [one, two] = [await tokensOf(refresh(refresh_token)), await tokensOf(refresh(refresh_token))];
    expect(one.token).toHaveLength(43);
    expect(one.token).not.toBe(two.token);
  });

  it('of other paths are 404', async () => {
    const { server, call } = createClient();
    expect((await call('/elsewhere/')).status).toBe(404);
    expect(server.stats.requests).toBe(0);
  });

  it('allow other origins if the option is set', async () => {
    const { call } = createClient({ cors: true });
    const preflight = await call('/update_token/', { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('RefreshAuthorization');
    const answer = await call('/order/');
    expect(answer.headers.get('access-control-expose-headers')).toBe('Date, Retry-After, WWW-Authenticate');
  });
});

it.each([
  [{ accessLifetime: -1 }, '"accessLifetime" must be a positive number of milliseconds, got -1'],
  [{ refreshLifetime: Number.NaN }, '"refreshLifetime" must be'],
  [
    { rotation: 'sometimes' as never },
    '"rotation" must be one of strict, grace, single-use, none, got sometimes',
  ],
  [{ tokenFrom: 'body' as never }, '"tokenFrom" must be one of header, query, both, got body'],
  [{ timeZone: 'Asia/Atlantis' }, 'Asia/Atlantis'],
])('throws for %j', (options, message) => {
  expect(() => createTestBackend(options)).toThrow(message);
});
