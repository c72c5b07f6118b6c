import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionError } from '../../src/index.js';
import { outcome } from '../support/outcome.js';
import { HOUR, type OpenOptions, openSession, tokens, useClock } from '../support/session.js';

const clock = useClock();
let page: EventTarget;
/** The listeners for the network's return. */
let listeners: Set<unknown>;

beforeEach(() => {
  page = new EventTarget();
  listeners = new Set();
  vi.stubGlobal('addEventListener', (type: string, listener: () => void) => {
    listeners.add(listener);
    page.addEventListener(type, listener);
  });
  vi.stubGlobal('removeEventListener', (type: string, listener: () => void) => {
    if (type === 'online') listeners.delete(listener);
    page.removeEventListener(type, listener);
  });
  vi.spyOn(Math, 'random').mockReturnValue(1);
});

afterEach(() => vi.unstubAllGlobals());

const down = async () => {
  throw new TypeError('Failed to fetch');
};
const busy = (retryAfter: number) => async () => {
  throw new SessionError('refresh_unavailable', 'busy', { retryAfter });
};

/** A session whose first refresh fails. */
async function failed(options: OpenOptions = {}) {
  const opened = openSession({ refresh: down, ...options });
  await opened.session.signIn(tokens(1));
  await clock.tick(5);
  const error = await outcome(opened.session.refresh());
  opened.refresh.mockClear();
  const refresh = () => outcome(opened.session.refresh());
  return { ...opened, calls: opened.refresh.mock.calls, error, again: refresh };
}

describe('after a failure', () => {
  it('the next attempt waits one second, then two, four and so on up to a minute', async () => {
    const { calls, again } = await failed({ refreshTimeout: 100_000 });
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      calls.length = 0;
      const waiting = again();
      await clock.tick(1000 * seconds - 1);
      expect(calls.length).toBe(0);
      await clock.tick(1);
      expect(calls.length).toBe(1);
      await waiting;
    }
  });

  it('the wait is shortened at random by up to half, so that clients do not come back together', async () => {
    vi.mocked(Math.random).mockReturnValue(0);
    const { calls, again } = await failed();
    const waiting = again();
    await clock.tick(499);
    expect(calls.length).toBe(0);
    await clock.tick(1);
    expect(calls.length).toBe(1);
    await waiting;
  });

  it('the `refreshing` event of the next attempt says how long it waited', async () => {
    const { again, events } = await failed();
    const waiting = again();
    await clock.tick(1_000);
    await waiting;
    const waits = events.filter((event) => event.type === 'refreshing').map(({ waited }) => waited);
    expect(waits).toEqual([0, 1_000]);
  });

  it('and then a success, the next failure counts as the first', async () => {
    const { session, refresh, calls, again } = await failed();
    refresh.mockImplementationOnce(async () => tokens(2));
    const succeeding = again();
    await clock.tick(1_000);
    await succeeding;
    await outcome(session.refresh());
    calls.length = 0;
    const waiting = again();
    await clock.tick(1_000);
    expect(calls.length).toBe(1);
    await waiting;
  });

  it('a session that is signed in again begins without a pause', async () => {
    const { session, calls } = await failed();
    await session.signOut();
    await session.signIn(tokens(5));
    await outcome(session.refresh());
    expect(calls.length).toBe(1);
  });

  it('another user who signs in without a sign-out waits too', async () => {
    const { session, calls, again } = await failed();
    void again();
    await session.signIn(tokens(5));
    const waiting = again();
    await clock.tick(999);
    expect(calls.length).toBe(0);
    await clock.tick(1);
    expect(calls.length).toBe(1);
    await waiting;
  });

  it('a sign-out ends the wait, and leaves no timer or listener', async () => {
    const { session, again, calls } = await failed();
    const waiting = again();
    await clock.settle();
    expect([vi.getTimerCount(), listeners.size]).toEqual([1, 1]);
    await session.signOut();
    expect(await waiting).toMatchObject({ code: 'signed_out' });
    await clock.settle();
    expect(calls.length).toBe(0);
    expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0]);
  });

  it('the end of the pause leaves no timer or listener', async () => {
    const { again } = await failed();
    const waiting = again();
    await clock.tick(1_000);
    await waiting;
    expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0]);
  });

  it('an ageing token is sent during the pause, and refreshed after it', async () => {
    const { session, calls } = await failed();
    await clock.tick(500);
    expect(await session.getAccessToken()).toBe('access-1');
    await session.signIn({ ...tokens(3), expiresAt: Date.now() + HOUR });
    await clock.tick(HOUR - 30_000);
    expect(await session.getAccessToken()).toBe('access-3');
    await clock.settle();
    expect(calls.length).toBe(1);
  });
});

describe('when the network comes back', () => {
  it('the pause ends', async () => {
    const { calls, again } = await failed();
    const waiting = again();
    await clock.settle();
    page.dispatchEvent(new Event('online'));
    await waiting;
    expect(calls.length).toBe(1);
    expect([vi.getTimerCount(), listeners.size]).toEqual([0, 0]);
  });

  it('a pause that the server asked for continues', async () => {
    const { calls, again } = await failed({ refresh: busy(5_000) });
    const waiting = again();
    await clock.settle();
    page.dispatchEvent(new Event('online'));
    await clock.tick(4_999);
    expect(calls.length).toBe(0);
    await clock.tick(1);
    await waiting;
    expect(calls.length).toBe(1);
  });
});

describe('a pause that the server asks for (Retry-After)', () => {
  it('is respected exactly, and not doubled', async () => {
    const { calls, error, again } = await failed({ refresh: busy(3_000) });
    expect(error).toMatchObject({ code: 'refresh_unavailable', retryAfter: 3_000 });
    for (let turn = 0; turn < 2; turn++) {
      calls.length = 0;
      const waiting = again();
      await clock.tick(2_999);
      expect(calls.length).toBe(0);
      await clock.tick(1);
      expect(calls.length).toBe(1);
      await waiting;
    }
  });

  it('makes requests fail at once if it is as long as refreshTimeout or longer', async () => {
    const { calls, again } = await failed({ refresh: busy(30_000) });
    expect(await again()).toMatchObject({
      code: 'refresh_unavailable',
      message: 'The next try is not due yet',
      retryAfter: 30_000,
    });
    await clock.tick(1);
    const waiting = again();
    await clock.tick(29_999);
    await waiting;
    expect(calls.length).toBe(1);
  });

  it('of 0 ms allows the next attempt at once', async () => {
    const { calls, again } = await failed({ refresh: busy(0) });
    await again();
    expect(calls.length).toBe(1);
  });
});

it('outside a page, a pause ends only with its time', async () => {
  vi.unstubAllGlobals();
  const { calls, again } = await failed();
  const waiting = again();
  await clock.tick(1_000);
  await waiting;
  expect(calls.length).toBe(1);
});
