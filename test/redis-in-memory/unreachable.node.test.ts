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

/** The backend answers, and Redis cannot be reached any more. */
async function refreshAndLose(): Promise<TokenSet> {
  fail();
  return tokensOf(2);
}

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

  it('such tokens are written before the next refresh', async () => {
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

  it('such tokens give way to those of another process', async () => {
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

  it('such tokens are forgotten after a sign-out', async () => {
    const session = await openSignedIn();
    refresh.mockImplementation(refreshAndLose);
    await session.refresh();
    recover();
    await session.signOut();
    await clock.tick(100_000);
    expect(entry().tokens).toBeNull();
  });

  it('such tokens are forgotten also after a sign-out that could not be written either', async () => {
    let tiny = 0;
    vi.spyOn(Math, 'random').mockImplementation(() => ++tiny / 1e9); // they would be tried before the sign-out
    const session = await openSignedIn();
    refresh.mockImplementation(refreshAndLose);
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
    refresh.mockImplementationOnce(refreshAndLose);
    await session.refresh();
    recover();
    redis.double.set('{k}:turn', 'nobody', 0); // it could not be given back
    refresh.mockRejectedValueOnce(new Error('down'));
    expect(await outcome(other.refresh())).toMatchObject(UNAVAILABLE);
    await clock.tick(0);
    expect(refresh).toHaveBeenCalledTimes(2);
    expect(await session.getAccessToken()).toBe('access-2');
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
