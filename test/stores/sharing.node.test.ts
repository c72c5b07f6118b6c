import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  type Session,
  SessionError,
  type SessionOptions,
  sharedMemoryStore,
  type TokenSet,
  tabs,
} from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { outcome } from '../support/outcome.js';
import { stubEvents } from '../support/stub-page.js';

const LIFETIME = 60_000;
let clock: ReturnType<typeof fakeClock>;
let page: EventTarget;

beforeEach(() => {
  clock = fakeClock();
  page = stubEvents();
  vi.stubGlobal('indexedDB', new IDBFactory());
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A session as in a tab of its own. Its channel also reaches the other sessions of this page. */
function open(
  refresh: SessionOptions['backend']['refresh'] = () => Promise.reject(new Error('not here')),
  { key = 'memory', ...options }: Partial<SessionOptions> & { key?: string } = {},
): Session {
  const session = createSession({
    backend: { refresh, readTokens: (body) => body as TokenSet },
    store: sharedMemoryStore({ key }),
    ...options,
  });
  onTestFinished(() => session.dispose());
  return session;
}

/** Opens a session to which messages arrive late. */
function inBusyTab<T>(ms: number, act: () => T): T {
  const Channel = BroadcastChannel;
  class BusyChannel extends Channel {
    override set onmessage(hear: (event: MessageEvent) => void) {
      super.onmessage = (event) => setTimeout(() => hear(event as MessageEvent), ms);
    }
  }
  vi.stubGlobal('BroadcastChannel', BusyChannel);
  try {
    return act();
  } finally {
    vi.stubGlobal('BroadcastChannel', Channel);
  }
}

const tokens = (serial: number) => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
  expiresAt: Date.now() + LIFETIME,
});

/** A tab that has signed in, and another tab. The test controls the time of both. */
async function openPair(refresh?: SessionOptions['backend']['refresh'], options?: Partial<SessionOptions>) {
  clock = fakeClock({ timers: true });
  const first = open(refresh);
  await clock.through(first.signIn(tokens(0)));
  const second = open(undefined, options);
  await clock.through(second.ready);
  return { first, second };
}

/** A tab with an expired token and no refresh token: that was lost with the tab that signed in. */
async function openOrphan(): Promise<Session> {
  const first = open();
  await first.signIn(tokens(0));
  const second = open();
  await second.ready;
  first.dispose();
  await clock.tick(LIFETIME);
  return second;
}

