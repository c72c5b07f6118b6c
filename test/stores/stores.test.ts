import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  localStorageStore,
  memoryStore,
  type SessionEvent,
  sessionStorageStore,
  type TokenSet,
  type TokenStore,
} from '../../src/index.js';
import { createApp } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const TOKENS: TokenSet = { accessToken: 'access', refreshToken: 'refresh' };

/** A storage like a browser's, with faults on demand; the browser's own storage if there is one. */
function fakeStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}

beforeEach(() => {
  // Otherwise this counts as a server.
  if (!globalThis.window) vi.stubGlobal('window', globalThis);
  vi.stubGlobal('localStorage', fakeStorage());
  vi.stubGlobal('sessionStorage', fakeStorage());
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

const stores: [string, () => TokenStore][] = [
  ['memory', memoryStore],
  ['localStorage', localStorageStore],
  ['sessionStorage', sessionStorageStore],
  [
    'a custom store in four lines',
    () => {
      let held: TokenSet | null = null;
      return { read: () => held, write: (tokens) => void (held = tokens) };
    },
  ],
  [
    'a custom asynchronous store',
    () => {
      let held: TokenSet | null = null;
      return {
        read: async () => held,
        async write(tokens) {
          await Promise.resolve();
          held = tokens;
        },
      };
    },
  ],
];

describe.each(stores)('a session over %s', (_, createStore) => {
  it('signs in, refreshes, is restored, and signs out', async () => {
    const store = createStore();
    const { session, server, order, logIn } = createApp({ session: { store } });
    await session.ready;
    expect(session.status).toBe('signed-out');
    await logIn();
    await session.refresh();
    await expect.poll(async () => (await store.read())?.accessToken).toBe(await session.getAccessToken());
    expect(await order()).toMatchObject({ code: 1006 });

    const reloaded = createApp({ session: { store } });
    await reloaded.session.ready;
    expect(reloaded.session.status).toBe('signed-in');
    expect(await reloaded.session.getAccessToken()).toBe(await session.getAccessToken());
    reloaded.session.dispose();

    await session.signOut();
    expect(await store.read()).toBeNull();
    expect(server.stats.refreshes).toBe(1);
  });
});

describe('a synchronous store', () => {
  it('has a session that is signed in synchronously', () => {
    const { session } = createApp({ session: { store: { read: () => TOKENS, write: () => {} } } });
    expect(session.status).toBe('signed-in');
  });

  it('is written before signIn, signOut and a refresh resolve', () => {
    const store = memoryStore();
    const { session } = createApp({ session: { store } });
    void session.signIn(TOKENS);
    expect((store.read() as TokenSet).accessToken).toBe('access');
    void session.signOut();
    expect(store.read()).toBeNull();
  });
});

describe('a slow store', () => {
  it('is written in order', async () => {
    const written: (string | null)[] = [];
    const delays = [30, 1, 10];
    const store: TokenStore = {
      read: async () => null,
      async write(tokens) {
        await new Promise((resolve) => setTimeout(resolve, delays.shift()));
        written.push(tokens?.accessToken ?? null);
      },
    };
    const { session } = createApp({ session: { store } });
    await Promise.all([
      session.signIn({ accessToken: 'a' }),
      session.signIn({ accessToken: 'b' }),
      session.signOut(),
    ]);
    expect(written).toEqual(['a', 'b', null]);
    expect(session.status).toBe('signed-out');
  });
});

describe('a store that reports changes', () => {
  function createShared() {
    let held: TokenSet | null = null;
    let changed = () => {};
    const store: TokenStore = {
      read: () => held,
      write: (tokens) => {
        held = tokens;
        changed(); // Pinia and Vuex also do so for the session's own writes.
      },
      subscribe(listener) {
        changed = listener;
        return () => {
          changed = () => {};
        };
      },
    };
    const writeElsewhere = (tokens: TokenSet | null) => {
      held = tokens;
      changed();
    };
    return { store, writeElsewhere };
  }

  it('updates the session', async () => {
    const { store, writeElsewhere } = createShared();
    const { session, events } = createApp({ session: { store } });
    writeElsewhere(TOKENS);
    expect(session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('access');
    writeElsewhere({ accessToken: 'newer' });
    expect(await session.getAccessToken()).toBe('newer');
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'signed-in']);
  });

  it('ends the session once when it is emptied', async () => {
    const onSignedOut = vi.fn();
    const { store, writeElsewhere } = createShared();
    const { session } = createApp({ session: { store, onSignedOut } });
    await session.signIn(TOKENS);
    writeElsewhere(null);
    writeElsewhere(null);
    expect(session.status).toBe('signed-out');
    expect(onSignedOut).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ reason: 'signed_out_elsewhere' }),
    );
  });

  it('ignores the notification of the session’s own writes', async () => {
    const { store } = createShared();
    const { session, events } = createApp({ session: { store } });
    await session.signIn(TOKENS);
    expect(events.map(({ type }) => type)).toEqual(['signed-in']);
  });
});

