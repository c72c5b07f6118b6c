import { describe, expect, it } from 'vitest';
import { SessionError } from '../../src/index.js';
import { redisFleet, redisStore } from '../../src/redis/index.js';
import { outcome } from '../support/outcome.js';
import {
  clock,
  entry,
  fail,
  open,
  openSignedIn,
  put,
  recover,
  redis,
  refresh,
  tellAll,
  tokensOf,
  types,
  useFleet,
} from './fleet.js';

useFleet();

/** The entry of another process that knows the sign-in `sessionId`. */
const putTokens = (generation: number, sessionId: string, serial = 9) =>
  put({ generation, sessionId, tokens: { ...tokensOf(serial), sessionId, generation } });

describe('a sign-out that Redis has lost', () => {
  /** A sign-out that another process missed: it has refreshed since. */
  async function resurrect(ahead = 10) {
    const session = await openSignedIn();
    const { sessionId } = entry();
    await session.signOut();
    const { generation } = entry();
    putTokens(generation + ahead, sessionId);
    return { session, sessionId, generation: generation + ahead };
  }

  it('does not win over the next sign-in, even if clocks differ', async () => {
    const { session, generation } = await resurrect(60_000);
    tellAll();
    await clock.tick(0);
    await session.signIn(tokensOf(5));
    expect(entry().tokens.accessToken).toBe('access-5');
    expect(entry().generation).toBeGreaterThan(generation + 1);
    expect(session.status).toBe('signed-in');
  });
});

describe('a sign-in that could not be recorded', () => {
  async function signInLate() {
    const session = open();
    await session.ready;
    fail();
    await outcome(session.signIn(tokensOf(1)));
    recover();
    return session;
  }

  it('is dropped after a sign-out', async () => {
    const session = await signInLate();
    await session.signOut();
    redis.double.flush();
    await clock.tick(300);
    expect(redis.double.get('k')).toBeNull();
  });
});

it('a refresh that ends because of a sign-out is not a failure', async () => {
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

it('a session notices a sign-in elsewhere when it records the pause after a failed refresh', async () => {
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

describe('the commands of a session', () => {
  const asked = () => redis.commands.splice(0);

  it('are one read when it opens', async () => {
    await openSignedIn();
    asked();
    await open().ready;
    expect(asked()).toEqual(['get k']);
  });

  it('are none when it opens with an empty custom store', async () => {
    const coordination = redisFleet({ client: redis.node(), key: 'k' });
    await open({ store: { read: async () => null, write: async () => {}, coordination } }).ready;
    expect(asked()).toEqual([]);
  });

  it('are one read if the entry that it knows is written again', async () => {
    await openSignedIn();
    put(entry());
    asked();
    tellAll();
    await clock.tick(0);
    expect(asked()).toEqual(['get k']);
  });

  it('are the start of the turn, one write and the end of the turn for a refresh', async () => {
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

  it('are only the start of the turn if Redis does not respond', async () => {
    const session = await openSignedIn();
    fail();
    asked();
    await outcome(session.refresh());
    await clock.tick(0);
    expect(asked()).toEqual(['turn k {k}:turn']);
  });
});

describe('sessions in one process', () => {
  function share(key = 'k') {
    const client = redis.node();
    const store = (other = key) => redisStore({ client, key: other, timeout: 500 });
    return { store, open: (other?: string) => open({ store: store(other) }) };
  }

  it('learn what one of them reads in its turn', async () => {
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
});
