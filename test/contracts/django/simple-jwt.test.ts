import { beforeAll, describe, expect, it } from 'vitest';
import { blacklist, type SimpleJwtOptions, simpleJwtBackend } from '../../../src/index.js';
import { outcome, times, USER } from '../../support/app.js';
import { openClient } from '../client.js';
import { openProxy, type ProxyOptions } from '../proxy.js';
import { bothClocks, type Django, startDjango } from './django.js';

const LIFETIME = 300_000;
const HOUR = 3_600_000;
const ORDERS = { orders: [1, 2, 3], user: 'kevin' };

async function signedIn({ origin }: Django, options: Partial<SimpleJwtOptions> & ProxyOptions = {}) {
  const { hideDate = false, ...more } = options;
  const proxy = await openProxy(origin, { hideDate });
  const url = `${proxy.origin}/api/token/refresh/`;
  const signOut = blacklist(`${proxy.origin}/api/token/blacklist/`);
  const open = () => openClient(simpleJwtBackend({ url, signOut, ...more }), proxy.origin);
  const client = open();
  const answer = await (await post(origin, '/api/token/', USER)).json();
  await client.session.signIn(answer);
  const order = async () => (await client.api.get('/api/orders/')).data;
  return { ...client, open, proxy, order, answer: answer as { access: string; refresh: string } };
}

