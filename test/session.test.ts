import { describe, expect, it, vi } from 'vitest';
import { envelopeBackend, isSessionError, memoryStore, type TokenSet, tabs } from '../src/index.js';
import { createApp, outcome } from './support/app.js';
import { fakeClock } from './support/clock.js';
import { mockNetwork } from './support/mock-network.js';

mockNetwork();

const backend = envelopeBackend({ url: 'https://api.test/update_token/' });
const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;

describe('a session', () => {
  it('has a status and claims', async () => {
    const { session } = createApp();
    expect([session.status, session.claims]).toEqual(['signed-out', null]);
    await session.signIn({ accessToken: jwt({ sub: 'kevin', name: 'Kevin' }) });
    expect([session.status, session.claims]).toEqual(['signed-in', { sub: 'kevin', name: 'Kevin' }]);
    await session.signOut();
    expect([session.status, session.claims]).toEqual(['signed-out', null]);
  });

  it.each(['opaque', 'a.b.c', 'e30.not-json.x', `e30.${btoa('"text"')}.x`, `e30.${btoa('null')}.x`])(
    'accepts the opaque token %s',
    async (accessToken) => {
      const { session } = createApp();
      await session.signIn({ accessToken });
      expect([session.status, session.claims]).toEqual(['signed-in', null]);
      expect(await session.getAccessToken()).toBe(accessToken);
    },
  );

  it.each([
    [{ accessToken: 'white space' }, '"accessToken" must be a non-empty string of visible ASCII characters'],
    [
      { accessToken: 'a', refreshToken: '' },
      '"refreshToken" must be a non-empty string of ASCII characters, or absent, got an empty string',
    ],
    [{ accessToken: 'a', expiresAt: 'soon' }, '"expiresAt" must be a time in ms since the epoch, or absent'],
    [
      { accessToken: 'a', expiresAt: Number.NaN },
      '"expiresAt" must be a time in ms since the epoch, or absent',
    ],
  ])('rejects the token set %j', async (tokens, message) => {
    const { session } = createApp();
    const error = await outcome(session.signIn(tokens));
    expect(isSessionError(error, 'invalid_token_response')).toBe(true);
    expect((error as Error).message).toContain(message);
    expect(session.status).toBe('signed-out');
  });

  it.each([undefined, null, 'secret', {}])(
    'rejects if refresh() of the backend returns %j',
    async (answer) => {
      const own = { ...backend, refresh: async () => answer as never };
      const { session } = createApp({ session: { backend: own } });
      await session.signIn({ accessToken: 'a', refreshToken: 'r' });
      const error = await outcome(session.refresh());
      expect(isSessionError(error, 'invalid_token_response')).toBe(true);
      expect((error as Error).message).toMatch(/^"accessToken" must be a non-empty string .* got undefined$/);
      expect(session.status).toBe('signed-in');
    },
  );

  it('rejects getAccessToken and refresh while nobody is signed in', async () => {
    const { session } = createApp();
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
    expect(await outcome(session.refresh())).toMatchObject({ code: 'signed_out' });
  });

  it('emits events that contain no token', async () => {
    const clock = fakeClock();
    const { session, server, order, logIn, events } = createApp();
    await logIn();
    await clock.tick(60_000);
    await order();
    server.failNext('refresh', { status: 503 });
    await outcome(session.refresh());
    await session.signOut();
    expect(events.map(({ type }) => type)).toEqual([
      'signed-in',
      'refreshing',
      'refreshed',
      'refreshing',
      'refresh-failed',
      'signed-out',
    ]);
    expect(events[2]).toMatchObject({ expiresAt: expect.any(Number) });
    expect(events[4]).toMatchObject({ error: { code: 'refresh_unavailable' } });
    expect(events[5]).toMatchObject({ reason: 'signed_out', returnTo: expect.stringMatching(/^\//) });
    expect(JSON.stringify(events)).not.toMatch(/ey[\w-]+\./);
  });

  it('calls the other listeners if one throws', async () => {
    const report = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    const { session, events } = createApp();
    session.subscribe(() => {
      throw new Error('a bug of the application');
    });
    const last = vi.fn();
    session.subscribe(last);
    await session.signIn({ accessToken: 'a' });
    expect(events.length).toBe(1);
    expect(last).toHaveBeenCalledOnce();
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });

  it('calls a function that is subscribed twice two times, until it is unsubscribed twice', async () => {
    const { session } = createApp();
    const listener = vi.fn();
    const end = session.subscribe(listener);
    session.subscribe(listener);
    end();
    end();
    await session.signIn({ accessToken: 'a' });
    expect(listener).toHaveBeenCalledOnce();
  });

  it('keeps the tokens if identify throws: the user is unknown, and the error is reported', async () => {
    const report = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => {});
    const { session } = createApp({
      session: {
        identify(_, { accessToken }) {
          if (accessToken === 'new') throw new TypeError('no such claim');
          return 'kevin';
        },
        backend: { refresh: async () => ({ accessToken: 'new' }), readTokens: (body) => body as TokenSet },
      },
    });
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    await session.refresh();
    expect(await session.getAccessToken()).toBe('new');
    expect(report).toHaveBeenCalledOnce();
    report.mockRestore();
  });

  it('leaves no listener behind if the store’s subscribe throws', () => {
    const listen = vi.fn();
    vi.stubGlobal('addEventListener', listen);
    const subscribe = () => {
      throw new Error('a bug of the store');
    };
    const store = { coordination: tabs('app'), read: () => null, write() {}, subscribe };
    expect(() => createApp({ session: { store } })).toThrow('a bug of the store');
    expect(listen).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  it('emits one event for two sign-outs', async () => {
    const onSignedOut = vi.fn();
    const { session } = createApp({ session: { onSignedOut } });
    await session.signIn({ accessToken: 'a' });
    await Promise.all([session.signOut(), session.signOut()]);
    expect(onSignedOut).toHaveBeenCalledExactlyOnceWith({
      type: 'signed-out',
      reason: 'signed_out',
      returnTo: expect.any(String),
    });
  });

  it('starts no timer and no refresh for a lifetime of years', async () => {
    const clock = fakeClock({ timers: true });
    const { session, server } = createApp({ session: { store: memoryStore() } });
    await session.signIn({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: Date.now() + 30 * 365 * 86_400_000,
    });
    await clock.tick(26 * 86_400_000);
    expect(await session.getAccessToken()).toBe('a');
    expect(server.stats.requests).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
