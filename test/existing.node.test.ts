import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  httpBackend,
  SessionError,
  type SessionOptions,
  type TokenSet,
  type TokenStore,
  tabs,
} from '../src/index.js';
import { outcome, times } from './support/app.js';

const HOUR = 3_600_000;

/** What all tabs of the browser share. */
let disk: TokenSet | null;
let name: string;
let refreshes: string[];
/** The refresh token that the server accepts next. Each can be used once. */
let valid: string;

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://app.example/'));
  vi.stubGlobal('indexedDB', new IDBFactory());
  name = crypto.randomUUID();
  disk = null;
  refreshes = [];
  valid = 'old-refresh';
});

afterEach(() => vi.unstubAllGlobals());

function sharedStore(): TokenStore {
  return { coordination: tabs(name), read: () => disk, write: (tokens) => void (disk = tokens) };
}

/** A tab whose backend has strict rotation. */
function open(options: Partial<SessionOptions> = {}) {
  const session = createSession({
    backend: {
      async refresh({ refreshToken = '' }) {
        refreshes.push(refreshToken);
        if (refreshToken !== valid) throw new SessionError('refresh_rejected', 'reuse');
        valid = `refresh-${refreshes.length}`;
        const expiresAt = Date.now() + HOUR;
        return { accessToken: `access-${refreshes.length}`, refreshToken: valid, expiresAt };
      },
      readTokens(body) {
        const { token, refresh } = body as { token?: string; refresh?: string };
        if (!token) throw new SessionError('invalid_token_response', 'no token');
        return { accessToken: token, ...(refresh && { refreshToken: refresh }) };
      },
    },
    store: sharedStore(),
    ...options,
  });
  onTestFinished(() => session.dispose());
  return session;
}

const expired = { accessToken: 'old-access', refreshToken: 'old-refresh', expiresAt: Date.now() - HOUR };

