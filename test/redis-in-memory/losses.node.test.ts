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
