import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  localStorageStore,
  type Session,
  SessionError,
  type SessionEvent,
  type SessionOptions,
  type TokenSet,
  type TokenStore,
  tabs,
} from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { outcome } from '../support/outcome.js';
import { fakeStorage } from '../support/storage.js';

let clock: ReturnType<typeof fakeClock>;
let page: EventTarget;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  page = new EventTarget();
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('location', new URL('https://app.example/'));
  vi.stubGlobal('document', Object.assign(page, { visibilityState: 'visible' }));
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const tokens = (serial: number) => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
  expiresAt: Date.now() + 600_000,
});

/** A session in a tab of its own, and its events. */
function open(store: TokenStore, options: Partial<SessionOptions> = {}) {
  const refresh = () => Promise.reject(new SessionError('refresh_rejected', 'refused'));
  const backend = { refresh, readTokens: (body: unknown) => body as TokenSet };
  const session = createSession({ backend, store, ...options });
  onTestFinished(() => session.dispose());
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  return Object.assign(Object.create(session) as Session, { events });
}

/** A store that both tabs share, with slow writes. */
function createStores(writeTime = 0) {
  const held: { tokens: TokenSet | null; isBroken: boolean } = { tokens: null, isBroken: false };
  const create = (): TokenStore => ({
    coordination: tabs('app'),
    async read() {
      if (held.isBroken) throw new Error('broken');
      return held.tokens;
    },
    async write(tokens) {
      await new Promise((resolve) => setTimeout(resolve, writeTime));
      held.tokens = tokens;
    },
  });
  return { held, create };
}

const types = ({ events }: { events: SessionEvent[] }) => events.map(({ type }) => type);

describe('a slow store', () => {
  it.each([100, 700, 3_000])(
    'with a delay of %i ms does not undo a sign-in, in any tab',
    async (writeTime) => {
      const { held, create } = createStores(writeTime);
      const [first, second] = [open(create()), open(create())];
      await clock.pass(440); // the store is read during the write
      void first.signIn(tokens(1));
      await clock.pass(2 * writeTime + 2_000);
      expect([first.status, second.status]).toEqual(['signed-in', 'signed-in']);
      expect(held.tokens).toMatchObject({ accessToken: 'access-1' });

      held.tokens = null;
      page.dispatchEvent(new Event('visibilitychange'));
      await clock.pass(1_000);
      expect([first.status, second.status]).toEqual(['signed-out', 'signed-out']);
    },
  );

  it('that never responds blocks nobody for longer than refreshTimeout', async () => {
    const forever = () => new Promise<never>(() => {});
    const session = open({ read: forever, write: forever }, { refreshTimeout: 1_000 });
    const asking = outcome(session.getAccessToken());
    await clock.pass(1_200);
    expect(await asking).toMatchObject({ code: 'signed_out' });
    const signingIn = session.signIn(tokens(1));
    await clock.pass(1_200);
    await signingIn;
    expect(await session.getAccessToken()).toBe('access-1');
    expect(types(session)).toEqual(['store-failed', 'signed-in', 'store-failed']);
  });

  it('that never responds does not block the end of a session after a refusal', async () => {
    let read: () => TokenSet | Promise<never> = () => ({ ...tokens(1), expiresAt: 1 });
    const session = open({ read: () => read(), write() {} }, { refreshTimeout: 1_000 });
    await clock.through(session.ready);
    read = () => new Promise(() => {});
    const asking = outcome(session.getAccessToken());
    await clock.pass(1_200);
    expect(await asking).toMatchObject({ code: 'refresh_rejected' });
    expect(session.status).toBe('signed-out');
  });
});

