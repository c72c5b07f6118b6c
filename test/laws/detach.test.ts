import axios from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { isSessionError, localStorageStore, type Session } from '../../src/index.js';
import { createApp, outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

describe('guarantee 10: everything that is attached can be detached', () => {
  it('a detached instance sends without a token', async () => {
    const { api, logIn, detach } = createApp();
    await logIn();
    detach();
    expect(await outcome(api.get('/order/'))).toMatchObject({ response: { status: 403 } });
  });

  it('a detached instance can be attached again', async () => {
    const { api, session, order, logIn, detach } = createApp();
    await logIn();
    detach();
    detach();
    attachSession(api, session);
    expect(await order()).toMatchObject({ code: 1006 });
  });

  it('attaching an instance twice throws an error that says what to do', () => {
    const { api, session } = createApp();
    expect(() => attachSession(api, session)).toThrow(
      'A session is attached to this axios instance: call what attachSession() returned',
    );
  });

  it('two instances can share one session', async () => {
    const clock = fakeClock();
    const { api, server, session, logIn } = createApp();
    const second = axios.create({ baseURL: api.defaults.baseURL! });
    attachSession(second, session);
    await logIn();
    await clock.tick(60_000);
    await Promise.all([api.get('/order/'), second.get('/order/')]);
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 2 });
  });

  it('errors name the invalid argument', () => {
    const { api } = createApp();
    expect(() => attachSession(api, {} as Session)).toThrow(
      '"session" must be what createSession() returned',
    );
    expect(() => attachSession(undefined as never, createApp().session)).toThrow(
      '"instance" must be an axios instance',
    );
  });

  it('a disposed session leaves no timer', async () => {
    const clock = fakeClock({ timers: true });
    const { server, session, api, logIn } = createApp({ direct: true });
    await logIn();
    await clock.tick(60_000);
    server.fail('refresh', 'timeout');
    const waiting = outcome(api.get('/order/'));
    await expect.poll(() => server.stats.requests).toBe(2);
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    session.dispose();
    expect(isSessionError(((await waiting) as { cause: unknown }).cause, 'signed_out')).toBe(true);
    await clock.tick(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a disposed session leaves no timer of a wait between attempts', async () => {
    const clock = fakeClock({ timers: true });
    const { server, session, api, logIn } = createApp();
    await logIn();
    await clock.tick(60_000);
    server.fail('refresh', { status: 503, retryAfter: 20 });
    await outcome(api.get('/order/'));
    const waiting = outcome(api.get('/order/'));
    await clock.tick(100);
    session.dispose();
    await waiting;
    await clock.tick(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a completed request leaves no timer and no listener', async () => {
    const clock = fakeClock({ timers: true });
    const { session, api, logIn } = createApp();
    await logIn();
    await clock.tick(60_000);
    const controller = new AbortController();
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const added = vi.spyOn(controller.signal, 'addEventListener');
    await api.get('/order/', { signal: controller.signal, timeout: 10_000 });
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length);
    session.dispose();
    await clock.tick(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a disposed session unsubscribes from its store and emits no events', async () => {
    const unsubscribe = vi.fn();
    const { session, events } = createApp({
      session: { store: { read: () => null, write: () => {}, subscribe: () => unsubscribe } },
    });
    session.dispose();
    expect(unsubscribe).toHaveBeenCalledOnce();
    expect(events).toEqual([]);
    expect(session.status).toBe('signed-out');
  });

  it('listeners are removed one by one', async () => {
    const { session } = createApp();
    const first = vi.fn();
    const second = vi.fn();
    const unsubscribe = session.subscribe(first);
    session.subscribe(second);
    unsubscribe();
    await session.signIn({ accessToken: 'a' });
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledExactlyOnceWith({ type: 'signed-in' });
  });

  it('the storage listener is removed with the session', () => {
    const remove = vi.fn();
    const add = vi.fn();
    vi.stubGlobal('addEventListener', add);
    vi.stubGlobal('removeEventListener', remove);
    const { session } = createApp({ session: { store: localStorageStore() } });
    session.dispose();
    vi.unstubAllGlobals();
    const sorted = (calls: unknown[][]) => calls.toSorted(([a], [b]) => String(a).localeCompare(String(b)));
    expect(sorted(remove.mock.calls)).toEqual(sorted(add.mock.calls));
    expect(add.mock.calls.length).toBeGreaterThanOrEqual(2);
  });
});