describe('shared memory', () => {
  it('gives a new tab the access token, and the tab that signed in refreshes for it', async () => {
    const spent: (string | undefined)[] = [];
    const first = open(async ({ refreshToken }) => {
      spent.push(refreshToken);
      return tokens(1);
    });
    await first.signIn(tokens(0));
    const second = open();
    await second.ready;
    expect(await second.getAccessToken()).toBe('access-0');
    await clock.tick(LIFETIME);
    expect(await second.getAccessToken()).toBe('access-1');
    expect(spent).toEqual(['refresh-0']);
  });

  it('makes a new tab wait for a busy tab if a user is known to be signed in', async () => {
    const busyFor = 1_000;
    const first = inBusyTab(busyFor, open);
    await first.signIn(tokens(0));
    clock = fakeClock({ timers: true });
    const second = open();
    await clock.pass(busyFor - 100);
    expect(second.status).toBe('restoring');
    await clock.pass(300);
    await second.ready;
    expect(second.status).toBe('signed-in');
  });

  it('never sends the refresh token', async () => {
    const heard: unknown[] = [];
    const channel = new BroadcastChannel('unexpired:memory');
    channel.onmessage = ({ data }: MessageEvent) => heard.push(data);
    onTestFinished(() => channel.close());
    await open().signIn(tokens(0));
    await open().ready;
    await expect.poll(() => JSON.stringify(heard)).toContain('access-0');
    expect(JSON.stringify(heard)).not.toContain('refresh-0');
  });

  it('ends a session whose refresh token was lost with its tab', async () => {
    const second = await openOrphan();
    expect(await outcome(second.getAccessToken())).toMatchObject({ code: 'refresh_rejected' });
    expect(second.status).toBe('signed-out');
  });

  it('keeps such a session until the access token expires', async () => {
    const { first, second } = await openPair();
    first.dispose();
    await clock.tick(LIFETIME - 10_000);
    expect(await second.getAccessToken()).toBe('access-0'); // a refresh starts in the background
    await clock.pass(9_000);
    expect(await clock.through(second.getAccessToken())).toBe('access-0');
    expect(second.status).toBe('signed-in');
  });

  it('keeps the session if the refreshing tab has a fault', async () => {
    let isDown = true;
    const { first, second } = await openPair(async () => {
      if (isDown) throw new TypeError('Failed to fetch');
      return tokens(1);
    });
    await clock.tick(LIFETIME);
    const asking = outcome(second.getAccessToken());
    expect(await clock.through(asking)).toMatchObject({ code: 'refresh_unavailable' });
    expect([first.status, second.status]).toEqual(['signed-in', 'signed-in']);
    isDown = false;
    expect(await clock.through(second.getAccessToken())).toBe('access-1');
  });

  it('keeps the session if a tab that promised tokens does not send them', async () => {
    const { second } = await openPair(() => new Promise(() => {}), { refreshTimeout: 1_000 });
    await clock.tick(LIFETIME);
    const asking = outcome(second.getAccessToken());
    expect(await clock.through(asking)).toMatchObject({ code: 'refresh_unavailable' });
    expect(second.status).toBe('signed-in');
  });

  it('stops using a tab’s own refresh token after another user signs in in another tab', async () => {
    const identify: SessionOptions['identify'] = (_, { accessToken }) => accessToken.slice(0, 3);
    const spent: (string | undefined)[] = [];
    const refresh = async ({ refreshToken }: TokenSet) => {
      spent.push(refreshToken);
      return { accessToken: 'ann-2' };
    };
    const first = open(refresh, { identify });
    await first.signIn({ accessToken: 'ann-1', refreshToken: 'of-ann' });
    const second = inBusyTab(600, () => open(refresh, { identify }));
    await second.ready;
    await second.signIn({ accessToken: 'bob-1', refreshToken: 'of-bob' });
    await expect.poll(() => outcome(first.getAccessToken()), { timeout: 5_000 }).toBe('bob-1');
    expect(await second.getAccessToken()).toBe('bob-1');
    expect(spent).toEqual([]);
  });

  it('is separate for sessions with different keys', async () => {
    await open().signIn(tokens(0));
    const other = open(undefined, { key: 'of-another-backend' });
    await other.ready;
    expect(other.status).toBe('signed-out');
    expect(() => sharedMemoryStore({ key: '' })).toThrow('"key" must be a non-empty string, got ');
  });

  it('is not used on a server, where one process has the sessions of many users', async () => {
    vi.stubGlobal('location', undefined);
    vi.stubGlobal('indexedDB', undefined);
    const Channel = vi.fn(BroadcastChannel);
    vi.stubGlobal('BroadcastChannel', Channel);
    await open().signIn(tokens(0));
    const other = open();
    await other.ready;
    expect(other.status).toBe('signed-out');
    expect(Channel).not.toHaveBeenCalled();
  });

  it('keeps the session of a page that enters the back/forward cache during its request', async () => {
    const second = await openOrphan();
    const asking = outcome(second.getAccessToken());
    await new Promise((resolve) => setTimeout(resolve, 20));
    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    expect(await asking).toMatchObject({ code: 'refresh_unavailable' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(second.status).toBe('signed-in');
  });
});

describe('the signed-in event', () => {
  /** A tab of a session. The tabs share the store and the ledger. */
  function openTab(stored: { tokens: TokenSet | null }, name: string) {
    const session = createSession({
      backend: {
        refresh: () => Promise.reject(new Error('not here')),
        readTokens: (body) => body as TokenSet,
      },
      store: {
        read: () => stored.tokens,
        write: (tokens) => void (stored.tokens = tokens),
        coordination: tabs(name),
      },
    });
    return listened(session);
  }

  function listened(session: Session) {
    const signIns: unknown[] = [];
    session.subscribe((event) => event.type === 'signed-in' && signIns.push(event));
    onTestFinished(() => session.dispose());
    return { session, signIns };
  }

  it('says whether the user signed in in another tab', async () => {
    const stored = { tokens: null };
    const first = openTab(stored, 'elsewhere');
    const second = openTab(stored, 'elsewhere');
    await first.session.signIn(tokens(0));
    await expect.poll(() => second.signIns).toEqual([{ type: 'signed-in', elsewhere: true }]);
    expect(first.signIns).toStrictEqual([{ type: 'signed-in' }]);
  });

  it('says so too if the tokens are not stored and the tab gets them from another tab', async () => {
    clock = fakeClock({ timers: true });
    const first = listened(open());
    const second = listened(open());
    await clock.through(first.session.signIn(tokens(0)));
    await clock.pass(2_000);
    expect(second.signIns).toEqual([{ type: 'signed-in', elsewhere: true }]);
    expect(first.signIns).toStrictEqual([{ type: 'signed-in' }]);
  });

  it('says so too with a cookie, although each tab refreshes by itself', async () => {
    let isSignedIn = false;
    const openWithCookie = () =>
      listened(
        createSession({
          backend: {
            readTokens: (body) => body as TokenSet,
            refresh: async () => {
              if (!isSignedIn) throw new SessionError('refresh_rejected', 'no cookie');
              return { accessToken: 'by-cookie', expiresAt: Date.now() + LIFETIME };
            },
            coordination: tabs('by cookie', { persistent: false }),
          },
        }),
      );
    const first = openWithCookie();
    const second = openWithCookie();
    await Promise.all([first.session.ready, second.session.ready]);
    isSignedIn = true;
    await first.session.signIn({ accessToken: 'at-sign-in', expiresAt: Date.now() + LIFETIME });
    await expect.poll(() => second.signIns).toEqual([{ type: 'signed-in', elsewhere: true }]);
    expect(first.signIns).toStrictEqual([{ type: 'signed-in' }]);
  });
});
