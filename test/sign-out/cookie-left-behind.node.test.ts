import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  type Revoke,
  type SessionEvent,
  type SessionOptions,
  signOutBy,
  type TokenSet,
  tabs,
} from '../../src/index.js';
import { openTab, Place } from '../coordination/place.js';
import { fakeClock } from '../support/clock.js';
import { fakeStorage } from '../support/storage.js';

let clock: ReturnType<typeof fakeClock>;
let page: EventTarget;
let serial = 0;

type Refresh = SessionOptions['backend']['refresh'];

beforeEach(() => {
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  serial++;
  clock = fakeClock({ timers: true });
  vi.stubGlobal('location', new URL('https://app.test/'));
  vi.stubGlobal('localStorage', fakeStorage());
  // Without the ledger, only the note in localStorage records a sign-out.
  vi.stubGlobal('indexedDB', undefined);
  vi.stubGlobal('BroadcastChannel', undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Opens a page of an application whose server knows the user by a cookie. The cookie is still there. */
function open(revoke: Revoke, ask: Refresh = async () => ({ accessToken: `access-${Math.random()}` })) {
  const refresh = vi.fn(ask);
  const backend = {
    refresh,
    readTokens: (body: unknown) => body as TokenSet,
    coordination: tabs(`cookie-${serial}`, { persistent: false }),
    signOut: signOutBy(revoke),
  };
  const session = createSession({ backend, refreshTimeout: 5_000 });
  const failures: SessionEvent[] = [];
  session.subscribe((event) => event.type === 'revoke-failed' && failures.push(event));
  onTestFinished(() => session.dispose());
  return { session, refresh, failures };
}

const good: Revoke = async () => {};
const bad: Revoke = async () => {
  throw new TypeError('Failed to fetch');
};

/** A page on which a user is signed in and signs out. */
async function signOutOn(revoke: Revoke) {
  const { session } = open(revoke);
  await clock.through(session.ready);
  expect(session.status).toBe('signed-in');
  await clock.through(session.signOut());
  session.dispose();
}

describe('a cookie that remains after a sign-out', () => {
  it('does not sign the user in again: the next page does not call the backend', async () => {
    await signOutOn(good);
    const revoke = vi.fn(good);
    const { session, refresh } = open(revoke);
    expect(session.status).toBe('signed-out');
    await clock.through(session.ready);
    expect(session.status).toBe('signed-out');
    expect(refresh).not.toHaveBeenCalled();
    expect(revoke).not.toHaveBeenCalled();
  });

  it('is reported to the server once by the next page if signOut() could not reach the server', async () => {
    await signOutOn(bad);
    const second = vi.fn(good);
    const { session, refresh } = open(second);
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
    expect(second.mock.calls).toEqual([[{ accessToken: '' }, { signal: expect.any(AbortSignal) }]]);
    expect(refresh).not.toHaveBeenCalled();
    session.dispose();
    const third = vi.fn(good);
    expect(open(third).session.status).toBe('signed-out');
    await clock.tick(0);
    expect(third).not.toHaveBeenCalled();
  });

  it.each([
    ['stop the next page’s report', bad, 1],
    ['cause another report', good, 0],
  ])('is still handled in the same way after two sign-outs, which do not %s', async (_, tell, times) => {
    const { session } = open(tell);
    await clock.through(session.ready);
    await clock.through(session.signOut());
    await clock.through(session.signOut());
    session.dispose();
    const revoke = vi.fn(good);
    open(revoke);
    await clock.tick(0);
    expect(revoke).toHaveBeenCalledTimes(times);
  });

  it('is not reported a third time if the next page’s report fails too, which is an event', async () => {
    await signOutOn(bad);
    const { session, failures } = open(bad);
    await clock.tick(0);
    expect(failures.length).toBe(1);
    session.dispose();
    const third = vi.fn(bad);
    open(third);
    await clock.tick(0);
    expect(third).not.toHaveBeenCalled();
  });

  it('is reported by the next page if the page was closed before the server responded', async () => {
    const { session } = open(() => new Promise(() => {}));
    await clock.through(session.ready);
    void session.signOut();
    session.dispose();
    await clock.tick(0);
    const revoke = vi.fn(good);
    expect(open(revoke).session.status).toBe('signed-out');
    await clock.tick(0);
    expect(revoke).toHaveBeenCalledOnce();
  });

  it('signs the user in on the next page after a new sign-in', async () => {
    await signOutOn(bad);
    const { session } = open(bad);
    await session.signIn({ accessToken: 'access' });
    session.dispose();
    const revoke = vi.fn(good);
    const next = open(revoke);
    await clock.through(next.session.ready);
    expect(next.session.status).toBe('signed-in');
    expect(revoke).not.toHaveBeenCalled();
  });

  it('is not reported after a new sign-in: the running report aborts without an event', async () => {
    const signals: AbortSignal[] = [];
    const { session, failures } = open((_, { signal }) => {
      signals.push(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await clock.through(session.ready);
    void session.signOut();
    await clock.tick(0);
    await session.signIn({ accessToken: 'access' });
    await clock.tick(0);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(failures).toEqual([]);
    expect(session.status).toBe('signed-in');
  });

  it.each([1, 2])(
    'is not reported after a new sign-in if %i sign-outs still wait for a refresh',
    async (count) => {
      const answer = Promise.withResolvers<TokenSet>();
      const revoke = vi.fn(good);
      const { session } = open(revoke, () => answer.promise);
      await clock.tick(0);
      for (let signOuts = 0; signOuts < count; signOuts++) void session.signOut();
      await session.signIn({ accessToken: 'access' });
      answer.resolve({ accessToken: 'late' });
      await clock.tick(0);
      expect(revoke).not.toHaveBeenCalled();
      expect(await session.getAccessToken()).toBe('access');
    },
  );

  it('is reported only by the tab that signed out', async () => {
    const revoke = vi.fn(good);
    const place = new Place();
    const tab = openTab(place, { kind: 'cookie', backend: { signOut: signOutBy(revoke) } });
    await clock.through(tab.session.ready);
    await clock.through(tab.session.refresh());
    place.record({ generation: Date.now() + 5, tokens: null });
    await clock.tick(0);
    expect(tab.session.status).toBe('signed-out');
    expect(revoke).not.toHaveBeenCalled();
  });

  it('is reported if the user signs out while the session is restoring', async () => {
    const revoke = vi.fn(good);
    const { session } = open(revoke, () => new Promise(() => {}));
    void session.signOut();
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
    page.dispatchEvent(new Event('pagehide')); // otherwise the report would wait for the refresh
    await clock.tick(0);
    expect(revoke).toHaveBeenCalledOnce();
  });

  it('is not remembered if there is no storage', async () => {
    vi.stubGlobal('localStorage', undefined);
    const { session, failures } = open(bad);
    await clock.through(session.ready);
    await clock.through(session.signOut());
    expect(session.status).toBe('signed-out');
    expect(failures.length).toBe(1);
  });

  it('is not remembered on a server', async () => {
    vi.stubGlobal('location', undefined);
    const setItem = vi.spyOn(localStorage, 'setItem');
    const { session } = open(good);
    await clock.through(session.ready);
    await clock.through(session.signOut());
    expect(setItem).not.toHaveBeenCalled();
  });

  it('is remembered without a token', async () => {
    const setItem = vi.spyOn(localStorage, 'setItem');
    await signOutOn(bad);
    expect(setItem.mock.calls).toEqual([[expect.stringContaining(`cookie-${serial}`), 'pending']]);
  });
});
