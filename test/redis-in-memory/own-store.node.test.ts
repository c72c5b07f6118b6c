import { beforeEach, describe, expect, it } from 'vitest';
import type { TokenSet, TokenStore } from '../../src/index.js';
import { redisFleet } from '../../src/redis/index.js';
import { outcome } from '../support/outcome.js';
import {
  clock,
  deafen,
  entry,
  open,
  openSignedIn,
  redis,
  refresh,
  tokensOf,
  types,
  UNAVAILABLE,
  useFleet,
} from './fleet.js';

useFleet();

describe('a custom store, shared by redisFleet', () => {
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

  /** A store that can report changes. */
  function createTellingStore() {
    let changed: () => void;
    const subscribe = (listener: () => void) => {
      changed = listener;
      return () => {};
    };
    return { store: createStore({ subscribe }), tell: () => changed() };
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

  it('gets the tokens from Redis when a session opens if it is older', async () => {
    await openSignedIn({ store: createStore() });
    row = { ...row!, accessToken: 'old', generation: 1 };
    const session = open({ store: createStore() });
    await session.ready;
    await clock.tick(0);
    expect(await session.getAccessToken()).toBe('access-1');
    expect(row).toMatchObject({ accessToken: 'access-1' });
  });

  it('may hold tokens without a generation, which may be older than those in Redis', async () => {
    row = tokensOf(7);
    const session = open({ store: createStore() });
    await session.ready;
    expect(await session.getAccessToken()).toBe('access-7');
    await session.refresh();
    expect(refresh.mock.calls[0]![0].refreshToken).toBe('refresh-7');
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('signs the session out if it is empty', async () => {
    const session = open({ store: createStore() });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(types(session)).toEqual([]);
  });

  it('costs one command when a session opens if it agrees with Redis', async () => {
    await openSignedIn({ store: createStore() });
    redis.commands.length = 0;
    const session = open({ store: createStore() });
    await session.ready;
    await clock.tick(500);
    expect([session.status, redis.commands]).toEqual(['signed-in', ['get k']]);
  });

  it('changes nothing if it reports a row from before a sign-out', async () => {
    const { store, tell } = createTellingStore();
    const session = await openSignedIn({ store });
    const before = row;
    await session.signOut();
    row = before;
    tell();
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
  });

  it.each([
    ['an old copy of the row', () => tokensOf(7)],
    ['no row', () => null],
  ])('makes a session read Redis if it reports a change, and Redis takes precedence: %s', async (_, read) => {
    const { store, tell } = createTellingStore();
    const session = await openSignedIn({ store });
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

  it('does not end the session if it cannot be read, and the next request reads it again', async () => {
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