/** Uses an endpoint without the session's knowledge. */
function post(origin: string, path: string, body: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return fetch(origin + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

describe('djangorestframework-simplejwt', () => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango();
  });

  it('fifty orders with an expired token cost one refresh and 51 calls', async () => {
    const clock = bothClocks(django);
    const { order, proxy } = await signedIn(django);
    await clock.tick(LIFETIME);
    expect(await times(50, order)).toEqual(Array(50).fill(ORDERS));
    expect(proxy.count('/api/token/refresh/', 200)).toBe(1);
    expect(proxy.calls.length).toBe(51);
  });

  it('continues over many rotations, and no order is refused', async () => {
    const clock = bothClocks(django);
    const { order, proxy, ends } = await signedIn(django);
    for (let lifetime = 1; lifetime <= 5; lifetime++) {
      await clock.tick(LIFETIME);
      await times(3, order);
      expect(proxy.count('/api/token/refresh/')).toBe(lifetime);
    }
    expect(proxy.count('/api/orders/', 401)).toBe(0);
    expect(ends).toEqual([]);
  });

  it('an access token that the server refuses costs one refresh, and each order is sent again', async () => {
    const { session, order, proxy, answer } = await signedIn(django);
    await session.signIn({ accessToken: 'garbage', refreshToken: answer.refresh });
    expect(await times(10, order)).toEqual(Array(10).fill(ORDERS));
    expect(proxy.count('/api/orders/', 401)).toBe(10);
    expect(proxy.count('/api/token/refresh/')).toBe(1);
  });

  it.each([
    ['was replaced by a rotation', '/api/token/refresh/'],
    ['was put on the blacklist', '/api/token/blacklist/'],
  ])('a refresh token that %s ends the session with one event', async (_, path) => {
    const clock = bothClocks(django);
    const { order, proxy, ends, answer } = await signedIn(django);
    await post(django.origin, path, { refresh: answer.refresh });
    await clock.tick(LIFETIME);
    const outcomes = await times(10, () => outcome(order()));
    expect(outcomes).toEqual(Array(10).fill(expect.objectContaining({ code: 'refresh_rejected' })));
    expect(proxy.calls).toEqual([{ path: '/api/token/refresh/', status: 401 }]);
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('after a sign-out the refresh token is on the blacklist', async () => {
    const { session, proxy, untold, answer } = await signedIn(django);
    await session.signOut();
    expect(proxy.calls).toEqual([{ path: '/api/token/blacklist/', status: 200 }]);
    const refreshed = await post(django.origin, '/api/token/refresh/', { refresh: answer.refresh });
    expect(await refreshed.json()).toMatchObject({ detail: 'Token is blacklisted' });
    expect(untold).toEqual([]);
  });

  it('a sign-out with a refresh token that was replaced meanwhile is not a failure', async () => {
    const { session, untold, answer } = await signedIn(django);
    await post(django.origin, '/api/token/refresh/', { refresh: answer.refresh });
    await session.signOut();
    expect(untold).toEqual([]);
  });

  it('a refresh token that has expired ends the session', async () => {
    const clock = bothClocks(django);
    const { order, ends } = await signedIn(django);
    await clock.tick(25 * HOUR);
    expect(await outcome(order())).toMatchObject({ code: 'refresh_rejected' });
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('a proxy’s 401 does not end the session', async () => {
    const clock = bothClocks(django);
    const { order, proxy, session } = await signedIn(django);
    await clock.tick(LIFETIME);
    proxy.befall('/api/token/refresh/', { status: 401, body: '{"message":"Unauthorized"}' });
    expect(await outcome(order())).toMatchObject({ code: 'refresh_unavailable' });
    expect(session.status).toBe('signed-in');
    await clock.tick(60_000);
    expect(await order()).toEqual(ORDERS);
  });

  it('after a response lost after the rotation, the access token is used until it expires, then the refresh token once', async () => {
    const clock = bothClocks(django);
    const { order, proxy, ends, failures } = await signedIn(django);
    await clock.tick(0.85 * LIFETIME);
    proxy.befall('/api/token/refresh/', 'answer lost');
    await order();
    await expect.poll(() => failures).toEqual(['refresh_unavailable']);
    await clock.tick(0.1 * LIFETIME);
    await times(5, order);
    expect(proxy.count('/api/token/refresh/')).toBe(1);
    await clock.tick(0.1 * LIFETIME);
    const outcomes = await times(5, () => outcome(order()));
    expect(outcomes).toEqual(Array(5).fill(expect.objectContaining({ code: 'refresh_rejected' })));
    expect(proxy.count('/api/token/refresh/')).toBe(2);
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('eight browsers with one refresh token each continue, or get one event that the session has ended', async () => {
    const clock = bothClocks(django);
    const { open, answer, proxy, ...first } = await signedIn(django);
    const clients = [first, ...Array.from({ length: 7 }, open)];
    await Promise.all(clients.slice(1).map(({ session }) => session.signIn(answer)));
    await clock.tick(LIFETIME);
    await Promise.all(clients.map(({ api }) => outcome(api.get('/api/orders/'))));
    const alive = clients.filter(({ session }) => session.status === 'signed-in');
    const ended = clients.filter(({ ends }) => ends.length === 1 && ends[0] === 'refresh_rejected');
    // The server may accept the same refresh token from several requests at the same moment.
    expect(alive.length).toBeGreaterThanOrEqual(1);
    expect(alive.length + ended.length).toBe(8);
    expect(proxy.count('/api/token/refresh/')).toBe(8);
    await clock.tick(LIFETIME);
    const orders = await Promise.all(alive.map(({ api }) => api.get('/api/orders/')));
    expect(orders.map(({ status }) => status)).toEqual(Array(alive.length).fill(200));
  });
});

/** Sends orders for three lifetimes. The server's clock is `ahead` ms ahead. */
async function shop(django: Django, ahead: number, options: ProxyOptions) {
  const clock = bothClocks(django, ahead);
  const { order, proxy, ends, idle } = await signedIn(django, options);
  for (let step = 0; step < 6; step++) {
    await clock.tick(LIFETIME / 2);
    expect(await times(3, order)).toEqual(Array(3).fill(ORDERS));
    await idle();
  }
  expect(ends).toEqual([]);
  return { refreshes: proxy.count('/api/token/refresh/'), refused: proxy.count('/api/orders/', 401) };
}

describe.each(['Asia/Shanghai', 'America/New_York'])('simplejwt in %s', (TZ) => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango({ TZ });
  });

  it.each([{ hideDate: false }, { hideDate: true }])(
    'there is one refresh per lifetime, and no order is refused: %j',
    async (options) => {
      expect(await shop(django, 0, options)).toEqual({ refreshes: 3, refused: 0 });
    },
  );
});

describe('simplejwt whose Date header a page from another origin cannot read', () => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango();
  });

  it.each([5 * HOUR, -5 * HOUR, 120_000, -120_000])(
    'with a clock %i ms ahead: no order is refused, and there is no loop',
    async (ahead) => {
      const { refreshes, refused } = await shop(django, ahead, { hideDate: true });
      expect(refused).toBe(0);
      // One more refresh, because the age of the sign-in's token is unknown.
      expect(refreshes).toBeLessThanOrEqual(4);
    },
  );
});
