import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  type Backend,
  createSession,
  oauth2Backend,
  SessionError,
  type TokenSet,
  tabs,
} from '../src/index.js';
import { outcome } from './support/app.js';

let disk: TokenSet | null;
let name: string;

beforeEach(() => {
  vi.stubGlobal('location', new URL('https://app.example/'));
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  name = crypto.randomUUID();
  disk = null;
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** An application on this origin. The stores of all applications have the same key. */
function open(refreshUrl: string | undefined) {
  const asked: string[] = [];
  const backend: Backend = {
    ...(refreshUrl && { refreshUrl }),
    async refresh({ refreshToken = '' }) {
      asked.push(refreshToken);
      if (!refreshToken.startsWith(String(refreshUrl))) throw new SessionError('refresh_rejected', 'foreign');
      return { accessToken: `${refreshUrl}-access`, refreshToken: `${refreshUrl}-next` };
    },
    readTokens: (body) => body as TokenSet,
  };
  const store = {
    coordination: tabs(name),
    read: () => disk,
    write: (tokens: TokenSet | null) => void (disk = tokens),
  };
  const session = createSession({ backend, store });
  onTestFinished(() => session.dispose());
  return { session, asked };
}

const stale = (refreshUrl: string) => ({
  accessToken: `${refreshUrl}-old`,
  refreshToken: `${refreshUrl}-first`,
  expiresAt: 1,
});

it('tokens of one application are not sent to another’s backend, and a warning says what to do', async () => {
  const shop = open('shop');
  await shop.session.signIn(stale('shop'));
  const admin = open('admin');
  await admin.session.ready;
  expect(admin.session.status).toBe('signed-out');
  expect(await outcome(admin.session.getAccessToken())).toMatchObject({ code: 'signed_out' });
  expect(admin.asked).toEqual([]);
  expect(console.warn).toHaveBeenCalledWith(expect.stringContaining('Give each application its own `key`'));
});

it("two applications that are signed in at the same time do not adopt each other's tokens", async () => {
  const shop = open('shop');
  const admin = open('admin');
  await shop.session.signIn(stale('shop'));
  await admin.session.signIn(stale('admin'));
  expect(await shop.session.getAccessToken()).toBe('shop-access');
  expect(await admin.session.getAccessToken()).toBe('admin-access');
  expect(shop.asked).toEqual(['shop-first']);
  expect(admin.asked).toEqual(['admin-first']);
});

it("two clients of one OAuth 2.0 server do not use each other's tokens", async () => {
  const store = { read: () => disk, write: (tokens: TokenSet | null) => void (disk = tokens) };
  const open = (clientId: string) => {
    const backend = oauth2Backend({ url: 'https://id.example/token', clientId });
    const session = createSession({ backend, store });
    onTestFinished(() => session.dispose());
    return session;
  };
  await open('shop').signIn({ access_token: 'a', refresh_token: 'r', expires_in: 60 });
  expect([open('admin').status, open('shop').status]).toEqual(['signed-out', 'signed-in']);
});

it('two pages of the same application share the session', async () => {
  const first = open('shop');
  await first.session.signIn(stale('shop'));
  const second = open('shop');
  expect(await second.session.getAccessToken()).toBe('shop-access');
  expect(await first.session.getAccessToken()).toBe('shop-access');
  expect([...first.asked, ...second.asked]).toEqual(['shop-first']);
  expect(console.warn).not.toHaveBeenCalled();
});

it('a backend without a refreshUrl uses the stored tokens, and so does a backend that reads tokens without one', async () => {
  disk = { accessToken: 'kept', refreshUrl: 'shop', generation: Date.now() };
  expect(await open(undefined).session.getAccessToken()).toBe('kept');
  disk = { accessToken: 'kept', generation: Date.now() };
  expect(await open('shop').session.getAccessToken()).toBe('kept');
});
