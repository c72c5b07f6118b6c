import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  type Session,
  SessionError,
  type SessionEvent,
  type SessionOptions,
  type TokenSet,
  type TokenStore,
} from '../../src/index.js';
import { redisFleet, redisStore } from '../../src/redis/index.js';
import { outcome } from '../support/outcome.js';
import { useClock } from '../support/session.js';
import { MemoryRedis } from './memory-redis.js';

const clock = useClock();
let redis: MemoryRedis;
/** The answers of the backend to refresh tokens that it was asked with. */
let refresh: ReturnType<typeof vi.fn<(tokens: TokenSet) => Promise<TokenSet>>>;

beforeEach(() => {
  redis = new MemoryRedis();
  let serial = 1;
  refresh = vi.fn(async () => tokensOf(++serial));
  vi.spyOn(console, 'warn').mockReturnValue();
});

const DAY = 86_400_000;
const UNAVAILABLE = { code: 'refresh_unavailable' };
const tokensOf = (serial: number): TokenSet => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
});

/** A process of its own. */
function open(options: Partial<SessionOptions> = {}): Session & { events: SessionEvent[] } {
  const backend = { readTokens: (body: unknown) => body as TokenSet, refresh };
  const store = redisStore({ client: redis.node(), key: 'k', timeout: 500 });
  const session = createSession({ backend, store, ...options });
  onTestFinished(() => session.dispose());
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  return Object.assign(Object.create(session) as Session, { events });
}

/** A process that is signed in and hears of the others. */
async function openSignedIn(options?: Partial<SessionOptions>) {
  const session = open(options);
  await session.ready;
  await session.signIn(tokensOf(1));
  await clock.tick(1_100);
  session.events.length = 0;
  return session;
}

const entry = () => JSON.parse(redis.double.get('k')!.replace(/^\S+ /, ''));
const put = (value: object) => redis.double.set('k', `v${Math.random()} ${JSON.stringify(value)}`, DAY);
const tellAll = () => {
  for (const { hear, closed } of redis.subscribers) if (!closed) hear?.('k');
};
const fail = () => {
  redis.before = () => Promise.reject(new Error('closed'));
};
const recover = () => {
  redis.before = () => {};
};
/** No messages reach the processes that listen by now. */
const deafen = () => {
  for (const subscriber of redis.subscribers) subscriber.hear = undefined;
};
const types = ({ events }: { events: SessionEvent[] }) => events.map(({ type }) => type);

describe('two processes', () => {
  it('are one session: one of them refreshes, and the other takes over what it got', async () => {
    const one = await openSignedIn();
    const two = open();
    await two.ready;
    await one.refresh();
    expect(await two.getAccessToken()).toBe('access-1');
    await clock.tick(1_100);
    await two.refresh();
    expect(refresh.mock.calls.map(([{ refreshToken }]) => refreshToken)).toEqual(['refresh-1', 'refresh-2']);
  });

  it('refresh once, if they do so at the same time', async () => {
    const [one, two] = [await openSignedIn(), open()];
    await two.ready;
    const refreshed = Promise.all([one.refresh(), two.refresh()]);
    await clock.tick(2_000);
    await refreshed;
    expect(refresh).toHaveBeenCalledOnce();
    expect(await two.getAccessToken()).toBe('access-2');
  });

  it('are signed out together', async () => {
    const [one, two] = [await openSignedIn(), open()];
    await clock.tick(1_100);
    await one.signOut();
    await clock.tick(0);
    expect(two.status).toBe('signed-out');
  });

  it('sign out at once if their process does so without a session, also where no news come', async () => {
    const client = redis.node();
    const store = () => redisStore({ client, key: 'k' });
    const session = await openSignedIn({ store: store() });
    deafen();
    await store().write(null);
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
  });

  it('are opened with one command each', async () => {
    await openSignedIn();
    redis.commands.length = 0;
    const session = open();
    await session.ready;
    await clock.tick(500);
    expect([session.status, redis.commands]).toEqual(['signed-in', ['get k']]);
  });

  it('are signed in together', async () => {
    const two = open();
    await clock.tick(1_100);
    expect(two.status).toBe('signed-out');
    await openSignedIn();
    expect(two.status).toBe('signed-in');
  });
});

