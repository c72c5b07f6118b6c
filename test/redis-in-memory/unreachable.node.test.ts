import { describe, expect, it, vi } from 'vitest';
import { SessionError, type TokenSet } from '../../src/index.js';
import { redisStore } from '../../src/redis/index.js';
import { outcome } from '../support/outcome.js';
import {
  clock,
  deafen,
  entry,
  fail,
  open,
  openSignedIn,
  put,
  recover,
  redis,
  refresh,
  tokensOf,
  types,
  UNAVAILABLE,
  useFleet,
} from './fleet.js';

useFleet();

/** The backend responds, and then Redis is unreachable. */
async function refreshAndLose(): Promise<TokenSet> {
  fail();
  return tokensOf(2);
}

describe('while Redis is unreachable', () => {
  it('a valid token is used, and no refresh starts without the ledger', async () => {
    const session = await openSignedIn();
    fail();
    expect(await outcome(session.refresh())).toMatchObject(UNAVAILABLE);
    expect(await session.getAccessToken()).toBe('access-1');
    expect(refresh).not.toHaveBeenCalled();
    expect(types(session)).toContain('refresh-failed');
    expect(session.status).toBe('signed-in');
  });

  it('the next attempt waits a little', async () => {
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

  it('a session that opens is restoring, and finds its tokens later', async () => {
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

  it('tokens of a refresh that began before are used, and recorded when Redis responds again', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(refreshAndLose);
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types(session)).toContain('store-failed');
    expect(entry().tokens.accessToken).toBe('access-1');
    session.dispose();
    recover();
    await clock.tick(1_000);
    expect(entry().tokens.accessToken).toBe('access-2');
  });

  it('such tokens are recorded before the next refresh', async () => {
    const session = await openSignedIn();
    refresh.mockImplementationOnce(refreshAndLose);
    await session.refresh();
    recover();
    const refreshed = session.refresh();
    await clock.tick(0);
    await refreshed;
    expect(entry().tokens.accessToken).toBe('access-2');
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('such tokens are replaced by those of another process', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(refreshAndLose);
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

  it('such tokens are dropped after a sign-out', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(refreshAndLose);
    await session.refresh();
    recover();
    await session.signOut();
    await clock.tick(100_000);
    expect(entry().tokens).toBeNull();
  });

  it('such tokens are dropped after a sign-out even if that could not be recorded either', async () => {
    let tiny = 0;
    vi.spyOn(Math, 'random').mockImplementation(() => ++tiny / 1e9); // they would be written before the sign-out
    const session = await openSignedIn();
    refresh.mockImplementation(refreshAndLose);
    await session.refresh();
    await outcome(session.signOut());
    recover();
    await clock.tick(10_000);
    expect([session.status, entry().tokens]).toEqual(['signed-out', null]);
  });

  it('such tokens replace the old ones, even if another process has recorded a pause', async () => {
    const session = await openSignedIn();
    const other = open();
    await clock.tick(1_100);
    refresh.mockImplementationOnce(refreshAndLose);
    await session.refresh();
    recover();
    redis.double.set('{k}:turn', 'nobody', 0); // because the turn could not be given back
    refresh.mockRejectedValueOnce(new Error('down'));
    expect(await outcome(other.refresh())).toMatchObject(UNAVAILABLE);
    await clock.tick(0);
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('a refusal of the backend does not end the session', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(async () => {
      fail();
      throw new SessionError('refresh_rejected', 'no');
    });
    expect(await outcome(session.refresh())).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('signed-in');
  });

  it.each([
    ['over no entry', async () => {}],
    [
      'over the sign-out of another user',
      async () => {
        await redisStore({ client: redis.node(), key: 'k' }).write(null);
        clock.set(1);
      },
    ],
  ])(
    'a sign-in rejects but counts in its process, and is recorded when Redis responds again: %s',
    async (_, prepare) => {
      await prepare();
      const session = open();
      await session.ready;
      fail();
      expect(await outcome(session.signIn(tokensOf(1)))).toMatchObject(UNAVAILABLE);
      expect(await session.getAccessToken()).toBe('access-1');
      recover();
      await clock.tick(300); // before the client reconnects and the session restores lost data
      expect(entry()).toMatchObject({ tokens: tokensOf(1), sessionId: expect.any(String) });
    },
  );

  it('a sign-in whose reply was lost is not recorded twice', async () => {
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

  it('a sign-out rejects but counts in its process, and is recorded when Redis responds again', async () => {
    const session = await openSignedIn();
    fail();
    expect(await outcome(session.signOut())).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('signed-out');
    recover();
    await clock.tick(1_000);
    expect(entry().tokens).toBeNull();
  });

  it('a late sign-out ends the session even if another process has refreshed it meanwhile', async () => {
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

  it('a late sign-out is dropped after a sign-in in the same process', async () => {
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

  it('a late sign-out does not undo a later sign-in', async () => {
    const session = await openSignedIn();
    fail();
    await outcome(session.signOut());
    put({ generation: Date.now() + 100, sessionId: 'other', tokens: { ...tokensOf(9), sessionId: 'other' } });
    recover();
    await clock.tick(1_000);
    expect(entry().tokens.accessToken).toBe('access-9');
    expect(await session.getAccessToken()).toBe('access-9');
  });

  it('a sign-in that was not recorded is dropped if its session is disposed', async () => {
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
