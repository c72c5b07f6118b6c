import axios, { type AxiosError, isCancel } from 'axios';
import { describe, expect, it } from 'vitest';
import { isSessionError } from '../../src/index.js';
import { createApp, outcome, times } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

/** An application whose token has expired. The refresh is held until the test releases it. */
async function waiting(latency = 50) {
  const clock = fakeClock();
  const app = createApp();
  await app.logIn();
  await clock.tick(60_000);
  app.server.configure({ latency: { refresh: latency } });
  return { ...app, clock };
}

describe('guarantee 3: every request settles', () => {
  it('an aborted request rejects while it waits, and does not affect the refresh or other requests', async () => {
    const { api, order, server } = await waiting();
    const controller = new AbortController();
    const aborted = outcome(api.get('/order/', { signal: controller.signal }));
    const other = order();
    controller.abort();
    expect(isCancel(await aborted)).toBe(true);
    expect(server.stats.refreshes).toBe(0);
    await other;
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 1 });
  });

  it('an already aborted signal is respected', async () => {
    const { api, server, session } = await waiting();
    expect(isCancel(await outcome(api.get('/order/', { signal: AbortSignal.abort() })))).toBe(true);
    expect(server.stats.ordersOk).toBe(0);
    await session.getAccessToken(); // so that no refresh is left to the next test
  });

  it('a cancel token is respected while the request waits', async () => {
    const { api, order } = await waiting();
    const { token, cancel } = axios.CancelToken.source();
    const cancelled = outcome(api.get('/order/', { cancelToken: token }));
    const other = order();
    cancel('no longer needed');
    expect(await cancelled).toMatchObject({ message: 'no longer needed', __CANCEL__: true });
    await other;
  });

  it("the request's timeout includes the wait", async () => {
    const { api, order } = await waiting(100);
    const timedOut = outcome(api.get('/order/', { timeout: 20 }));
    const other = order();
    const error = (await timedOut) as AxiosError;
    expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 20ms exceeded' });
    await other;
  });

  it("the request's timeout covers the wait and the sending together", async () => {
    const { api, server, logIn } = createApp();
    await logIn();
    server.expireAccessTokens();
    server.configure({ latency: 60 });
    const error = await outcome(api.get('/order/', { timeout: 150 }));
    expect(error).toMatchObject({ code: 'ECONNABORTED', message: 'timeout of 150ms exceeded' });
  });

  it("the timeout error follows the application's options", async () => {
    const { api, order } = await waiting();
    const config = {
      timeout: 10,
      timeoutErrorMessage: 'too slow',
      transitional: { clarifyTimeoutError: true },
    };
    const timedOut = outcome(api.get('/order/', config));
    const other = order();
    expect(await timedOut).toMatchObject({ code: 'ETIMEDOUT', message: 'too slow' });
    await other;
  });

  it('all waiting requests reject when the refresh fails, with an AxiosError whose cause is the SessionError', async () => {
    const { api, server } = await waiting(0);
    server.fail('refresh', 'network');
    const errors = (await times(20, () => outcome(api.get('/order/')))) as AxiosError[];
    for (const error of errors) {
      expect(axios.isAxiosError(error)).toBe(true);
      expect(isSessionError(error.cause, 'refresh_unavailable')).toBe(true);
      expect(error.response).toBeUndefined();
    }
    expect(server.stats.ordersOk).toBe(0);
  });

  it('a refresh without a response ends after refreshTimeout', async () => {
    const clock = fakeClock({ timers: true });
    const { api, session, server, logIn } = createApp({
      session: { refreshTimeout: 5_000 },
      direct: true,
    });
    await logIn();
    await clock.tick(60_000);
    server.fail('refresh', 'timeout');
    const waiting = times(3, () => outcome(api.get('/order/')));
    await expect.poll(() => server.stats.requests).toBe(2);
    await clock.tick(5_000);
    for (const error of (await waiting) as AxiosError[])
      expect(isSessionError(error.cause, 'refresh_timeout')).toBe(true);
    expect(session.status).toBe('signed-in');
  });

  it("getAccessToken rejects with its signal's reason, and the refresh continues for others", async () => {
    const { session } = await waiting();
    const controller = new AbortController();
    const aborted = outcome(session.getAccessToken({ signal: controller.signal }));
    const other = session.getAccessToken();
    controller.abort('changed my mind');
    expect(await aborted).toBe('changed my mind');
    expect(await other).toMatch(/^ey/);
    const { signal } = controller;
    expect(await outcome(session.getAccessToken({ signal }))).toBe('changed my mind');
  });

  it('a request waits until an asynchronous store has been read', async () => {
    const { server, session: source, logIn } = createApp();
    await logIn();
    const accessToken = await source.getAccessToken();
    const later = createApp({
      session: { store: { read: async () => ({ accessToken, refreshToken: 'r' }), write: () => {} } },
    });
    expect(later.session.status).toBe('restoring');
    later.server.configure({ orders: () => 'reached' });
    await outcome(later.order());
    expect(later.session.status).not.toBe('restoring');
    expect(server.stats.refreshes).toBe(0);
  });

  it('a sign-out rejects waiting requests', async () => {
    const { session, api, server } = await waiting();
    const waitingFor = times(3, () => outcome(api.get('/order/')));
    await session.signOut();
    for (const error of (await waitingFor) as AxiosError[])
      expect(isSessionError(error.cause, 'signed_out')).toBe(true);
    expect(server.stats.ordersOk).toBe(0);
  });
});