describe('while Redis cannot be reached', () => {
  it('a good token is used, and the backend is not asked without the ledger', async () => {
    const session = await openSignedIn();
    fail();
    expect(await outcome(session.refresh())).toMatchObject(UNAVAILABLE);
    expect(await session.getAccessToken()).toBe('access-1');
    expect(refresh).not.toHaveBeenCalled();
    expect(types(session)).toContain('refresh-failed');
    expect(session.status).toBe('signed-in');
  });

  it('the next try waits a little', async () => {
    const session = await openSignedIn();
    fail();
    await outcome(session.refresh());
    recover();
    const refreshed = outcome(session.refresh());
    await clock.tick(0);
    expect(refresh).not.toHaveBeenCalled();
    await clock.tick(10_000);
    await refreshed;
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('a session that begins is neither signed in nor out, and finds its tokens later', async () => {
    await openSignedIn();
    fail();
    const session = open();
    const asked = outcome(session.getAccessToken());
    await clock.tick(1_000);
    expect(await asked).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('restoring');
    recover();
    const again = session.getAccessToken();
    await clock.tick(20_000);
    expect(await again).toBe('access-1');
    expect(types(session)).not.toContain('signed-out');
  });

  it('tokens of a refresh that began before are used, and written when it answers again', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types(session)).toContain('store-failed');
    expect(entry().tokens.accessToken).toBe('access-1');
    session.dispose();
    recover();
    await clock.tick(1_000);
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('such tokens are written before the next refresh', async () => {
    const session = await openSignedIn();
    refresh.mockImplementationOnce(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    recover();
    const refreshed = session.refresh();
    await clock.tick(0);
    await refreshed;
    expect(entry().tokens.accessToken).toBe('access-2');
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('such tokens give way to those of another process', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    put({
      generation: entry().generation + 7,
      sessionId: 'other',
      tokens: { ...tokensOf(9), sessionId: 'other' },
    });
    recover();
    await clock.tick(2_000);
    expect(await session.getAccessToken()).toBe('access-9');
    expect(entry().tokens.accessToken).toBe('access-9');
  });

  it('such tokens are forgotten after a sign-out', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    recover();
    await session.signOut();
    await clock.tick(100_000);
    expect(entry().tokens).toBeNull();
  });

  it('such tokens are forgotten also after a sign-out that could not be written either', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    await outcome(session.signOut());
    recover();
    await clock.tick(10_000);
    expect([session.status, entry().tokens]).toEqual(['signed-out', null]);
  });

  it('such tokens are newer than those that they replace, whatever else another process records', async () => {
    const session = await openSignedIn();
    const other = open();
    await clock.tick(1_100);
    refresh.mockImplementationOnce(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    recover();
    redis.double.set('{k}:turn', 'nobody', 0); // it could not be given back
    refresh.mockRejectedValueOnce(new Error('down'));
    expect(await outcome(other.refresh())).toMatchObject(UNAVAILABLE);
    await clock.tick(0);
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types(session)).not.toContain('adopted');
  });

  it('a refusal of the backend is not believed', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      throw new SessionError('refresh_rejected', 'no');
    });
    expect(await outcome(session.refresh())).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('signed-in');
  });

  it.each([
    ['where nothing stands', async () => {}],
    [
      'where another user signed out before',
      async () => {
        await redisStore({ client: redis.node(), key: 'k' }).write(null);
        clock.set(1);
      },
    ],
  ])('a sign-in says so, holds here, and is written when it answers again: %s', async (_, prepare) => {
    await prepare();
    const session = open();
    await session.ready;
    fail();
    expect(await outcome(session.signIn(tokensOf(1)))).toMatchObject(UNAVAILABLE);
    expect(await session.getAccessToken()).toBe('access-1');
    recover();
    await clock.tick(300); // before it hears that it is connected, and restores what Redis has lost
    expect(entry()).toMatchObject({ tokens: tokensOf(1), sessionId: expect.any(String) });
  });

  it('a sign-in whose answer was lost is not written twice', async () => {
    const session = open();
    await session.ready;
    redis.after = () =>
      redis.commands.at(-1) === 'eval k' ? Promise.reject(new Error('closed')) : undefined;
    expect(await outcome(session.signIn(tokensOf(1)))).toMatchObject(UNAVAILABLE);
    redis.after = () => {};
    const { generation } = entry();
    await clock.tick(10_000);
    expect(entry().generation).toBe(generation);
  });

  it('a sign-out says so, holds here, and is written when it answers again', async () => {
    const session = await openSignedIn();
    fail();
    expect(await outcome(session.signOut())).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('signed-out');
    recover();
    await clock.tick(1_000);
    expect(entry().tokens).toBeNull();
  });

  it('a late sign-out ends the session also if another process has refreshed it meanwhile', async () => {
    const session = await openSignedIn();
    const other = open();
    await clock.tick(1_100);
    deafen();
    fail();
    await outcome(session.signOut());
    recover();
    clock.set(60_000);
    await other.refresh();
    const { generation } = entry();
    await clock.tick(300);
    expect(entry()).toMatchObject({ tokens: null });
    expect(entry().generation).toBeGreaterThan(generation);
    expect(session.status).toBe('signed-out');
    await outcome(other.refresh());
    expect(other.status).toBe('signed-out');
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('a late sign-out is forgotten after a sign-in here', async () => {
    const session = await openSignedIn();
    fail();
    await outcome(session.signOut());
    recover();
    await session.signIn(tokensOf(7));
    await clock.tick(0);
    redis.commands.length = 0;
    await clock.tick(100_000);
    expect([redis.commands, session.status]).toEqual([[], 'signed-in']);
  });

  it('a late sign-out gives way to a sign-in that came after it', async () => {
    const session = await openSignedIn();
    fail();
    await outcome(session.signOut());
    put({ generation: Date.now() + 100, sessionId: 'other', tokens: { ...tokensOf(9), sessionId: 'other' } });
    recover();
    await clock.tick(1_000);
    expect(entry().tokens.accessToken).toBe('access-9');
    expect(await session.getAccessToken()).toBe('access-9');
  });

  it('a sign-in that was not written ends with its session, which has told the application', async () => {
    const session = open();
    await session.ready;
    fail();
    await outcome(session.signIn(tokensOf(1)));
    session.dispose();
    recover();
    await clock.tick(100_000);
    expect(redis.double.get('k')).toBeNull();
  });
});

describe('a refresh', () => {
  it('that a sign-in has ended is no failure: the next one need not wait', async () => {
    const session = await openSignedIn();
    redis.double.set('{k}:turn', 'somebody', 1_000);
    const ended = outcome(session.refresh());
    await clock.tick(5);
    await session.signIn(tokensOf(7));
    await ended;
    redis.double.set('{k}:turn', 'nobody', 0);
    const refreshed = outcome(session.refresh());
    await clock.tick(0);
    await refreshed;
    expect(refresh.mock.calls.map(([{ refreshToken }]) => refreshToken)).toEqual(['refresh-7']);
  });

  it('whose user signs out while it waits in its turn does not ask the backend', async () => {
    const session = await openSignedIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    redis.before = () => (redis.commands.at(-1) === 'eval k' ? promise : undefined);
    const signedIn = session.signIn(tokensOf(7));
    const refreshed = outcome(session.refresh());
    await clock.tick(0);
    expect(redis.double.get('{k}:turn')).not.toBeNull();
    const signedOut = session.signOut();
    resolve();
    await Promise.all([signedIn, refreshed, signedOut]);
    await clock.tick(0);
    expect(refresh).not.toHaveBeenCalled();
    expect(redis.double.get('{k}:turn')).toBeNull();
  });

  it('takes over tokens from before this package, in one process for all', async () => {
    const existing = vi.fn(() => tokensOf(7));
    const processes = [open({ existing }), open({ existing })];
    const tokens = Promise.all(processes.map((session) => session.getAccessToken()));
    await clock.tick(2_000);
    expect(await tokens).toEqual(['access-7', 'access-7']);
    expect(existing).toHaveBeenCalledOnce();
    expect(entry().tokens).toMatchObject(tokensOf(7));
  });
});

describe('a sign-out', () => {
  it('is recorded also by a process that has not read the tokens yet', async () => {
    await openSignedIn();
    await open().signOut();
    expect(entry().tokens).toBeNull();
  });
});

describe('Redis that has lost something', () => {
  it('gets the tokens of a process that still has them', async () => {
    const session = await openSignedIn();
    const { tokens } = entry();
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toMatchObject({ accessToken: tokens.accessToken });
    expect(session.status).toBe('signed-in');
  });

  it('gets them also where no news come, with the next refresh that fails', async () => {
    const session = await openSignedIn();
    deafen();
    redis.double.flush();
    refresh.mockRejectedValue(new Error('down'));
    await outcome(session.refresh());
    await clock.tick(0);
    expect(entry().tokens).toMatchObject({ accessToken: 'access-1' });
  });

  it('gets the newer tokens of a process, if it came back with an older copy', async () => {
    const session = await openSignedIn();
    const before = redis.double.get('k')!;
    await session.refresh();
    redis.double.set('k', before, DAY);
    tellAll();
    await clock.tick(0);
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('gets a sign-out again', async () => {
    const session = await openSignedIn();
    const before = redis.double.get('k')!;
    clock.set(60_000);
    await session.signOut();
    redis.double.set('k', before, DAY);
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toBeNull();
    expect(session.status).toBe('signed-out');
  });

  it('gets nothing from a process that knows nothing', async () => {
    open();
    await clock.tick(1_100);
    tellAll();
    await clock.tick(0);
    expect(redis.double.get('k')).toBeNull();
  });

  it.each([
    ['about the same time, because clocks differ', 4_999, 'signed-out'],
    ['an earlier time, which is old news', 5_000, 'signed-in'],
  ])('a sign-out of %s: by %i ms', async (_, ms, status) => {
    const session = await openSignedIn();
    const { generation } = entry();
    put({ generation: generation - ms, tokens: null });
    tellAll();
    await clock.tick(0);
    expect(session.status).toBe(status);
    expect(entry().tokens === null).toBe(status === 'signed-out');
  });

  it('gets such a sign-out again, too', async () => {
    const session = await openSignedIn();
    put({ generation: entry().generation - 1_000, tokens: null });
    tellAll();
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toBeNull();
  });

  it('gets the tokens once, from whichever process comes first', async () => {
    await openSignedIn();
    open();
    await clock.tick(1_100);
    const { generation } = entry();
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry().generation).toBe(generation);
  });

  it('keeps what another process has written in the meantime', async () => {
    const session = await openSignedIn();
    const before = redis.double.get('k')!;
    await session.refresh();
    redis.double.set('k', before, DAY);
    redis.before = () => {
      if (redis.commands.at(-1) !== 'eval k') return;
      recover();
      put({ generation: Date.now() + 100, sessionId: 's', tokens: { ...tokensOf(9), sessionId: 's' } });
    };
    tellAll();
    await clock.tick(0);
    expect(entry().tokens.accessToken).toBe('access-9');
    expect(await session.getAccessToken()).toBe('access-9');
  });

  it.each([
    ['other tokens', { sessionId: 's', tokens: { ...tokensOf(9), sessionId: 's' } }],
    ['an old sign-out', { tokens: null }],
  ])('with %s there instead does not end a sign-in that happens just then', async (_, found) => {
    const session = await openSignedIn();
    const before = redis.double.get('k')!;
    await session.refresh();
    redis.double.set('k', before, DAY);
    const { promise, resolve } = Promise.withResolvers<void>();
    redis.before = () => {
      if (redis.commands.at(-1) !== 'eval k') return;
      recover();
      put({ generation: Date.now() + 100, ...found });
      redis.after = () => promise;
    };
    tellAll();
    await clock.tick(0);
    clock.set(60_000);
    const signedIn = session.signIn(tokensOf(7));
    redis.after = () => {};
    resolve();
    await signedIn;
    await clock.tick(0);
    expect(session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('access-7');
    expect(entry().tokens.accessToken).toBe('access-7');
  });

  it('gets nothing from a session that was closed while it was read, and may be out of date', async () => {
    const session = await openSignedIn();
    await session.signOut();
    await session.signIn(tokensOf(7));
    await clock.tick(0);
    redis.double.flush();
    const { promise, resolve } = Promise.withResolvers<void>();
    let reads = 0;
    redis.after = () => (++reads === 2 ? promise : undefined);
    tellAll();
    await clock.tick(0);
    expect(reads).toBe(2);
    session.dispose();
    resolve();
    await clock.tick(0);
    expect(redis.double.get('k')).toBeNull();
  });

  describe('a sign-out, which another process did not hear of', () => {
    /** The tokens are back, refreshed by the other process. The one that signed out has not heard of that. */
    async function loseSignOut() {
      const session = await openSignedIn();
      const other = open();
      await clock.tick(1_100);
      const before = redis.double.get('k')!;
      const hearing = redis.subscribers.map(({ hear }) => hear);
      deafen();
      await session.signOut();
      redis.double.set('k', before, DAY);
      clock.set(60_000);
      await other.refresh();
      redis.subscribers.forEach((subscriber, index) => {
        subscriber.hear = hearing[index];
      });
      return { session, other };
    }

    it('gets it again from the process that signed out', async () => {
      const { session, other } = await loseSignOut();
      const { generation } = entry();
      tellAll();
      await clock.tick(0);
      expect(entry().tokens).toBeNull();
      expect(entry().generation).toBeGreaterThan(generation);
      expect([session.status, other.status]).toEqual(['signed-out', 'signed-out']);
      expect(types(session)).toEqual(['signed-out']);
    });

    it('gets it a third time, later than the tokens', async () => {
      await loseSignOut();
      const { generation } = entry();
      tellAll();
      await clock.tick(0);
      redis.double.flush();
      tellAll();
      await clock.tick(0);
      expect(entry().tokens).toBeNull();
      expect(entry().generation).toBeGreaterThan(generation);
    });

    it('keeps a sign-in that somebody did just then', async () => {
      const { session } = await loseSignOut();
      redis.before = () => {
        if (redis.commands.at(-1) !== 'eval k') return;
        recover();
        put({
          generation: entry().generation + 1,
          sessionId: 's',
          tokens: { ...tokensOf(9), sessionId: 's' },
        });
      };
      tellAll();
      await clock.tick(0);
      expect(entry().tokens.accessToken).toBe('access-9');
      expect(await session.getAccessToken()).toBe('access-9');
    });

    it('gets it again also after another session, which has ended elsewhere', async () => {
      const session = await openSignedIn();
      const ended = entry();
      await session.signOut();
      await session.signIn(tokensOf(7));
      await redisStore({ client: redis.node(), key: 'k' }).write(null);
      await clock.tick(0);
      expect(session.status).toBe('signed-out');
      put({ ...ended, generation: entry().generation + 60_000 });
      tellAll();
      await clock.tick(0);
      expect([session.status, entry().tokens]).toEqual(['signed-out', null]);
    });
  });

  it('changes nothing for a session that is closed', async () => {
    const session = await openSignedIn();
    session.dispose();
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(redis.double.get('k')).toBeNull();
  });
});

describe('a store of your own, shared by redisFleet', () => {
  let row: TokenSet | null;
  beforeEach(() => void (row = null));

  function createStore(more: Partial<TokenStore> = {}): TokenStore {
    return {
      read: async () => row,
      write: async (tokens) => void (row = tokens),
      coordination: redisFleet({ client: redis.node(), key: 'k', timeout: 500 }),
      ...more,
    };
  }

  it('gets the newest tokens', async () => {
    const one = await openSignedIn({ store: createStore() });
    const two = open({ store: createStore() });
    await two.ready;
    await one.refresh();
    expect(row).toMatchObject({ accessToken: 'access-2' });
    await clock.tick(1_100);
    expect(await two.getAccessToken()).toBe('access-2');
  });

  it('that is older than Redis is brought up to date when a session opens', async () => {
    await openSignedIn({ store: createStore() });
    row = { ...row!, accessToken: 'old', generation: 1 };
    const session = open({ store: createStore() });
    await session.ready;
    await clock.tick(0);
    expect(await session.getAccessToken()).toBe('access-1');
    expect(row).toMatchObject({ accessToken: 'access-1' });
  });

  it('may hold tokens from before, which have no generation and may be older than those of Redis', async () => {
    row = tokensOf(7);
    const session = open({ store: createStore() });
    await session.ready;
    expect(await session.getAccessToken()).toBe('access-7');
    await session.refresh();
    expect(refresh.mock.calls[0]![0].refreshToken).toBe('refresh-7');
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('that is empty means signed out', async () => {
    const session = open({ store: createStore() });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(types(session)).toEqual([]);
  });

  it('that holds what Redis holds costs one command when a session opens', async () => {
    await openSignedIn({ store: createStore() });
    redis.commands.length = 0;
    const session = open({ store: createStore() });
    await session.ready;
    await clock.tick(500);
    expect([session.status, redis.commands]).toEqual(['signed-in', ['get k']]);
  });

  it.each([
    ['an old copy of the row', () => tokensOf(7)],
    ['no row', () => null],
  ])('that tells of a change makes a session look at Redis, which counts: %s', async (_, read) => {
    let tell!: () => void;
    const subscribe = (changed: () => void) => {
      tell = changed;
      return () => {};
    };
    const session = await openSignedIn({ store: createStore({ subscribe }) });
    const other = open({ store: createStore() });
    await other.ready;
    deafen();
    await other.refresh();
    row = read();
    tell();
    await clock.tick(0);
    expect(await session.getAccessToken()).toBe('access-2');
    expect(session.status).toBe('signed-in');
  });

  it('that cannot be read says nothing: the next request finds out', async () => {
    let isBroken = true;
    const read = async () => {
      if (isBroken) throw new Error('broken');
      return row;
    };
    row = tokensOf(7);
    const session = open({ store: createStore({ read }) });
    expect(await outcome(session.getAccessToken())).toMatchObject({
      ...UNAVAILABLE,
      message: 'The store could not be read',
    });
    expect(session.status).toBe('restoring');
    isBroken = false;
    const again = session.getAccessToken();
    await clock.tick(20_000);
    expect(await again).toBe('access-7');
  });
});
