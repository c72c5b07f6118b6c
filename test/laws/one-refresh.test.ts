import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApp, outcome, times } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

describe('guarantees 1 and 2: one refresh, and no wasted requests', () => {
  it('fifty orders with an expired token cost one refresh and 51 calls', async () => {
    const clock = fakeClock();
    const { server, order, logIn } = createApp();
    await logIn();
    await clock.tick(60_000);
    expect(await times(50, order)).toEqual(Array(50).fill({ code: 1006, data: '订单数据' }));
    expect(server.stats).toMatchObject({
      logins: 1,
      refreshes: 1,
      ordersOk: 50,
      ordersRefused: 0,
      requests: 52,
    });
  });

  it('a fresh token causes no refresh', async () => {
    const clock = fakeClock();
    const { server, order, logIn } = createApp();
    await logIn();
    await clock.tick(10_000);
    await times(3, order);
    expect(server.stats).toMatchObject({ refreshes: 0, ordersOk: 3 });
  });

  it('an ageing token is sent at once, and refreshed in the background', async () => {
    const clock = fakeClock();
    const { server, order, logIn, events } = createApp();
    await logIn();
    await clock.tick(46_000);
    const release = server.hold('refresh');
    await times(10, order);
    expect(server.stats.ordersOk).toBe(10);
    expect(events.at(-1)?.type).toBe('refreshing');
    release();
    await expect.poll(() => events.at(-1)?.type).toBe('refreshed');
    await order();
    expect(server.stats).toMatchObject({ refreshes: 1, ordersRefused: 0 });
  });

  it('fifty orders with a token that the server refuses cost one refresh, and each is sent twice', async () => {
    const { server, order, logIn } = createApp();
    await logIn();
    server.expireAccessTokens();
    await times(50, order);
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 50, ordersRefused: 50 });
  });

  it('a late refusal of a token that was already replaced starts no second refresh', async () => {
    const { server, api, order, logIn } = createApp({ server: { latency: 0 } });
    await logIn();
    server.expireAccessTokens();
    server.configure({ latency: { order: 60 } });
    const late = api.get('/order/');
    await new Promise((resolve) => setTimeout(resolve, 10));
    server.configure({ latency: 0 });
    await order();
    await late;
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 2, ordersRefused: 2 });
  });

  it('requests, getAccessToken and refresh share one refresh', async () => {
    const clock = fakeClock();
    const { server, session, order, logIn } = createApp();
    await logIn();
    await clock.tick(60_000);
    const [, , token] = await Promise.all([order(), session.refresh(), session.getAccessToken(), order()]);
    expect(token).toMatch(/^ey/);
    expect(server.stats.refreshes).toBe(1);
  });

  it('one refresh per lifetime, with the lifetimes of the tutorial', async () => {
    const clock = fakeClock();
    const { server, order, logIn } = createApp({
      direct: true,
      server: { accessLifetime: 3_000, refreshLifetime: 5_000 },
    });
    await logIn();
    for (let step = 0; step < 300; step++) {
      await clock.tick(100);
      await order();
    }
    expect(server.stats.ordersRefused).toBe(0);
    // `exp` is a whole second: a token of 3 s lives 2 to 3 s, and is refreshed in the last quarter of that.
    expect(server.stats.refreshes).toBeGreaterThanOrEqual(9);
    expect(server.stats.refreshes).toBeLessThanOrEqual(17);
  });

  it('an endpoint that refuses every token causes no request storm and no loop', async () => {
    fakeClock();
    const { server, api, session, logIn } = createApp({ envelope: { refused: { statuses: [403] } } });
    await logIn();
    server.fail('order', { status: 401 });
    for (let index = 0; index < 20; index++) {
      expect(await outcome(api.get('/order/'))).toMatchObject({ response: { status: 401 } });
    }
    expect(server.stats.refreshes).toBe(1);
    expect(session.status).toBe('signed-in');
  });

  it('holds for every order of requests, refusals and responses', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ start: fc.nat(4), latency: fc.nat(4) }), { minLength: 1, maxLength: 12 }),
        fc.nat(4),
        async (requests, refreshLatency) => {
          const { server, api, logIn, session } = createApp({ direct: true });
          await logIn();
          server.expireAccessTokens();
          server.configure({ latency: { refresh: refreshLatency } });
          await Promise.all(
            requests.map(async ({ start }) => {
              for (let turn = 0; turn < start; turn++) await new Promise((resolve) => setTimeout(resolve));
              expect((await api.get('/order/')).status).toBe(200);
            }),
          );
          expect(server.stats).toMatchObject({
            refreshes: 1,
            reuses: 0,
            refreshesAtOnce: 1,
            ordersOk: requests.length,
          });
          session.dispose();
        },
      ),
      { numRuns: 30 },
    );
  });
});
