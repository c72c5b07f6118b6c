import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type OAuth2Options, oauth2Backend, revocation } from '../../src/index.js';
import { outcome, times } from '../support/app.js';
import { startServer } from './child.js';
import { clientClock, openClient } from './client.js';
import { logIn } from './oidc/log-in.js';
import { openProxy } from './proxy.js';

const HOUR = 3_600_000;
const LIFETIME = 60_000;
const startProvider = (env: Record<string, string> = {}) =>
  startServer(process.execPath, [join(import.meta.dirname, 'oidc/server.ts')], env);

/** A signed-in user at a provider, behind a proxy that counts calls. */
async function signedIn(provider: string, options: Partial<OAuth2Options> = {}) {
  const answer = await logIn(provider);
  const proxy = await openProxy(provider);
  const signOut = revocation(`${proxy.origin}/token/revocation`);
  const url = `${proxy.origin}/token`;
  const open = () => openClient(oauth2Backend({ url, clientId: 'app', signOut, ...options }), proxy.origin);
  const client = open();
  await client.session.signIn(answer);
  const order = async () => (await client.api.get('/orders')).data;
  return { ...client, answer, proxy, open, order };
}

/** Uses a refresh token without the knowledge of the session that has it. */
function spend(provider: string, refreshToken: string): Promise<Response> {
  const form = { client_id: 'app', grant_type: 'refresh_token', refresh_token: refreshToken };
  return fetch(`${provider}/token`, { method: 'POST', body: new URLSearchParams(form) });
}

/** Whether the server still accepts a refresh token. */
async function worthOf(provider: string, refreshToken: string): Promise<string> {
  const answer = await spend(provider, refreshToken);
  return answer.ok ? 'good' : ((await answer.json()) as { error: string }).error;
}

function revoke(provider: string, token: string): Promise<Response> {
  const body = new URLSearchParams({ client_id: 'app', token });
  return fetch(`${provider}/token/revocation`, { method: 'POST', body });
}

