import { describe, expect, it } from 'vitest';
import { type TokenSet, timeZone } from '../../src/index.js';
import type { TestBackendOptions } from '../../src/testing/index.js';
import { type App, type AppOptions, createApp } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const HOUR = 3_600_000;

/** Runs for `lifetimes` of 10 s each, with two orders per second. Returns the number of refreshes. */
async function live(app: App, clock: ReturnType<typeof fakeClock>, lifetimes: number): Promise<number> {
  const before = app.server.stats.refreshes;
  for (let step = 0; step < lifetimes * 20; step++) {
    await clock.tick(500);
    await app.order();
  }
  return app.server.stats.refreshes - before;
}

const TEN_SECONDS = { accessLifetime: 10_000, refreshLifetime: 60_000 };

/** A server whose clock differs from this computer's. */
function createAppWithSkew(skew: number, server: TestBackendOptions = {}, more: AppOptions = {}): App {
  return createApp({
    direct: true,
    ...more,
    server: { ...TEN_SECONDS, now: () => Date.now() + skew, ...server },
  });
}

describe('guarantee 8: a wrong clock does no harm', () => {
  const kinds: [string, TestBackendOptions][] = [
    ['exp alone, and a readable Date', {}],
    ['exp alone, and no Date', { date: false }],
    ['exp and iat', { iat: true, date: false }],
    ['expires_in of an opaque token', { opaque: true, expiresIn: true, tokenTime: false, date: false }],
    ['the token_time of an opaque token, and a Date', { opaque: true }],
    ['the token_time of an opaque token alone', { opaque: true, date: false }],
    ['nothing at all', { opaque: true, tokenTime: false, date: false }],
  ];
  const skews: [string, number][] = [
    ['right', 0],
    ['five hours fast', -5 * HOUR],
    ['five hours slow', 5 * HOUR],
    ['three seconds fast', -3_000],
    ['three seconds slow', 3_000],
  ];

  describe.each(kinds)('with %s', (_, server) => {
    it.each(skews)('there is one refresh per lifetime on a computer whose clock is %s', async (_, skew) => {
      const clock = fakeClock();
      const app = createAppWithSkew(skew, server, { envelope: { timeZone: timeZone('UTC') } });
      await app.logIn();
      const refreshes = await live(app, clock, 5);
      // Four to five lifetimes pass, because refreshAhead uses a quarter of each.
      expect(refreshes).toBeGreaterThanOrEqual(4);
      expect(refreshes).toBeLessThanOrEqual(9);
      expect(app.server.stats).toMatchObject({ ordersOk: 100, reuses: 0 });
      expect(app.server.stats.ordersRefused).toBeLessThanOrEqual(refreshes);
      expect(app.session.status).toBe('signed-in');
    });
  });

  it.each([
    ['Asia/Shanghai', 0],
    ['America/New_York', 0],
  ])("a token_time in %s is ignored if the token's claims differ", async (timeZone) => {
    const clock = fakeClock();
    const app = createAppWithSkew(0, { timeZone, date: false });
    await app.logIn();
    await live(app, clock, 3);
    expect(app.server.stats.ordersRefused).toBe(0);
    expect(app.server.stats.refreshes).toBeLessThanOrEqual(5);
  });

  it('a naive token_time of an opaque token is read in the time zone that the application sets', async () => {
    const clock = fakeClock();
    const server = { timeZone: 'Asia/Shanghai', opaque: true, date: false } as const;
    const app = createAppWithSkew(0, server, { envelope: { timeZone: timeZone('Asia/Shanghai') } });
    await app.logIn();
    await live(app, clock, 3);
    expect(app.server.stats.ordersRefused).toBe(0);
  });

  it.each([
    ['forward', 3 * HOUR],
    ['back', -3 * HOUR],
  ])('a clock set %s while the page is open causes at most one extra refresh', async (_, jump) => {
    const clock = fakeClock();
    let serverOffset = 0;
    const app = createApp({
      direct: true,
      server: { ...TEN_SECONDS, iat: true, date: false, now: () => Date.now() + serverOffset },
    });
    await app.logIn();
    await live(app, clock, 1);
    clock.set(jump);
    serverOffset = -jump;
    const refreshes = await live(app, clock, 4);
    expect(refreshes).toBeGreaterThanOrEqual(4);
    expect(refreshes).toBeLessThanOrEqual(8);
    expect(app.server.stats.ordersRefused).toBe(0);
  });

  it('a clock that is set back does not extend the life of a token', async () => {
    const clock = fakeClock();
    const app = createApp({ server: { ...TEN_SECONDS, iat: true } });
    await app.logIn();
    clock.set(-HOUR);
    await clock.tick(10_000);
    app.server.configure({ now: () => Date.now() + HOUR });
    await app.order();
    expect(app.server.stats).toMatchObject({ refreshes: 1, ordersRefused: 0 });
  });

  it('a token that arrives long after its iat does not get its whole lifetime again', async () => {
    const clock = fakeClock();
    const app = createApp({ server: { ...TEN_SECONDS, refreshLifetime: HOUR, iat: true } });
    const { data } = await app.api.post('/login/', { username: 'kevin', password: 'open-sesame' });
    await clock.tick(60_000);
    await app.session.signIn(data);
    await app.order();
    expect(app.server.stats).toMatchObject({ refreshes: 1, ordersRefused: 0 });
  });

  it('a token that arrives halfway through its life is used for the other half', async () => {
    const clock = fakeClock();
    const app = createApp({ server: { ...TEN_SECONDS, iat: true } });
    const { data } = await app.api.post('/login/', { username: 'kevin', password: 'open-sesame' });
    await clock.tick(5_000);
    await app.session.signIn(data);
    await app.order();
    expect(app.server.stats.refreshes).toBe(0);
    await clock.tick(4_500);
    await app.order();
    expect(app.server.stats).toMatchObject({ refreshes: 1, ordersRefused: 0 });
  });

  it('a refusal overrides the clock', async () => {
    fakeClock();
    const app = createAppWithSkew(0);
    await app.logIn();
    app.server.expireAccessTokens();
    await app.order();
    expect(app.server.stats).toMatchObject({ refreshes: 1, ordersRefused: 1, ordersOk: 1 });
  });

  it('a custom backend that calculates a past expiry causes no loop', async () => {
    fakeClock();
    let refreshes = 0;
    const app = createApp({
      session: {
        backend: {
          refresh: async () => ({
            accessToken: `a${++refreshes}`,
            refreshToken: 'r',
            expiresAt: Date.now() - HOUR,
          }),
          readTokens: (body) => body as TokenSet,
          refuses: () => false,
        },
      },
    });
    await app.session.signIn({ accessToken: 'a0', refreshToken: 'r', expiresAt: Date.now() - HOUR });
    for (let index = 0; index < 10; index++) await app.session.getAccessToken();
    expect(refreshes).toBe(1);
  });

  it('a leeway and a refreshAhead longer than the lifetime shrink with it', async () => {
    const clock = fakeClock();
    const app = createApp({
      direct: true,
      server: TEN_SECONDS,
      session: { leeway: HOUR, refreshAhead: HOUR },
    });
    await app.logIn();
    expect(await live(app, clock, 3)).toBeLessThanOrEqual(5);
  });

  it('refreshAhead: 0 and leeway: 0 refresh only after the token has expired', async () => {
    const clock = fakeClock();
    const app = createApp({ server: TEN_SECONDS, session: { leeway: 0, refreshAhead: 0 } });
    await app.logIn();
    await clock.tick(9_700);
    await app.order();
    expect(app.server.stats.refreshes).toBe(0);
    await clock.tick(400);
    await app.order();
    expect(app.server.stats).toMatchObject({ refreshes: 1, ordersRefused: 0 });
  });
});
