import { describe, expect, it, vi } from 'vitest';
import { keepAlive, type Session, SessionError, type TokenSet, warnBeforeEnd } from '../../src/index.js';
import { coreOf } from '../../src/session.js';
import { HOUR, openSession, type Refresh, tokens, useClock } from '../support/session.js';

const clock = useClock();
const DAY = 24 * HOUR;

/** Opens a session whose tokens live for `lifetime` ms. */
async function open({
  lifetime = HOUR,
  ...more
}: {
  lifetime?: number;
  endsAt?: number;
  refresh?: Refresh;
} = {}) {
  const fresh = () => ({ ...tokens(2), expiresAt: Date.now() + lifetime });
  const opened = openSession({ refresh: more.refresh ?? (async () => fresh()) });
  await opened.session.signIn({ ...fresh(), accessToken: 'access-1', endsAt: more.endsAt });
  return { ...opened, calls: opened.refresh.mock.calls };
}

describe('keepAlive', () => {
  it('refreshes a minute before the access token expires, without any request', async () => {
    const { session, calls } = await open();
    keepAlive(session);
    await clock.tick(HOUR - 60_001);
    expect(calls.length).toBe(0);
    await clock.tick(1);
    expect(calls.length).toBe(1);
    await clock.tick(HOUR - 60_000);
    expect(calls.length).toBe(2);
  });

  it('refreshes at most once a second, even if tokens live for less', async () => {
    const { session, calls } = await open({ lifetime: 400 });
    keepAlive(session);
    for (let second = 0; second < 10; second++) await clock.tick(1_000);
    expect(calls.length).toBe(10);
  });

  it('waits until the end of a pause that the server asked for', async () => {
    const { session, calls } = await open({
      refresh: async () => {
        throw new SessionError('refresh_unavailable', 'busy', { retryAfter: 20_000 });
      },
    });
    keepAlive(session);
    await clock.tick(HOUR - 60_000);
    await clock.tick(19_999);
    expect(calls.length).toBe(1);
  });

  it('does not refresh at the moment when the refresh token expires', async () => {
    const { session, calls } = await open({ lifetime: 60_000, endsAt: Date.now() + 45_000 });
    keepAlive(session);
    await clock.tick(HOUR);
    expect(calls.length).toBe(0);
  });

  it('that is stopped during its own refresh does not start again', async () => {
    const refreshing = Promise.withResolvers<TokenSet>();
    const { session, calls } = await open({ lifetime: 60_000, refresh: () => refreshing.promise });
    await session.signIn({ ...tokens(3), expiresAt: Date.now() + 60_000 });
    const stop = keepAlive(session);
    await clock.tick(60_000);
    expect(calls.length).toBe(1);
    stop();
    refreshing.resolve(tokens(4));
    await clock.settle();
    expect(session.status).toBe('signed-in');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refreshes in time after a wait that is longer than a timer can be', async () => {
    const { session, calls } = await open({ lifetime: 60 * DAY });
    keepAlive(session);
    await clock.tick(60 * DAY - 60_001);
    expect(calls.length).toBe(0);
    await clock.tick(1);
    expect(calls.length).toBe(1);
  });
});

describe.each<[string, (session: Session) => () => void]>([
  ['keepAlive', keepAlive],
  ['warnBeforeEnd', warnBeforeEnd],
])('%s', (_, start) => {
  it('has a timer only while somebody is signed in', async () => {
    const { session } = await open({ endsAt: Date.now() + DAY });
    start(session);
    expect(vi.getTimerCount()).toBe(1);
    await session.signOut();
    expect(vi.getTimerCount()).toBe(0);
    await session.signIn({ ...tokens(3), endsAt: Date.now() + DAY });
    expect(vi.getTimerCount()).toBe(1);
  });

  it('ends with the session', async () => {
    const { session } = await open({ endsAt: Date.now() + DAY });
    start(session);
    session.dispose();
    expect(vi.getTimerCount()).toBe(0);
    start(session);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer and no listener after it is stopped, and does not start again', async () => {
    const { session } = await open({ endsAt: Date.now() + DAY });
    const add = vi.spyOn(EventTarget.prototype, 'addEventListener');
    const remove = vi.spyOn(EventTarget.prototype, 'removeEventListener');
    const { state } = coreOf(session);
    const subscribe = state.subscribe.bind(state);
    const unsubscribed = vi.fn();
    vi.spyOn(state, 'subscribe').mockImplementation((listener) => {
      const unsubscribe = subscribe(listener);
      return () => unsubscribed(unsubscribe());
    });
    start(session)();
    expect(vi.getTimerCount()).toBe(0);
    expect(unsubscribed).toHaveBeenCalledOnce();
    expect(add.mock.calls).toEqual([['abort', expect.any(Function)]]);
    expect(remove.mock.calls).toEqual(add.mock.calls);
    await session.refresh();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('warnBeforeEnd', () => {
  const endings = (types: string[]) => types.filter((type) => type === 'ending').length;

  it('does not warn if the end has already come', async () => {
    const { session, types } = await open({ endsAt: Date.now() });
    warnBeforeEnd(session);
    await clock.tick(HOUR);
    expect(endings(types())).toBe(0);
  });

  it('warns at once, and only once, if the end is near', async () => {
    const { session, types } = await open({ endsAt: Date.now() + 1 });
    warnBeforeEnd(session);
    await clock.settle();
    expect(endings(types())).toBe(1);
    await session.refresh();
    await clock.tick(HOUR);
    expect(endings(types())).toBe(1);
  });

  it('does not warn if the user signs out at the moment of the warning', async () => {
    const { session, types } = await open({ endsAt: Date.now() + HOUR });
    warnBeforeEnd(session);
    setTimeout(() => void session.signOut(), HOUR - 300_000);
    await clock.tick(HOUR);
    expect(types().at(-1)).toBe('signed-out');
  });
});
