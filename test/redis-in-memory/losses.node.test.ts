import { describe, expect, it } from 'vitest';
import { redisStore } from '../../src/redis/index.js';
import { outcome } from '../support/outcome.js';
import {
  clock,
  DAY,
  deafen,
  entry,
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

describe('a Redis that has lost data', () => {
  it('gets the tokens of a process that still has them', async () => {
    const session = await openSignedIn();
    const { tokens } = entry();
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry().tokens).toMatchObject({ accessToken: tokens.accessToken });
    expect(session.status).toBe('signed-in');
  });

  it('gets the tokens without a message too, after the next refresh that fails', async () => {
    const session = await openSignedIn();
    deafen();
    redis.double.flush();
    refresh.mockRejectedValue(new Error('down'));
    await outcome(session.refresh());
    await clock.tick(0);
    expect(entry().tokens).toMatchObject({ accessToken: 'access-1' });
  });

  it('gets the newer tokens of a process if it returns with an older copy', async () => {
    const session = await openSignedIn();
    const before = redis.double.get('k')!;
    await session.refresh();
    redis.double.set('k', before, DAY);
    tellAll();
    await clock.tick(0);
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('gets a lost sign-out again', async () => {
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

  it('gets nothing from a process that has no tokens', async () => {
    open();
    await clock.tick(1_100);
    tellAll();
    await clock.tick(0);
    expect(redis.double.get('k')).toBeNull();
  });

  it.each([
    ['about the same time, which counts because clocks differ', 4_999, 'signed-out'],
    ['an earlier time, which is ignored', 5_000, 'signed-in'],
  ])('with a sign-out of %s: by %i ms', async (_, ms, status) => {
    const session = await openSignedIn();
    const { generation } = entry();
    put({ generation: generation - ms, tokens: null });
    tellAll();
    await clock.tick(0);
    expect(session.status).toBe(status);
    expect(entry().tokens === null).toBe(status === 'signed-out');
  });

  it('gets a sign-out of about the same time again', async () => {
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

  it('gets the tokens once, from the first process', async () => {
    await openSignedIn();
    open();
    await clock.tick(1_100);
    const { generation } = entry();
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(entry().generation).toBe(generation);
  });

  it('keeps what another process writes meanwhile', async () => {
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
  ])('does not end a sign-in of that moment because of %s in it', async (_, found) => {
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

  it('gets nothing from a session that was disposed while it read, because that may be out of date', async () => {
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

  describe('and a sign-out that another process missed', () => {
    /**
     * The tokens are in Redis again, refreshed by the other process. The process that signed out does not know that
     * yet.
     */
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

    it('gets the sign-out again from the process that signed out', async () => {
      const { session, other } = await loseSignOut();
      const { generation } = entry();
      tellAll();
      await clock.tick(0);
      expect(entry().tokens).toBeNull();
      expect(entry().generation).toBeGreaterThan(generation);
      expect([session.status, other.status]).toEqual(['signed-out', 'signed-out']);
      expect(types(session)).toEqual(['signed-out']);
    });

    it('gets the sign-out a third time, with a generation above that of the tokens', async () => {
      const { other } = await loseSignOut();
      const { generation } = entry();
      tellAll();
      await clock.tick(0);
      other.dispose();
      redis.double.flush();
      tellAll();
      await clock.tick(0);
      expect(entry().tokens).toBeNull();
      expect(entry().generation).toBeGreaterThan(generation);
    });

    it('keeps a sign-in that another process records at that moment', async () => {
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

    it('gets the sign-out again even after another session, which ended elsewhere', async () => {
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

  it('gets nothing from a disposed session', async () => {
    const session = await openSignedIn();
    session.dispose();
    redis.double.flush();
    tellAll();
    await clock.tick(0);
    expect(redis.double.get('k')).toBeNull();
  });
});