describe.each(['opaque', 'jwt'])('oidc-provider with %s access tokens', (format) => {
  let provider = '';
  beforeAll(async () => {
    provider = await startProvider({ ACCESS_FORMAT: format });
  });

  it('fifty orders with an expired token cost one refresh and 51 calls', async () => {
    const clock = clientClock();
    const { order, proxy } = await signedIn(provider);
    await clock.tick(LIFETIME);
    expect(await times(50, order)).toEqual(Array(50).fill({ orders: [1, 2, 3] }));
    expect(proxy.count('/token', 200)).toBe(1);
    expect(proxy.calls.length).toBe(51);
  });

  it('continues over many rotations', async () => {
    const clock = clientClock();
    const { order, proxy, ends } = await signedIn(provider);
    for (let lifetime = 1; lifetime <= 5; lifetime++) {
      await clock.tick(LIFETIME);
      await times(3, order);
      expect(proxy.count('/token')).toBe(lifetime);
    }
    expect(proxy.count('/orders', 401)).toBe(0);
    expect(ends).toEqual([]);
  });

  it('an access token that the API suddenly refuses costs one refresh, and each order is sent again', async () => {
    const { order, proxy, answer } = await signedIn(provider);
    await fetch(`${provider}/deny`, { headers: { Authorization: `Bearer ${answer.access_token}` } });
    expect(await times(10, order)).toEqual(Array(10).fill({ orders: [1, 2, 3] }));
    expect(proxy.count('/token')).toBe(1);
    expect(proxy.count('/orders', 401)).toBe(10);
    expect(proxy.count('/orders', 200)).toBe(10);
  });

  it('a refresh token that was used elsewhere ends the session, with one event', async () => {
    const clock = clientClock();
    const { order, proxy, ends, session, answer } = await signedIn(provider);
    await spend(provider, answer.refresh_token);
    await clock.tick(LIFETIME);
    const outcomes = await times(10, () => outcome(order()));
    expect(outcomes).toEqual(Array(10).fill(expect.objectContaining({ code: 'refresh_rejected' })));
    expect(proxy.calls).toEqual([{ path: '/token', status: 400 }]);
    expect(session.status).toBe('signed-out');
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('a revoked refresh token (RFC 7009) ends the session with one event too', async () => {
    const clock = clientClock();
    const { order, ends, answer } = await signedIn(provider);
    await revoke(provider, answer.refresh_token);
    await clock.tick(LIFETIME);
    expect(await outcome(order())).toMatchObject({ code: 'refresh_rejected' });
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('after a sign-out the refresh token is refused, even for others who have it', async () => {
    const { session, answer, proxy, untold, order } = await signedIn(provider);
    await order();
    await session.signOut();
    expect(proxy.count('/token/revocation', 200)).toBe(1);
    expect(await worthOf(provider, answer.refresh_token)).toBe('invalid_grant');
    expect(untold).toEqual([]);
  });

  it('after a sign-out during a refresh, the new refresh token is refused too', async () => {
    const { session, answer, proxy, untold } = await signedIn(provider);
    const release = proxy.hold('/token');
    const refreshing = outcome(session.refresh());
    await expect.poll(() => proxy.count('/token')).toBe(1);
    const signingOut = session.signOut();
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    release();
    await signingOut;
    const [successor] = proxy.bodies('/token') as { refresh_token: string }[];
    expect(successor?.refresh_token).not.toBe(answer.refresh_token);
    expect(await worthOf(provider, String(successor?.refresh_token))).toBe('invalid_grant');
    expect(proxy.calls.map(({ path }) => path)).toEqual(['/token', '/token/revocation']);
    expect(untold).toEqual([]);
    expect(session.status).toBe('signed-out');
  });

  it.each([
    ['a fault', { status: 500 }, 'status 500', 'good'],
    ['no answer', 'request lost', 'could not be reached', 'good'],
    ['a lost response', 'answer lost', 'could not be reached', 'invalid_grant'],
  ] as const)(
    'a revocation with %s is reported, and nobody is signed in',
    async (_, mishap, message, worth) => {
      const { session, answer, proxy, untold } = await signedIn(provider);
      proxy.befall('/token/revocation', mishap);
      await session.signOut();
      expect(session.status).toBe('signed-out');
      expect(untold).toEqual([expect.stringContaining(message)]);
      expect(await worthOf(provider, answer.refresh_token)).toBe(worth);
    },
  );

  it('a busy revocation endpoint is called once more, at the time that it gives', async () => {
    const { session, answer, proxy, untold } = await signedIn(provider);
    proxy.befall('/token/revocation', { status: 503, headers: { 'Retry-After': '0' } });
    await session.signOut();
    expect(proxy.calls.map(({ status }) => status)).toEqual([503, 200]);
    expect(await worthOf(provider, answer.refresh_token)).toBe('invalid_grant');
    expect(untold).toEqual([]);
  });

  it.each([
    ['an unknown client', { clientId: 'stranger' }, 'invalid_client'],
    ['a scope that was not granted', { scope: 'everything' }, 'invalid_scope'],
    ['a resource that was not granted', { parameters: { resource: 'urn:other' } }, 'invalid_target'],
  ])('%s is a configuration error, and not a sign-out', async (_, options, code) => {
    const clock = clientClock();
    const { order, ends, session } = await signedIn(provider, options);
    await clock.tick(LIFETIME);
    expect(await outcome(order())).toMatchObject({
      code: 'refresh_unavailable',
      message: expect.stringContaining(code),
    });
    expect(session.status).toBe('signed-in');
    expect(ends).toEqual([]);
  });

  it('a server error leaves the refresh token valid', async () => {
    const clock = clientClock();
    const { order, proxy, ends } = await signedIn(provider);
    await clock.tick(LIFETIME);
    await fetch(`${provider}/break/on`);
    expect(await outcome(order())).toMatchObject({ code: 'refresh_unavailable' });
    await fetch(`${provider}/break/off`);
    await clock.tick(LIFETIME);
    expect(await order()).toEqual({ orders: [1, 2, 3] });
    expect(proxy.calls.map(({ status }) => status)).toEqual([500, 200, 200]);
    expect(ends).toEqual([]);
  });

  it('waits exactly as long as Retry-After says', async () => {
    const clock = clientClock();
    const { order, proxy, ends } = await signedIn(provider);
    await clock.tick(LIFETIME);
    proxy.befall('/token', { status: 429, headers: { 'Retry-After': '120' } });
    expect(await outcome(order())).toMatchObject({ cause: { retryAfter: 120_000 } });
    await clock.tick(60_000);
    await times(10, () => outcome(order()));
    expect(proxy.count('/token')).toBe(1);
    await clock.tick(60_000);
    expect(await order()).toEqual({ orders: [1, 2, 3] });
    expect(proxy.count('/token')).toBe(2);
    expect(ends).toEqual([]);
  });

  it('a request that never arrived leaves the refresh token valid', async () => {
    const clock = clientClock();
    const { order, proxy, ends } = await signedIn(provider);
    await clock.tick(LIFETIME);
    proxy.befall('/token', 'request lost');
    expect(await outcome(order())).toMatchObject({ code: 'refresh_unavailable' });
    await clock.tick(LIFETIME);
    expect(await order()).toEqual({ orders: [1, 2, 3] });
    expect(ends).toEqual([]);
  });

  it('a response lost after the rotation: the access token is used until it expires, then the refresh token once', async () => {
    const clock = clientClock();
    const { order, proxy, session, ends, failures } = await signedIn(provider);
    await clock.tick(0.8 * LIFETIME);
    proxy.befall('/token', 'answer lost');
    await order();
    await expect.poll(() => failures).toEqual(['refresh_unavailable']);
    await clock.tick(0.19 * LIFETIME);
    await times(5, order);
    expect(proxy.count('/token')).toBe(1);
    expect(session.status).toBe('signed-in');
    await clock.tick(0.02 * LIFETIME);
    const outcomes = await times(5, () => outcome(order()));
    // This strict server treats the second use as theft. The client has no other way to find out whether the token is
    // valid.
    expect(outcomes).toEqual(Array(5).fill(expect.objectContaining({ code: 'refresh_rejected' })));
    expect(proxy.count('/token')).toBe(2);
    expect(proxy.count('/orders', 401)).toBe(0);
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('eight browsers with one refresh token: the grant is revoked, and each gets one event', async () => {
    const clock = clientClock();
    const { open, answer, proxy, ...first } = await signedIn(provider);
    const clients = [first, ...Array.from({ length: 7 }, open)];
    await Promise.all(clients.slice(1).map(({ session }) => session.signIn(answer)));
    await clock.tick(LIFETIME);
    await Promise.all(clients.map(({ api }) => outcome(api.get('/orders'))));
    await clock.tick(LIFETIME);
    // One response may have status 200 with tokens that were revoked at the same moment.
    await Promise.all(clients.map(({ api }) => outcome(api.get('/orders'))));
    expect(clients.map(({ session }) => session.status)).toEqual(Array(8).fill('signed-out'));
    expect(clients.map(({ ends }) => ends)).toEqual(Array(8).fill(['refresh_rejected']));
    expect(proxy.count('/token')).toBeLessThanOrEqual(10);
  });
});

describe.each([
  ['in Shanghai', { TZ: 'Asia/Shanghai' }],
  ['in New York', { TZ: 'America/New_York' }],
  ['with a clock five hours ahead', { CLOCK_OFFSET: String(5 * HOUR) }],
  ['with a clock five hours behind', { CLOCK_OFFSET: String(-5 * HOUR) }],
])('a provider %s', (_, env) => {
  let provider = '';
  beforeAll(async () => {
    provider = await startProvider({ ACCESS_FORMAT: 'jwt', ...env });
  });

  it.each([0, 3 * HOUR, -3 * HOUR])(
    'and a client whose clock is %i ms ahead: one refresh per lifetime',
    async (ahead) => {
      const clock = clientClock(ahead);
      const { order, proxy } = await signedIn(provider);
      for (let lifetime = 1; lifetime <= 3; lifetime++) {
        await clock.tick(LIFETIME / 2);
        await times(3, order);
        await clock.tick(LIFETIME / 2);
        await times(3, order);
        expect(proxy.count('/token')).toBe(lifetime);
      }
      expect(proxy.count('/orders', 200)).toBe(18);
      expect(proxy.count('/orders', 401)).toBe(0);
    },
  );
});