describe('existing', () => {
  it('signs in with the tokens of the old code, and stores them', async () => {
    const session = open({ existing: () => ({ ...expired, expiresAt: Date.now() + HOUR }) });
    expect(session.status).toBe('restoring');
    await session.ready;
    expect(session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('old-access');
    expect(refreshes).toEqual([]);
    expect(disk).toMatchObject({ accessToken: 'old-access', refreshToken: 'old-refresh' });
  });

  it('accepts a login response too', async () => {
    const session = open({ existing: () => ({ token: 'old-access', refresh: 'old-refresh' }) });
    expect(await session.getAccessToken()).toBe('old-access');
  });

  it.each([
    { accessToken: null, refreshToken: null },
    { accessToken: '', refreshToken: '' },
    { refreshToken: undefined },
    '',
    false,
  ])(
    'is signed out, without an error and without a refresh, if it returns nothing, or empty keys: %o',
    async (tokens) => {
      const session = open({ existing: () => tokens as object });
      await session.ready;
      expect(session.status).toBe('signed-out');
      expect(refreshes).toEqual([]);
    },
  );

  it('accepts a refresh token alone, and uses it at once', async () => {
    const session = open({ existing: async () => ({ refreshToken: 'old-refresh' }) });
    expect(await session.getAccessToken()).toBe('access-1');
    expect(refreshes).toEqual(['old-refresh']);
    expect(disk).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' });
  });

  it.each([
    ['expired tokens', expired],
    ['a refresh token alone', { refreshToken: 'old-refresh' }],
  ])('is called once and refreshed once in three tabs that open together with %s', async (_, tokens) => {
    const existing = vi.fn(() => tokens);
    const sessions = Array.from({ length: 3 }, () => open({ existing }));
    const answers = await Promise.all(sessions.map((session) => session.getAccessToken()));
    expect(answers).toEqual(['access-1', 'access-1', 'access-1']);
    expect(refreshes).toEqual(['old-refresh']);
    expect(existing).toHaveBeenCalledTimes(1);
  });

  it('is not called if the store holds tokens', async () => {
    disk = { accessToken: 'kept', generation: Date.now() };
    const existing = vi.fn(() => expired);
    const session = open({ existing });
    expect(session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('kept');
    expect(existing).not.toHaveBeenCalled();
  });

  it('is not called again after a sign-out', async () => {
    const existing = vi.fn(() => ({ refreshToken: 'old-refresh' }));
    const session = open({ existing });
    await session.ready;
    await session.signOut();
    session.dispose();
    const next = open({ existing });
    await next.ready;
    expect(next.status).toBe('signed-out');
    expect(existing).toHaveBeenCalledTimes(1);
  });

  it('is not called again after the backend has ended the session', async () => {
    const session = open({ existing: () => expired });
    await session.ready;
    valid = 'revoked';
    await session.refresh().catch(() => {});
    expect(session.status).toBe('signed-out');
    const existing = vi.fn(() => ({ ...expired, expiresAt: Date.now() + HOUR }));
    const next = open({ existing });
    await next.ready;
    expect(next.status).toBe('signed-out');
    expect(existing).not.toHaveBeenCalled();
  });

  it('is not called if the store was cleared after an earlier visit', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const session = open();
    await session.signIn({ accessToken: 'a', refreshToken: 'r' });
    session.dispose();
    disk = null;
    vi.setSystemTime(Date.now() + 24 * HOUR);
    const existing = vi.fn(() => expired);
    const next = open({ existing });
    await next.ready;
    vi.useRealTimers();
    expect(next.status).toBe('signed-out');
    expect(existing).not.toHaveBeenCalled();
  });

  it.each([null, undefined])(
    'leaves the session signed out, without a refresh, if it returns %s',
    async (nothing) => {
      const onSignedOut = vi.fn();
      const session = open({ existing: () => nothing, onSignedOut });
      await session.ready;
      expect(session.status).toBe('signed-out');
      expect(refreshes).toEqual([]);
      expect(onSignedOut).not.toHaveBeenCalled();
      expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
    },
  );

  it('leaves the session signed out if its refresh token is refused', async () => {
    valid = 'another';
    const session = open({ existing: () => ({ refreshToken: 'old-refresh' }) });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(refreshes).toEqual(['old-refresh']);
  });

  it('is reported if it throws, and leaves the session signed out', async () => {
    const reported: unknown[] = [];
    const listener = (error: unknown) => void reported.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', listener);
    const session = open({
      existing() {
        throw new Error('a bug of the application');
      },
    });
    await session.ready;
    await new Promise(setImmediate);
    process.removeListener('uncaughtException', listener);
    for (const other of others) process.on('uncaughtException', other);
    expect(session.status).toBe('signed-out');
    expect(reported).toMatchObject([{ message: 'a bug of the application' }]);
  });

  it('works for a single session with an asynchronous store', async () => {
    let held: TokenSet | null = null;
    const store = { read: async () => held, write: async (tokens: TokenSet | null) => void (held = tokens) };
    const session = open({ store, existing: () => ({ refreshToken: 'old-refresh' }) });
    await session.ready;
    expect(session.status).toBe('signed-in');
    expect(held).toMatchObject({ accessToken: 'access-1' });
  });

  it('is refreshed again by the next request if the backend was unreachable', async () => {
    let isDown = true;
    const backend = {
      async refresh() {
        if (isDown) throw new Error('down');
        return { accessToken: 'good' };
      },
      readTokens: (body: unknown) => body as TokenSet,
    };
    const session = open({ backend, existing: () => ({ refreshToken: 'old-refresh' }) });
    await session.ready;
    expect(session.status).toBe('restoring');
    isDown = false;
    expect(await session.getAccessToken()).toBe('good');
  });
});

describe('a store that holds the tokens of the old code under its own key', () => {
  it('three tabs that open together refresh once, and nobody is signed out', async () => {
    disk = { ...expired };
    const sessions = times(3, async () => open().getAccessToken());
    expect(await sessions).toEqual(['access-1', 'access-1', 'access-1']);
    expect(refreshes).toEqual(['old-refresh']);
  });

  it('a tab that sees the old tokens late uses the new ones', async () => {
    disk = { ...expired };
    const first = open();
    expect(await first.getAccessToken()).toBe('access-1');
    const stale: TokenStore = { ...sharedStore(), read: () => ({ ...expired }) };
    const late = open({ store: stale });
    expect(await late.getAccessToken()).toBe('access-1');
    expect(refreshes).toEqual(['old-refresh']);
  });
});

describe('a shared store to which the application writes token sets', () => {
  it('is used without conversion, even if the backend’s responses have other fields with the same names', async () => {
    let changed = () => {};
    const subscribe = (listener: () => void) => {
      changed = listener;
      return () => {};
    };
    const store = { ...sharedStore(), subscribe };
    const fields = { accessToken: 'accessToken', refreshToken: 'refreshToken' };
    const session = open({ backend: httpBackend({ url: 'https://api.example/refresh', fields }), store });
    await session.ready;
    const expiresAt = Date.now() + HOUR;
    disk = { accessToken: 'opaque', refreshToken: 'r', expiresAt };
    changed();
    await expect.poll(() => disk?.generation).toBeGreaterThan(0);
    expect(disk).toMatchObject({ accessToken: 'opaque', refreshToken: 'r', expiresAt });
  });
});
