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

  it('a refusal of the backend is not believed', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      throw new SessionError('refresh_rejected', 'no');
    });
    expect(await outcome(session.refresh())).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('signed-in');
  });

  it('a sign-in says so, holds here, and is written when it answers again', async () => {
    const session = open();
    await session.ready;
    fail();
    expect(await outcome(session.signIn(tokensOf(1)))).toMatchObject(UNAVAILABLE);
    expect(await session.getAccessToken()).toBe('access-1');
    recover();
    await clock.tick(1_000);
    expect(entry()).toMatchObject({ tokens: tokensOf(1), sessionId: expect.any(String) });
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

  it('gets a sign-out of another process again', async () => {
    await openSignedIn();
    put({ generation: entry().generation - 1_000, tokens: null });
    tellAll();
    await clock.tick(0);
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toBeNull();
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
    expect(types(session)).not.toContain('store-failed');
  });

  it('is not believed against Redis while a session is open', async () => {
    let changed = () => {};
    const subscribe = (listener: () => void) => {
      changed = listener;
      return () => {};
    };
    const session = await openSignedIn({ store: createStore({ subscribe }) });
    row = tokensOf(7);
    changed();
    await clock.tick(0);
    expect(await session.getAccessToken()).toBe('access-1');
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

/** What another process writes that knows of the sign-in `sessionId`. */
const putTokens = (generation: number, sessionId: string, serial = 9) =>
  put({ generation, sessionId, tokens: { ...tokensOf(serial), sessionId, generation } });

/** Happens when the next script reaches Redis, before it runs. */
const beforeNextScript = (act: () => unknown) => {
  redis.before = () => {
    if (!redis.commands.at(-1)!.startsWith('eval')) return undefined;
    recover();
    return act();
  };
};

describe('a sign-out that Redis has lost', () => {
  /** Signed out here; another process did not hear of it and has refreshed. */
  async function resurrect(ahead = 10) {
    const session = await openSignedIn();
    const { sessionId } = entry();
    await session.signOut();
    const { generation } = entry();
    putTokens(generation + ahead, sessionId);
    return { session, sessionId, generation: generation + ahead };
  }

  it('is written again, and stands against the refresh', async () => {
    const { session, generation } = await resurrect();
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toBeNull();
    const end = entry().generation;
    expect(end).toBeGreaterThan(generation);
    expect(session.status).toBe('signed-out');
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry()).toMatchObject({ generation: end, tokens: null });
  });

  it('does not stand against the next sign-in, whatever the clocks say', async () => {
    const { session, generation } = await resurrect(60_000);
    tellAll();
    await clock.tick(0);
    await session.signIn(tokensOf(5));
    expect(entry().tokens.accessToken).toBe('access-5');
    expect(entry().generation).toBeGreaterThan(generation + 1);
    expect(session.status).toBe('signed-in');
  });

  it('is not written over a sign-in that came meanwhile', async () => {
    const { session, generation } = await resurrect();
    beforeNextScript(() => putTokens(generation + 10, 'other', 7));
    tellAll();
    await clock.tick(0);
    expect(entry().tokens.accessToken).toBe('access-7');
    expect(await session.getAccessToken()).toBe('access-7');
  });

  it('is known after a later session has ended elsewhere', async () => {
    const session = await openSignedIn();
    const { sessionId } = entry();
    await session.signOut();
    await session.signIn(tokensOf(5));
    put({ generation: entry().generation + 10, tokens: null });
    tellAll();
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
    putTokens(entry().generation + 10, sessionId);
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toBeNull();
    expect(session.status).toBe('signed-out');
  });

  it('and that could not be written at first, stands against the refresh', async () => {
    const session = await openSignedIn();
    const { sessionId, generation } = entry();
    fail();
    await outcome(session.signOut());
    putTokens(generation + 60_000, sessionId);
    recover();
    await clock.tick(300);
    expect(entry().tokens).toBeNull();
    expect(entry().generation).toBeGreaterThanOrEqual(generation + 60_001);
  });

  it('may come from a page where nobody is signed in', async () => {
    const session = open();
    await session.ready;
    await session.signOut();
    expect(entry().tokens).toBeNull();
  });
});

describe('a sign-in that could not be written', () => {
  async function signInLate() {
    const session = open();
    await session.ready;
    fail();
    await outcome(session.signIn(tokensOf(1)));
    recover();
    return session;
  }

  it('is written soon', async () => {
    await signInLate();
    await clock.tick(300);
    expect(entry().tokens.accessToken).toBe('access-1');
  });

  it('replaces an older one', async () => {
    const session = await signInLate();
    putTokens(Date.now() - 1_000, 'other');
    await clock.tick(300);
    expect(entry().tokens.accessToken).toBe('access-1');
    expect(await session.getAccessToken()).toBe('access-1');
  });

  it('is not written twice if only the answer of Redis was lost', async () => {
    const session = open();
    await session.ready;
    redis.after = () => {
      if (redis.commands.at(-1)!.startsWith('eval')) throw new Error('closed');
    };
    await outcome(session.signIn(tokensOf(1)));
    redis.after = () => {};
    const { generation } = entry();
    await clock.tick(300);
    expect(entry().generation).toBe(generation);
  });

  it('is forgotten after a sign-out', async () => {
    const session = await signInLate();
    await session.signOut();
    redis.double.flush();
    await clock.tick(300);
    expect(redis.double.get('k')).toBeNull();
  });
});

describe('tokens of a refresh that could not be written', () => {
  async function refreshLate() {
    const session = await openSignedIn();
    refresh.mockImplementationOnce(async () => {
      fail();
      return tokensOf(2);
    });
    await session.refresh();
    return session;
  }

  it('count more than those that they replace', async () => {
    const session = await refreshLate();
    recover();
    put(entry());
    tellAll();
    await clock.tick(0);
    expect(await session.getAccessToken()).toBe('access-2');
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('are not written any more once the user has signed out', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0); // tries after 125 ms
    const session = await refreshLate();
    await clock.tick(60);
    await outcome(session.signOut());
    recover();
    await clock.tick(100);
    expect(entry().tokens.accessToken).toBe('access-1');
    await clock.tick(100);
    expect(entry().tokens).toBeNull();
  });
});

it('a refresh that a sign-out ends has not failed', async () => {
  const session = await openSignedIn();
  const { promise, resolve } = Promise.withResolvers<void>();
  redis.before = () => promise;
  const refreshed = outcome(session.refresh());
  await clock.tick(0);
  const signedOut = session.signOut();
  recover();
  resolve();
  await signedOut;
  expect(await refreshed).toMatchObject({ code: 'signed_out' });
  await clock.tick(100);
  expect(types(session)).not.toContain('refresh-failed');
  expect(refresh).not.toHaveBeenCalled();
  await session.signIn(tokensOf(5));
  const next = session.refresh();
  await clock.tick(0);
  expect(refresh).toHaveBeenCalledOnce();
  await next;
});

it('a sign-in elsewhere is heard of when the pause after a failed refresh is written beside it', async () => {
  const session = open();
  await session.ready;
  await session.signIn(tokensOf(1));
  refresh.mockImplementation(async () => {
    putTokens(entry().generation + 7, 'other');
    throw new SessionError('refresh_unavailable', 'no');
  });
  await outcome(session.refresh());
  await clock.tick(0);
  expect(await session.getAccessToken()).toBe('access-9');
  expect(entry()).toHaveProperty('pause');
});

it('asks for tokens from before if neither the store nor Redis has any', async () => {
  const session = open({ existing: () => tokensOf(4) });
  const asked = session.getAccessToken();
  await clock.tick(100);
  expect(await asked).toBe('access-4');
});

describe('while tokens are written to a Redis that has lost them', () => {
  async function lose() {
    const session = await openSignedIn();
    const { generation, sessionId } = entry();
    redis.double.flush();
    return { session, generation, sessionId };
  }

  it('newer ones of another process stay', async () => {
    const { session, generation } = await lose();
    beforeNextScript(() => putTokens(generation + 7, 'other'));
    tellAll();
    await clock.tick(0);
    expect(entry().tokens.accessToken).toBe('access-9');
    expect(await session.getAccessToken()).toBe('access-9');
  });

  it('the same ones of another process stay as they are', async () => {
    const { generation, sessionId } = await lose();
    let written: string | null = null;
    beforeNextScript(() => {
      putTokens(generation, sessionId, 1);
      written = redis.double.get('k');
    });
    tellAll();
    await clock.tick(0);
    expect(written).not.toBeNull();
    expect(redis.double.get('k')).toBe(written);
  });

  it.each([
    ['a sign-in', { sessionId: 'other', tokens: { ...tokensOf(9), sessionId: 'other' } }],
    ['a sign-out', { tokens: null }],
  ])('%s of another process gives way to a later sign-in here', async (_, other) => {
    const { session, generation } = await lose();
    let signedIn: unknown;
    beforeNextScript(() => {
      put({ generation: generation + 7, ...other });
      clock.set(20_000);
      signedIn = session.signIn(tokensOf(5));
    });
    tellAll();
    await clock.tick(0);
    await signedIn;
    expect(await session.getAccessToken()).toBe('access-5');
    expect(entry().tokens.accessToken).toBe('access-5');
    expect(types(session)).not.toContain('signed-out');
  });

  it('nothing is written if the session was closed', async () => {
    const { session } = await lose();
    const { promise, resolve } = Promise.withResolvers<void>();
    redis.before = () => promise;
    tellAll();
    session.dispose();
    recover();
    resolve();
    await clock.tick(0);
    expect(redis.double.get('k')).toBeNull();
  });
});

describe('what a session asks Redis', () => {
  const asked = () => redis.commands.splice(0);

  it('is one reading when it opens', async () => {
    await openSignedIn();
    asked();
    await open().ready;
    expect(asked()).toEqual(['get k']);
  });

  it('is nothing when it opens on an empty store of your own', async () => {
    const coordination = redisFleet({ client: redis.node(), key: 'k' });
    await open({ store: { read: async () => null, write: async () => {}, coordination } }).ready;
    expect(asked()).toEqual([]);
  });

  it('is one reading if what it knows was written once more', async () => {
    await openSignedIn();
    put(entry());
    asked();
    tellAll();
    await clock.tick(0);
    expect(asked()).toEqual(['get k']);
  });

  it('is the turn, one writing and the end of the turn to refresh', async () => {
    const session = await openSignedIn();
    put(entry());
    asked();
    await session.refresh();
    await clock.tick(0);
    expect(asked().filter((command) => !command.startsWith('eval {k}'))).toEqual([
      'turn k {k}:turn',
      'eval k',
      'get k',
    ]);
  });

  it('is no more than the turn if Redis does not answer', async () => {
    const session = await openSignedIn();
    fail();
    asked();
    await outcome(session.refresh());
    await clock.tick(0);
    expect(asked()).toEqual(['turn k {k}:turn']);
  });
});

describe('sessions of one process', () => {
  function share(key = 'k') {
    const client = redis.node();
    const store = (other = key) => redisStore({ client, key: other, timeout: 500 });
    return { store, open: (other?: string) => open({ store: store(other) }) };
  }

  it('hear from each other what one of them reads in its turn', async () => {
    const process = share();
    const one = process.open();
    const two = process.open();
    await one.signIn(tokensOf(1));
    await clock.tick(0);
    putTokens(entry().generation + 7, entry().sessionId);
    await one.refresh();
    await clock.tick(0);
    expect(await two.getAccessToken()).toBe('access-9');
  });

  it('hear from a store of the same client', async () => {
    const process = share();
    const session = process.open();
    await session.signIn(tokensOf(1));
    await process.store().write(null);
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
  });

  it('read nothing any more for one that is closed', async () => {
    const process = share();
    process.open('other');
    const session = process.open();
    await clock.tick(1_100);
    session.dispose();
    redis.commands.length = 0;
    tellAll();
    await clock.tick(0);
    expect(redis.commands).toEqual([]);
  });

  it('hear of others after one of them was closed', async () => {
    const process = share();
    const [one, two] = [process.open(), process.open()];
    await one.signIn(tokensOf(1));
    await clock.tick(1_100);
    one.dispose();
    putTokens(entry().generation + 7, 'other');
    tellAll();
    await clock.tick(0);
    expect(await two.getAccessToken()).toBe('access-9');
  });
});