describe('a store that cannot be read', () => {
  it('keeps the session in all tabs', async () => {
    const { held, create } = createStores();
    const [first, second] = [open(create()), open(create())];
    await clock.pass(100);
    await clock.through(first.signIn(tokens(1)));
    await clock.pass(100);
    held.isBroken = true;
    await clock.pass(2_000);
    expect([first.status, second.status]).toEqual(['signed-in', 'signed-in']);
    expect(types(first)).toContain('store-failed');
  });

  it('keeps the session even if it reports another tab’s write', async () => {
    let changed = () => {};
    let held: TokenSet | null = null;
    let isBroken = false;
    const session = open({
      read() {
        if (isBroken) throw new Error('broken');
        return held;
      },
      write: (tokens) => void (held = tokens),
      subscribe: (callback) => {
        changed = callback;
        return () => {};
      },
    });
    await session.signIn(tokens(1));
    isBroken = true;
    changed();
    await clock.pass(100);
    expect(types(session)).toEqual(['signed-in', 'store-failed']);
    expect(session.status).toBe('signed-in');
  });

  it('keeps the session if it is localStorage that the user has disabled', async () => {
    const storage = fakeStorage();
    vi.stubGlobal('window', globalThis); // otherwise this counts as a server
    vi.stubGlobal('localStorage', storage);
    const [first, second] = [open(localStorageStore()), open(localStorageStore())];
    await clock.pass(100);
    await clock.through(first.signIn(tokens(1)));
    await clock.pass(100);
    storage.getItem = () => {
      throw new DOMException('denied', 'SecurityError');
    };
    await clock.pass(2_000);
    expect([first.status, second.status]).toEqual(['signed-in', 'signed-in']);
  });

  it('is reported with a message that exposes no token', async () => {
    const session = open({
      read: () => null,
      async write(body) {
        throw Object.assign(new TypeError('PUT failed'), { config: { data: JSON.stringify(body) } });
      },
    });
    await session.signIn(tokens(1));
    expect(session.events.at(-1)).toMatchObject({
      type: 'store-failed',
      error: { name: 'TypeError', message: 'PUT failed' },
    });
    expect(JSON.stringify(session.events)).not.toMatch(/access-1|refresh-1/);
  });
});

describe('a store that was emptied while the page was closed', () => {
  it('signs the user out despite the ledger, even if the page becomes visible right after it has opened', async () => {
    const { held, create } = createStores();
    const before = open(create());
    await clock.through(before.signIn(tokens(1)));
    await clock.pass(1_000);
    before.dispose();
    held.tokens = null;

    const session = open(create());
    await clock.through(session.ready);
    page.dispatchEvent(new Event('visibilitychange'));
    await clock.pass(1_000);
    expect(session.status).toBe('signed-out');
    expect(session.events).toEqual([]);
  });

  it('does not hide a sign-in that happens in another tab', async () => {
    const { create } = createStores();
    const other = open(create());
    await clock.pass(1_000);
    const session = open(create());
    await clock.through(session.ready);
    await clock.through(other.signIn(tokens(1)));
    await clock.pass(1_000);
    expect(session.status).toBe('signed-in');
  });
});

describe('a session that is disposed', () => {
  it.each(['at once', 'while it reads the ledger'])('%s is not restored by its own read', async (when) => {
    let held: TokenSet | null = null;
    const create = (): TokenStore => ({
      coordination: tabs('app'),
      read: () => held,
      write: (tokens) => void (held = tokens),
    });
    const before = open(create());
    await clock.through(before.signIn(tokens(1)));
    const old = held;
    await clock.through(before.signIn(tokens(2)));
    before.dispose();
    held = old; // older than the ledger, which the page reads next

    const session = open(create());
    if (when !== 'at once') for (let turn = 0; turn < 4; turn++) await Promise.resolve();
    session.dispose();
    await clock.pass(1_000);
    expect(session.status).toBe('signed-out');
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
    expect(held).toBe(old);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a sign-in in a listener of the end of a session', () => {
  it.each(['subscribe', 'onSignedOut'])('from %s is kept', async (how) => {
    let held: TokenSet | null = null;
    const store: TokenStore = { read: () => held, write: (tokens) => void (held = tokens) };
    const signIn = () => void session.signIn(tokens(2));
    const session = open(store, how === 'onSignedOut' ? { onSignedOut: signIn } : {});
    await session.signIn(tokens(1));
    if (how === 'subscribe') session.subscribe(({ type }) => type === 'signed-out' && signIn());
    await session.signOut();
    expect(session.status).toBe('signed-in');
    expect(held).toMatchObject({ accessToken: 'access-2' });
  });
});
