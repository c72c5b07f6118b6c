import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Session, SessionListener, TokenSet } from '../../src/index.js';
import { subscribeView } from '../../src/session.js';
import { outcome } from '../support/outcome.js';
import { HOUR, openSession, tokens, useClock } from '../support/session.js';

const clock = useClock();
const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

/** A synchronous store that reports what the test writes to it. */
function createStore(stored: TokenSet | null = null) {
  const store = {
    stored,
    changed: () => {},
    read: vi.fn((): TokenSet | null | Promise<TokenSet | null> => store.stored),
    write: vi.fn((next: TokenSet | null): void | Promise<void> => void (store.stored = next)),
    subscribe(changed: () => void) {
      store.changed = changed;
      return () => void (store.changed = () => {});
    },
    /** The application or another page writes to the store. */
    put(next: TokenSet | null) {
      store.stored = next;
      store.changed();
    },
  };
  return store;
}

/** A store whose next read the test resolves. */
function createSlowStore(stored: TokenSet | null = null) {
  const store = createStore(stored);
  const reading = Promise.withResolvers<TokenSet | null>();
  store.read.mockReturnValueOnce(reading.promise);
  return { ...store, answer: reading.resolve, fail: reading.reject };
}

describe('a session that opens', () => {
  it('is signed in at once with the tokens of its store', async () => {
    const { session, events } = openSession({ store: createStore(tokens(1)) });
    expect(session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('access-1');
    expect(events).toEqual([]);
  });

  it('is restoring until an asynchronous store has been read, and then emits signed-in', async () => {
    const store = createSlowStore();
    const { session, events } = openSession({ store });
    expect(session.status).toBe('restoring');
    store.answer(tokens(1));
    await session.ready;
    expect(session.status).toBe('signed-in');
    expect(events).toEqual([{ type: 'signed-in', elsewhere: undefined }]);
  });

  it('is signed out if the store is empty, or cannot be read', async () => {
    expect(openSession({ store: createStore() }).session.status).toBe('signed-out');
    const store = createSlowStore();
    const { session, types } = openSession({ store });
    store.fail(new Error('broken'));
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(types()).toEqual(['store-failed']);
  });

  it('does not call `existing` if the store has tokens', async () => {
    const existing = vi.fn(() => tokens(7));
    const { session } = openSession({ store: createStore(tokens(1)), existing });
    expect(session.status).toBe('signed-in');
    await session.ready;
    expect(existing).not.toHaveBeenCalled();
  });

  it('is signed out and emits store-failed if the stored value is no token set', async () => {
    const store = createSlowStore();
    const { session, events } = openSession({ store });
    store.answer({ accessToken: 'white space' });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(events).toMatchObject([{ type: 'store-failed', error: { name: 'SessionError' } }]);
    expect(console.warn).toHaveBeenCalledWith(
      'unexpired: the token store failed; tokens are kept in memory',
      'SessionError',
    );
  });

  it.each([
    ['a sign-in', (session: { signIn(tokens: TokenSet): unknown }) => session.signIn(tokens(5)), 'signed-in'],
    ['dispose()', (session: { dispose(): void }) => session.dispose(), 'signed-out'],
  ])('ignores the result of an asynchronous read after %s', async (_, act, status) => {
    const store = createSlowStore();
    const { session, types } = openSession({ store });
    act(session);
    store.answer(tokens(1));
    await session.ready;
    await clock.settle();
    expect(session.status).toBe(status);
    expect(types()).not.toContain('adopted');
    if (status === 'signed-in') expect(await session.getAccessToken()).toBe('access-5');
  });
});

describe('a store that reports changes', () => {
  it('signs in with another user’s tokens', async () => {
    const store = createStore();
    const { session, events } = openSession({ store });
    store.put(tokens(1));
    expect(session.status).toBe('signed-in');
    expect(events).toStrictEqual([{ type: 'signed-in', elsewhere: undefined }]);
  });

  it('continues with new tokens of the same user, without a sign-in', async () => {
    const store = createStore();
    const { session, events } = openSession({ store, identify: () => 'kevin' });
    await session.signIn(tokens(1));
    store.put(tokens(2));
    expect(events.at(-1)).toEqual({ type: 'adopted', expiresAt: Date.now() + HOUR });
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('signs in if the user of the new tokens is unknown', async () => {
    const store = createStore();
    const { session, types } = openSession({ store });
    await session.signIn(tokens(1));
    store.put(tokens(2));
    expect(types()).toEqual(['signed-in', 'signed-in']);
  });

  it('causes no event with the same tokens', async () => {
    const store = createStore();
    const { session, types } = openSession({ store, identify: () => 'kevin' });
    await session.signIn(tokens(1));
    store.put({ ...tokens(1) });
    expect(types()).toEqual(['signed-in']);
    store.put({ ...tokens(1), refreshToken: 'another' });
    expect(types()).toEqual(['signed-in', 'adopted']);
  });

  it('signs out when it is emptied, even if the session has `existing`', async () => {
    const store = createStore();
    const onSignedOut = vi.fn();
    const { session, events } = openSession({ store, onSignedOut, existing: () => null });
    await session.signIn(tokens(1));
    store.put(null);
    expect(session.status).toBe('signed-out');
    const event = { type: 'signed-out', reason: 'signed_out_elsewhere', returnTo: '/' };
    expect(events.at(-1)).toEqual(event);
    expect(onSignedOut.mock.calls).toEqual([[event]]);
  });

  it('does not end the session if it cannot be read', async () => {
    const store = createStore();
    const { session, types } = openSession({ store });
    await session.signIn(tokens(1));
    store.read.mockImplementation(() => {
      throw new Error('broken');
    });
    store.changed();
    expect(session.status).toBe('signed-in');
    expect(types()).toEqual(['signed-in', 'store-failed']);
  });

  it('changes nothing if the value is no token set', async () => {
    const store = createStore();
    const { session, types } = openSession({ store });
    await session.signIn(tokens(1));
    store.put({ accessToken: 'white space' });
    expect(await session.getAccessToken()).toBe('access-1');
    expect(types()).toEqual(['signed-in', 'store-failed']);
  });

  it('is not read while the session writes to it', async () => {
    const store = createStore();
    const writing = Promise.withResolvers<void>();
    store.write.mockReturnValue(writing.promise);
    const { session } = openSession({ store });
    const signingIn = session.signIn(tokens(1));
    store.read.mockClear();
    store.changed();
    expect(store.read).not.toHaveBeenCalled();
    writing.resolve();
    await signingIn;
    store.changed();
    expect(store.read).toHaveBeenCalledOnce();
  });

  it('is ignored if the session began to write during the read', async () => {
    const store = createStore();
    const { session } = openSession({ store });
    const reading = Promise.withResolvers<TokenSet | null>();
    store.read.mockReturnValueOnce(reading.promise);
    store.changed();
    store.write.mockReturnValue(new Promise(() => {}));
    void session.signOut();
    reading.resolve(tokens(1));
    await clock.settle();
    expect(session.status).toBe('signed-out');
  });

  it('is ignored after dispose()', async () => {
    const store = createStore();
    const { session } = openSession({ store });
    session.dispose();
    store.put(tokens(1));
    expect(session.status).toBe('signed-out');
  });
});

describe('signIn', () => {
  it('notifies listeners at once, and resolves when the tokens are stored', async () => {
    const store = createStore();
    const writing = Promise.withResolvers<void>();
    store.write.mockReturnValue(writing.promise);
    const { session, types } = openSession({ store });
    const done = vi.fn();
    void session.signIn(tokens(1)).then(done);
    await clock.settle();
    expect(types()).toEqual(['signed-in']);
    expect(done).not.toHaveBeenCalled();
    writing.resolve();
    await clock.settle();
    expect(done).toHaveBeenCalledOnce();
  });

  it('changes nothing if the session already has these tokens', async () => {
    const store = createStore();
    const { session, types } = openSession({ store });
    await session.signIn(tokens(1));
    store.write.mockClear();
    await session.signIn({ ...tokens(1), expiresAt: 1 });
    expect(types()).toEqual(['signed-in']);
    expect(store.write).not.toHaveBeenCalled();
  });

  it('stores the backend’s refreshUrl with the tokens if there is one', async () => {
    const store = createStore();
    const refreshUrl = 'https://api.test/refresh';
    await openSession({ store, backend: { refreshUrl } }).session.signIn(tokens(1));
    expect(store.stored).toEqual({ ...tokens(1), receivedAt: Date.now(), refreshUrl });
    await openSession({ store }).session.signIn(tokens(2));
    expect(store.stored).toStrictEqual({ ...tokens(2), receivedAt: Date.now() });
  });

  it('rejects for a value that is no login response, and the session continues', async () => {
    const { session, types } = openSession();
    await session.signIn(tokens(1));
    const error = await outcome(session.signIn({ detail: 'wrong password' }));
    expect(error).toMatchObject({ code: 'invalid_token_response' });
    expect(types()).toEqual(['signed-in']);
    expect(await session.getAccessToken()).toBe('access-1');
  });
});

describe('the user of a session', () => {
  it('comes from the claims of the token', async () => {
    const identify = vi.fn(() => 'kevin');
    const { session } = openSession({ identify });
    const held = { ...tokens(1), accessToken: jwt({ sub: '7' }) };
    await session.signIn(held);
    expect(session.claims).toEqual({ sub: '7' });
    expect(identify.mock.calls).toEqual([[{ sub: '7' }, expect.objectContaining(held)]]);
  });

  it('comes from the backend if it knows the user', async () => {
    const { session } = openSession({ backend: { claims: ({ user }) => user as { sub: string } | null } });
    await session.signIn({ accessToken: jwt({ sub: '7' }), user: { sub: '8' } });
    expect(session.claims).toEqual({ sub: '8' });
    await session.signIn({ accessToken: jwt({ sub: '7', serial: 2 }), user: null });
    expect(session.claims).toEqual({ sub: '7', serial: 2 });
  });
});

describe('a sign-out', () => {
  it('empties the store before listeners are notified, and emits one event', async () => {
    const store = createStore();
    const heard: unknown[] = [];
    const onSignedOut = vi.fn(() => heard.push(store.stored));
    const { session, events } = openSession({ store, onSignedOut });
    await session.signIn(tokens(1));
    await Promise.all([session.signOut(), session.signOut()]);
    expect(heard).toEqual([null]);
    expect(events.slice(1)).toEqual([{ type: 'signed-out', reason: 'signed_out', returnTo: '/' }]);
    expect(session.status).toBe('signed-out');
  });

  it('resolves when the store is empty', async () => {
    const store = createStore();
    const { session } = openSession({ store });
    await session.signIn(tokens(1));
    const writing = Promise.withResolvers<void>();
    store.write.mockReturnValue(writing.promise);
    const done = vi.fn();
    void session.signOut().then(done);
    await clock.settle();
    expect(done).not.toHaveBeenCalled();
    writing.resolve();
    await clock.settle();
    expect(done).toHaveBeenCalledOnce();
  });

  it('empties the store even if nobody is signed in, without an event', async () => {
    const store = createStore();
    const { session, events } = openSession({ store });
    await session.signOut();
    expect(store.write.mock.calls).toEqual([[null]]);
    expect(events).toEqual([]);
  });
});

describe('a listener', () => {
  it('that is added during an event does not get that event', async () => {
    const { session } = openSession();
    const late = vi.fn();
    session.subscribe(() => void session.subscribe(late));
    await session.signIn(tokens(1));
    expect(late).not.toHaveBeenCalled();
  });

  it.each<[string, (session: Session, stop: () => void) => void]>([
    ['is removed', (_, stop) => stop()],
    ['belongs to a session that is disposed', (session) => session.dispose()],
  ])('that %s during an event does not get that event', async (_, act) => {
    const { session } = openSession();
    const later = vi.fn();
    session.subscribe(() => act(session, stop));
    const stop = session.subscribe(later);
    await session.signIn(tokens(1));
    expect(later).not.toHaveBeenCalled();
  });

  it('that is removed gets no event, and that is added twice gets each event twice', async () => {
    const { session } = openSession();
    const [removed, twice] = [vi.fn(), vi.fn()];
    session.subscribe(removed)();
    session.subscribe(twice);
    session.subscribe(twice);
    await session.signIn(tokens(1));
    expect(removed).not.toHaveBeenCalled();
    expect(twice).toHaveBeenCalledTimes(2);
  });
});

describe('a session that is disposed', () => {
  it('rejects waiting requests with the reason', async () => {
    const { session } = openSession({ refresh: () => new Promise(() => {}) });
    await session.signIn(tokens(1));
    const waiting = outcome(session.refresh());
    await clock.settle();
    session.dispose();
    expect(await waiting).toMatchObject({ code: 'signed_out', message: 'The session was disposed' });
  });

  it('keeps the stored tokens, and emits nothing', async () => {
    const store = createStore();
    const { session, types } = openSession({ store });
    await session.signIn(tokens(1));
    session.dispose();
    expect(store.stored).toMatchObject({ accessToken: 'access-1' });
    await session.signIn(tokens(5));
    expect(types()).toEqual(['signed-in']);
  });
});

describe('a view of a session', () => {
  it('is told of each event, until it ends', async () => {
    const { session } = openSession();
    const changed = vi.fn();
    const end = subscribeView(session, changed);
    await session.signIn(tokens(1));
    expect(changed).toHaveBeenCalledOnce();
    end();
    await session.signOut();
    expect(changed).toHaveBeenCalledOnce();
  });

  it('may be of another session than those of this package, e.g. of a test', () => {
    const listeners = new Set<SessionListener>();
    const session = { subscribe: (listener: SessionListener) => void listeners.add(listener) };
    const changed = vi.fn();
    subscribeView(session as never, changed);
    for (const listener of listeners) listener({ type: 'signed-in' });
    expect(changed).toHaveBeenCalledOnce();
  });
});

it('a sign-in with tokens of old code is reported with elsewhere: true', async () => {
  const { session, events } = openSession({ existing: () => ({ refreshToken: 'old' }) });
  await session.ready;
  const expiresAt = Date.now() + HOUR;
  expect(events.slice(1)).toEqual([
    { type: 'signed-in', elsewhere: true },
    { type: 'refreshed', expiresAt },
  ]);
});
