import { describe, expect, it, vi } from 'vitest';
import { keepAlive } from '../../src/index.js';
import { type AppOptions, createApp, outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const DAY = 86_400_000;

function createAliveApp(options: AppOptions = {}) {
  const clock = fakeClock({ timers: true });
  const app = createApp(options);
  const isRefreshing = () => app.events.at(-1)?.type === 'refreshing';
  /** Lets time pass. The clock stands still while the backend responds. */
  async function live(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await clock.tick(1_000);
      await expect.poll(isRefreshing).toBe(false);
    }
  }
  return { ...app, clock, live, stop: keepAlive(app.session) };
}

describe('keepAlive', () => {
  it('refreshes before expiry, once per lifetime, without any request', async () => {
    const { server, logIn, live } = createAliveApp();
    await logIn();
    await live(5 * 60);
    expect(server.stats.refreshes).toBeGreaterThanOrEqual(5);
    expect(server.stats.refreshes).toBeLessThanOrEqual(7);
    expect(server.stats.ordersOk).toBe(0);
  });

  it('without keepAlive, an idle session never refreshes', async () => {
    const clock = fakeClock({ timers: true });
    const { server, logIn } = createApp();
    await logIn();
    await clock.tick(DAY);
    expect(server.stats.refreshes).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not refresh early because of a lifetime that is too long for a timer', async () => {
    const { server, logIn, clock } = createAliveApp({
      server: { accessLifetime: 60 * DAY, refreshLifetime: 365 * DAY },
    });
    await logIn();
    await clock.tick(30 * DAY);
    expect(server.stats.refreshes).toBe(0);
    await clock.tick(30 * DAY - 30_000);
    await expect.poll(() => server.stats.refreshes).toBe(1);
  });

  it('continues after an outage, no faster than the backoff allows', async () => {
    const { server, logIn, live } = createAliveApp();
    await logIn();
    server.fail('refresh', { status: 503 });
    await live(90);
    expect(server.stats.refreshFailures).toBeGreaterThanOrEqual(2);
    expect(server.stats.refreshFailures).toBeLessThanOrEqual(8);
    server.fail('refresh', null);
    await live(65);
    expect(server.stats.refreshes).toBeGreaterThanOrEqual(1);
  });

  it('ends with the session, and with dispose', async () => {
    const { session, server, logIn, clock } = createAliveApp();
    await logIn();
    expect(vi.getTimerCount()).toBe(1);
    await session.signOut();
    expect(vi.getTimerCount()).toBe(0);
    await logIn();
    session.dispose();
    expect(vi.getTimerCount()).toBe(0);
    await clock.tick(DAY);
    expect(server.stats.refreshes).toBe(0);
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
  });

  it('ends when it is stopped, and the session continues', async () => {
    const { session, server, logIn, stop, clock } = createAliveApp();
    await logIn();
    stop();
    expect(vi.getTimerCount()).toBe(0);
    await clock.tick(30_000);
    expect(server.stats.refreshes).toBe(0);
    expect(session.status).toBe('signed-in');
  });

  it('starts no timer for a session that was already disposed', async () => {
    fakeClock({ timers: true });
    const { session, logIn } = createApp();
    await logIn();
    session.dispose();
    keepAlive(session);
    expect(vi.getTimerCount()).toBe(0);
  });
});
