import { describe, expect, it, vi } from 'vitest';
import { type Session, signOutBy, type TokenSet } from '../../src/index.js';
import { redisStore } from '../../src/redis/index.js';
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
  useFleet,
} from './fleet.js';

useFleet();

describe('two processes with one session', () => {
  it('refresh once: the other process adopts the tokens', async () => {
    const one = await openSignedIn();
    const two = open();
    await two.ready;
    await one.refresh();
    expect(await two.getAccessToken()).toBe('access-1');
    await clock.tick(1_100);
    await two.refresh();
    expect(refresh.mock.calls.map(([{ refreshToken }]) => refreshToken)).toEqual(['refresh-1', 'refresh-2']);
  });

  it('refresh once if they do so at the same time', async () => {
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

  it('sign out without a message if a store in their process signs out', async () => {
    const client = redis.node();
    const store = () => redisStore({ client, key: 'k' });
    const session = await openSignedIn({ store: store() });
    deafen();
    await store().write(null);
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
  });

  it('open with one command each', async () => {
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

describe('a refresh', () => {
  it('that a sign-in ends is not a failure, so the next refresh does not wait', async () => {
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

  it.each<[string, (session: Session) => unknown]>([
    ['whose user signs out', (session) => session.signOut()],
    ['whose session is disposed', (session) => session.dispose()],
  ])('%s while it waits in its turn does not call the backend', async (_, end) => {
    const session = await openSignedIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    redis.before = () => (redis.commands.at(-1) === 'eval k' ? promise : undefined);
    const signedIn = session.signIn(tokensOf(7));
    const refreshed = outcome(session.refresh());
    await clock.tick(0);
    expect(redis.double.get('{k}:turn')).not.toBeNull();
    const ended = end(session);
    resolve();
    await Promise.all([signedIn, refreshed, ended]);
    await clock.tick(0);
    expect(refresh).not.toHaveBeenCalled();
    expect(redis.double.get('{k}:turn')).toBeNull();
  });

  describe.each([
    ['', {}],
    [', with a backend that has signOut', { signOut: signOutBy(async () => {}) }],
  ])('whose session is disposed during the call%s', (_, more) => {
    /** The backend was called and has not responded. */
    async function closeDuringCall() {
      const answer = Promise.withResolvers<TokenSet>();
      const backend = { readTokens: (body: unknown) => body as TokenSet, refresh, ...more };
      const session = await openSignedIn({ backend });
      refresh.mockImplementationOnce(() => answer.promise);
      const refreshed = outcome(session.refresh());
      await clock.tick(0);
      session.dispose();
      expect(await refreshed).toMatchObject({ code: 'signed_out' });
      return { session, ...answer };
    }

    it('continues, because the other processes need its tokens', async () => {
      const { session, resolve } = await closeDuringCall();
      const other = open();
      const refreshed = other.refresh();
      await clock.tick(500);
      expect(refresh).toHaveBeenCalledOnce();
      expect(refresh.mock.calls[0]![1].signal.aborted).toBe(false);
      resolve(tokensOf(2));
      await clock.tick(2_000);
      await refreshed;
      expect(await other.getAccessToken()).toBe('access-2');
      expect(refresh).toHaveBeenCalledOnce();
      expect(types(session)).not.toContain('refreshed');
      expect(redis.double.get('{k}:turn')).toBeNull();
    });

    it('gives its turn back when the call fails', async () => {
      const { reject } = await closeDuringCall();
      expect(redis.double.get('{k}:turn')).not.toBeNull();
      reject(new Error('down'));
      await clock.tick(0);
      expect(redis.double.get('{k}:turn')).toBeNull();
      expect(entry().tokens.accessToken).toBe('access-1');
    });

    it('gives its turn back when the call times out', async () => {
      await closeDuringCall();
      await clock.tick(29_000);
      expect(redis.double.get('{k}:turn')).not.toBeNull();
      await clock.tick(1_001);
      expect(redis.double.get('{k}:turn')).toBeNull();
    });
  });

  it('adopts tokens from before this package in one process for all', async () => {
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
  it('is recorded by a process that has not read the tokens yet', async () => {
    await openSignedIn();
    await open().signOut();
    expect(entry().tokens).toBeNull();
  });
});