describe('a store that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ] as [string, () => never][])('and %s keeps the session, and reports the error', async (_, fail) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { session, order, logIn, events } = createApp({ session: { store: { read: fail, write: fail } } });
    await session.ready;
    await logIn();
    expect(await order()).toMatchObject({ code: 1006 });
    expect(events.filter(({ type }) => type === 'store-failed').length).toBeGreaterThanOrEqual(1);
    expect(
      (events.find(({ type }) => type === 'store-failed') as Extract<SessionEvent, { type: 'store-failed' }>)
        .error,
    ).toMatchObject({ name: 'Error', message: 'broken' });
    expect(warn).toHaveBeenCalled();
  });

  it('with an invalid token set starts signed out', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { session } = createApp({
      session: { store: { read: () => ({ accessToken: 7 }) as never, write: () => {} } },
    });
    expect(session.status).toBe('signed-out');
  });
});

describe.each([
  ['localStorage', localStorageStore],
  ['sessionStorage', sessionStorageStore],
] as const)('%s', (area, createStore) => {
  it('keeps tokens as JSON under a configurable key', () => {
    createStore({ key: 'mine' }).write(TOKENS);
    expect(JSON.parse(globalThis[area].getItem('mine')!)).toEqual(TOKENS);
    expect(globalThis[area].getItem('unexpired')).toBeNull();
  });

  it('rejects an invalid key', () => {
    expect(() => createStore({ key: '' })).toThrow('"key" must be a non-empty string');
  });

  it.each(['not json', '"a string"', '{"accessToken":7}', '{"token":"of somebody else"}', 'null', '[]'])(
    'leaves %s alone, warns, and works',
    async (content) => {
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      globalThis[area].setItem('unexpired', content);
      const store = createStore();
      const { session, order, logIn } = createApp({ session: { store } });
      expect(session.status).toBe('signed-out');
      expect(globalThis[area].getItem('unexpired')).toBe(content);
      expect(warn.mock.calls.flat().join()).toContain('holds something else under "unexpired"');
      expect(warn.mock.calls.flat().join()).not.toContain('of somebody else');
      await logIn();
      expect(await order()).toMatchObject({ code: 1006 });
      expect((store.read() as TokenSet).accessToken).toBe(await session.getAccessToken());
    },
  );

  it('that is full keeps the session in memory, loses nothing, and warns', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const store = createStore();
    const { session, order, logIn } = createApp({ session: { store } });
    globalThis[area].setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    await logIn();
    await session.refresh();
    expect(await order()).toMatchObject({ code: 1006 });
    expect((store.read() as TokenSet).accessToken).toBe(await session.getAccessToken());
    expect(warn.mock.calls.flat().join()).toContain('cannot be written');
  });

  it('that is disabled keeps the session in memory', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubGlobal(area, undefined);
    const { session, order, logIn } = createApp({ session: { store: createStore() } });
    expect(session.status).toBe('signed-out');
    await logIn();
    expect(await order()).toMatchObject({ code: 1006 });
    expect(warn).toHaveBeenCalled();
    await session.signOut();
    expect(session.status).toBe('signed-out');
  });
});
