import type { AxiosError } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { isSessionError, SessionError, type SignedOutEvent, type TokenSet } from '../../src/index.js';
import type { Fault } from '../../src/testing/index.js';
import { type AppOptions, createApp, outcome, times } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

async function expired(options: AppOptions = {}) {
  const clock = fakeClock({ timers: true });
  const onSignedOut = vi.fn<(event: SignedOutEvent) => void>();
  const app = createApp({ ...options, session: { onSignedOut, ...options.session } });
  await app.logIn();
  await clock.tick(60_000);
  const cause = async () => ((await outcome(app.order())) as AxiosError).cause as SessionError;
  return { ...app, clock, onSignedOut, cause };
}

describe('guarantee 5: a refresh succeeds, is rejected, or is unavailable', () => {
  describe('rejected', () => {
    it('ends the session once, however many requests failed', async () => {
      const { server, session, api, onSignedOut } = await expired();
      server.revoke();
      const errors = (await times(50, () => outcome(api.get('/order/')))) as AxiosError[];
      for (const { cause } of errors) expect(isSessionError(cause, 'refresh_rejected')).toBe(true);
      expect(session.status).toBe('signed-out');
      expect(session.claims).toBeNull();
      expect(onSignedOut).toHaveBeenCalledExactlyOnceWith(
        expect.objectContaining({ reason: 'refresh_rejected', returnTo: expect.stringMatching(/^\//) }),
      );
      expect(server.stats).toMatchObject({ refreshFailures: 1, ordersOk: 0, ordersRefused: 0 });
    });

    it('empties the store', async () => {
      let stored: TokenSet | null = null;
      const store = { read: () => stored, write: (tokens: TokenSet | null) => void (stored = tokens) };
      const { server, order } = await expired({ session: { store } });
      expect(stored).not.toBeNull();
      server.revoke();
      await outcome(order());
      expect(stored).toBeNull();
    });

    it('ends each session once', async () => {
      const { server, order, logIn, onSignedOut, clock } = await expired();
      server.revoke();
      await outcome(order());
      await logIn();
      await clock.tick(60_000);
      server.revoke();
      await outcome(order());
      expect(onSignedOut).toHaveBeenCalledTimes(2);
    });

    it('later requests are sent without a token, like those of a signed-out visitor', async () => {
      const { server, order } = await expired();
      server.revoke();
      await outcome(order());
      expect(await outcome(order())).toMatchObject({ response: { status: 403 } });
      expect(server.stats).toMatchObject({ refreshFailures: 1, ordersRefused: 1 });
    });

    it('without a refresh token, the access token is used until it expires, and then the user must sign in', async () => {
      const clock = fakeClock();
      const onSignedOut = vi.fn();
      const { server, session, api, order } = createApp({ session: { onSignedOut } });
      const { data } = await api.post('/login/', { username: 'kevin', password: 'open-sesame' });
      delete data.data.refresh_token;
      await session.signIn(data);
      await clock.tick(58_000);
      await times(3, order);
      expect(session.status).toBe('signed-in');
      await clock.tick(2_000);
      expect(isSessionError(((await outcome(order())) as AxiosError).cause, 'refresh_rejected')).toBe(true);
      expect(onSignedOut).toHaveBeenCalledOnce();
      expect(server.stats.refreshFailures).toBe(0);
    });

    it('an error in onSignedOut is reported and does not affect requests', async () => {
      const thrown: unknown[] = [];
      const microtask = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((report) => {
        try {
          report();
        } catch (error) {
          thrown.push(error);
        }
      });
      const { server, cause } = await expired({
        session: {
          onSignedOut: () => {
            throw new Error('a bug of the application');
          },
        },
      });
      server.revoke();
      expect(isSessionError(await cause(), 'refresh_rejected')).toBe(true);
      expect(thrown).toEqual([new Error('a bug of the application')]);
      microtask.mockRestore();
    });
  });

  describe('unavailable', () => {
    const faults: [string, Fault][] = [
      ['no network', 'network'],
      ['a lost response', 'lost-answer'],
      ['a captive portal', 'html'],
      ['a timeout of the proxy', { status: 408 }],
      ['too early', { status: 425 }],
      ['too many requests', { status: 429 }],
      ['an internal error', { status: 500 }],
      ['a bad gateway', { status: 502 }],
      ['maintenance', { status: 503 }],
      ['a redirect', { status: 302 }],
      ['a wrong path', { status: 404 }],
    ];

    it.each(faults)('%s keeps the session and is reported', async (_, fault) => {
      const { server, session, onSignedOut, cause } = await expired();
      server.failNext('refresh', fault);
      expect(isSessionError(await cause(), 'refresh_unavailable')).toBe(true);
      expect(session.status).toBe('signed-in');
      expect(onSignedOut).not.toHaveBeenCalled();
    });

    it('the next attempt waits, longer each time, and then succeeds', async () => {
      const { server, order, clock, cause, events } = await expired();
      server.failNext('refresh', { status: 503 }, 3);
      const pauses: number[] = [];
      await cause();
      for (let failures = 1; failures <= 3; failures++) {
        const before = Date.now();
        const next = outcome(order());
        while (events.filter(({ type }) => type === 'refreshing').length === failures) await clock.tick(50);
        pauses.push(Date.now() - before);
        await next;
      }
      expect(server.stats).toMatchObject({ refreshFailures: 3, refreshes: 1, ordersOk: 1 });
      expect(pauses[0]).toBeGreaterThanOrEqual(500);
      expect(pauses[1]).toBeGreaterThanOrEqual(1_000);
      expect(pauses[2]).toBeGreaterThanOrEqual(2_000);
      expect(pauses[2]).toBeLessThanOrEqual(4_200);
    });

    it.each([
      ['in seconds', 7],
      ['as a date', new Date(Date.parse('2026-11-24T08:01:07Z')).toUTCString()],
    ])('respects Retry-After %s', async (_, retryAfter) => {
      const { server, order, clock, cause } = await expired();
      server.failNext('refresh', { status: 503, retryAfter });
      expect((await cause()).retryAfter).toBeGreaterThanOrEqual(6_000);
      const next = order();
      await clock.tick(5_900);
      expect(server.stats.refreshes).toBe(0);
      await clock.tick(1_200);
      await next;
      expect(server.stats.refreshes).toBe(1);
    });

    it('respects Retry-After: 0', async () => {
      const { server, order, cause } = await expired();
      server.failNext('refresh', { status: 503, retryAfter: 0 });
      expect((await cause()).retryAfter).toBe(0);
      await order();
      expect(server.stats.refreshes).toBe(1);
    });

    it.each([
      ['ends early when the network is back', 'network', 0],
      ['does not end early if the server asked for it', { status: 503, retryAfter: 20 }, 20_000],
    ] as [string, Fault, number][])('a wait %s', async (_, fault, least) => {
      const target = new EventTarget();
      vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
      vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
      const { server, order, clock, cause } = await expired();
      server.failNext('refresh', fault);
      await cause();
      const before = Date.now();
      const next = order();
      await clock.tick(10);
      target.dispatchEvent(new Event('online'));
      await clock.tick(0);
      if (least) await clock.tick(least);
      await next;
      expect(Date.now() - before).toBeLessThanOrEqual(least + 10);
      expect(server.stats.refreshes).toBe(1);
      vi.unstubAllGlobals();
    });

    it('a wait longer than refreshTimeout rejects at once', async () => {
      const { server, cause } = await expired();
      server.failNext('refresh', { status: 429, retryAfter: 3600 });
      await cause();
      const error = await cause();
      expect(error.code).toBe('refresh_unavailable');
      expect(error.retryAfter).toBeGreaterThan(3_500_000);
      expect(server.stats).toMatchObject({ refreshFailures: 1, refreshes: 0 });
    });

    it('many requests during an outage make one call per wait', async () => {
      const { server, api, clock } = await expired();
      server.fail('refresh', { status: 500 });
      const waiting: Promise<unknown>[] = [];
      for (let second = 0; second < 60; second++) {
        waiting.push(times(20, () => outcome(api.get('/order/'))));
        await clock.tick(1_000);
      }
      expect(server.stats.refreshFailures).toBeLessThanOrEqual(9);
      server.fail('refresh', null);
      await clock.tick(60_000);
      await Promise.all(waiting);
    });

    it('a token that is still valid is used meanwhile', async () => {
      const clock = fakeClock();
      const { server, order, logIn } = createApp();
      await logIn();
      server.fail('refresh', 'network');
      await clock.tick(50_000);
      await order();
      await clock.tick(8_000);
      await times(5, order);
      expect(server.stats).toMatchObject({ ordersOk: 6, ordersRefused: 0 });
    });

    it('after a lost response the refresh token is not sent again before this is necessary', async () => {
      const clock = fakeClock();
      const { server, order, session, logIn } = createApp({
        server: { rotation: 'grace', graceWindow: 30_000 },
      });
      await logIn();
      await clock.tick(46_000);
      server.failNext('refresh', 'lost-answer');
      await order();
      await expect.poll(() => server.stats.refreshes).toBe(1);
      await clock.tick(10_000);
      await times(5, order);
      expect(server.stats.refreshes).toBe(1);
      await clock.tick(4_000);
      await order();
      expect(server.stats).toMatchObject({ refreshes: 2, ordersOk: 7, ordersRefused: 0 });
      expect(session.status).toBe('signed-in');
    });

    it('on a strict server, sending the refresh token again after a lost response ends the session once', async () => {
      const { server, order, clock, cause, onSignedOut } = await expired();
      server.failNext('refresh', 'lost-answer');
      expect((await cause()).code).toBe('refresh_unavailable');
      const next = outcome(order());
      await clock.tick(1_000);
      expect(isSessionError(((await next) as AxiosError).cause, 'refresh_rejected')).toBe(true);
      expect(onSignedOut).toHaveBeenCalledOnce();
    });

    it('an unknown code is not a refusal', async () => {
      const { session, cause } = await expired({ envelope: { rejected: [9999] } });
      await session.signIn({ accessToken: 'a', refreshToken: 'nonsense', expiresAt: Date.now() - 1 });
      expect((await cause()).code).toBe('invalid_token_response');
      expect(session.status).toBe('signed-in');
    });

    it('an error of a custom backend keeps the session and exposes no token', async () => {
      const { session, cause } = await expiredByHand('secret', ({ refreshToken }) => {
        throw Object.assign(new Error('Network Error'), {
          config: { headers: { RefreshAuthorization: refreshToken } },
        });
      });
      const error = await cause();
      expect(error).toMatchObject({
        code: 'refresh_unavailable',
        message: expect.stringContaining('Network Error'),
      });
      expect((error.cause as Error).message).toBe('Network Error');
      expect((error.cause as { config?: unknown }).config).toBeUndefined();
      expect(session.status).toBe('signed-in');
    });

    it('a custom backend can set the wait', async () => {
      const { cause } = await expiredByHand('r', () => {
        throw new SessionError('refresh_unavailable', 'busy', { retryAfter: 90_000 });
      });
      expect((await cause()).retryAfter).toBe(90_000);
      expect((await cause()).retryAfter).toBeGreaterThan(80_000);
    });
  });
});

/** A session with a custom backend and an expired token. */
async function expiredByHand(
  refreshToken: string,
  refresh = (_tokens: TokenSet): Promise<TokenSet> => Promise.reject(new Error('down')),
) {
  const app = createApp({
    session: {
      backend: { refresh: async (tokens) => refresh(tokens), readTokens: (body) => body as TokenSet },
    },
  });
  await app.session.signIn({ accessToken: 'a', refreshToken, expiresAt: Date.now() - 1 });
  const cause = async () => ((await outcome(app.order())) as AxiosError).cause as SessionError;
  return { ...app, cause };
}
