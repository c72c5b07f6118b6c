import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepAlive, type Session, signOutBy } from '../../src/index.js';
import { outcome } from '../support/outcome.js';
import { HOUR, openSession, tokens, useClock } from '../support/session.js';

const clock = useClock();

afterEach(() => vi.unstubAllGlobals());

describe('the properties of a session', () => {
  it('say who is signed in, and until when', async () => {
    const { session } = openSession();
    expect([session.status, session.claims, session.details, session.endsAt]).toEqual([
      'signed-out',
      null,
      null,
      undefined,
    ]);
    await session.signIn({ ...tokens(1), endsAt: 5, scope: 'orders' });
    expect([session.status, session.claims, session.details, session.endsAt]).toEqual([
      'signed-in',
      null,
      { scope: 'orders' },
      5,
    ]);
  });

  it('contain no token', async () => {
    const { session } = openSession();
    await session.signIn({ ...tokens(1), id_token: 'access-3' });
    expect(JSON.stringify([session, { ...session }])).not.toContain('access-');
    expect(Object.keys(session)).not.toContain('details');
    expect(Object.isFrozen(session)).toBe(true);
  });
});

describe('getAccessToken', () => {
  it('rejects with the reason of its signal, before and while it waits', async () => {
    const { session, refresh } = openSession({ refresh: () => new Promise(() => {}) });
    await session.signIn(tokens(1));
    await clock.tick(HOUR);
    const reason = new Error('the user left');
    const signal = AbortSignal.abort(reason);
    expect(await outcome(session.getAccessToken({ signal }))).toBe(reason);
    await clock.settle();
    expect(refresh).not.toHaveBeenCalled();
    const controller = new AbortController();
    const waiting = outcome(session.getAccessToken({ signal: controller.signal }));
    await clock.settle();
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('rejects while nobody is signed in', async () => {
    const { session } = openSession();
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
  });

  it('leaves no listener on a long-lived signal', async () => {
    const { session } = openSession();
    await session.signIn(tokens(1));
    await clock.tick(HOUR);
    const { signal } = new AbortController();
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    await session.getAccessToken({ signal });
    expect(add.mock.calls.length).toBe(1);
    expect(remove.mock.calls).toEqual(add.mock.calls);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with the backend’s error if scripts cannot read the token', async () => {
    const giveAccessToken = () => {
      throw new Error('in a cookie');
    };
    const { session } = openSession({ backend: { giveAccessToken } });
    await session.signIn(tokens(1));
    expect(await outcome(session.getAccessToken())).toMatchObject({ message: 'in a cookie' });
  });
});

describe('a call of the backend that takes longer than refreshTimeout', () => {
  it('rejects with refresh_timeout and the time in its message', async () => {
    const { session } = openSession({ refresh: () => new Promise(() => {}), refreshTimeout: 5_000 });
    await session.signIn(tokens(1));
    const refreshing = outcome(session.refresh());
    await clock.tick(4_999);
    expect(vi.getTimerCount()).toBe(1);
    await clock.tick(1);
    expect(await refreshing).toMatchObject({ code: 'refresh_timeout', message: 'No answer within 5000 ms' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('signOut', () => {
  it('calls the backend’s signOut', async () => {
    const revoke = vi.fn(async () => {});
    const { session } = openSession({ backend: { signOut: signOutBy(revoke) } });
    await session.signIn(tokens(1));
    await session.signOut();
    expect(revoke).toHaveBeenCalledOnce();
  });
});

describe('an error of the application', () => {
  it('in a listener is reported, and the session continues', async () => {
    const reported: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void reported.push(task));
    const { session } = openSession();
    session.subscribe(() => {
      throw new Error('a bug of the application');
    });
    await session.signIn(tokens(1));
    expect(session.status).toBe('signed-in');
    expect(reported).toHaveLength(1);
    expect(reported[0]).toThrow('a bug of the application');
  });

  it('in `existing` is reported, and the session is signed out', async () => {
    const reported: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void reported.push(task));
    const existing = vi.fn(() => Promise.reject(new Error('no storage')));
    const { session } = openSession({ existing });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(reported).toHaveLength(1);
    expect(reported[0]).toThrow('no storage');
  });
});

it('`existing` is called once, even if the backend must be called again', async () => {
  const existing = vi.fn(() => ({ refreshToken: 'old' }));
  const { session, refresh } = openSession({ existing, refresh: () => Promise.reject(new Error('down')) });
  await session.ready;
  const refreshing = outcome(session.refresh());
  await clock.tick(1_000);
  await refreshing;
  expect(refresh).toHaveBeenCalledTimes(2);
  expect(existing).toHaveBeenCalledOnce();
});

it('a session carries the version of the package, so that another version can reject it', () => {
  const { session } = openSession();
  expect(Object.getOwnPropertySymbols(session).map(String)).toEqual(['Symbol(unexpired@__VERSION__)']);
});

describe('a value that is not a session', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['session', 'session'],
  ])('is rejected: %o', (value, got) => {
    expect(() => keepAlive(value as unknown as Session)).toThrow(
      `"session" must be what createSession() returned, got ${got}: look for an import circle, or a second copy of this package`,
    );
  });
});
