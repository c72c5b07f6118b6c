import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  localStorageStore,
  type Session,
  sharedMemoryStore,
  signOutBy,
  type TokenSet,
  type TokenStore,
} from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { fakeStorage } from '../support/storage.js';
import { usePage } from '../tabs/page.js';
import { stubTabs } from '../tabs/quick-channel.js';

usePage();
let clock: ReturnType<typeof fakeClock>;
/** The refresh tokens that the server is asked to revoke, in the order of the calls. */
let revoked: (string | undefined)[];
let refresh: ReturnType<typeof vi.fn<(tokens: TokenSet) => Promise<TokenSet>>>;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  stubTabs();
  revoked = [];
  refresh = vi.fn(async () => tokensOf(2));
});

const tokensOf = (serial: number): TokenSet => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
  expiresAt: Date.now() + 600_000,
});

function open(store: TokenStore = sharedMemoryStore()): Session {
  const backend = {
    readTokens: (body: unknown) => body as TokenSet,
    refresh,
    signOut: signOutBy(async ({ refreshToken }) => void revoked.push(refreshToken)),
  };
  const session = createSession({ backend, store });
  onTestFinished(() => session.dispose());
  return session;
}

/** A tab that signed in and holds the refresh token, and a tab that got only the access token from it. */
async function openTwoTabs() {
  const holder = open();
  await clock.through(holder.ready);
  await clock.through(holder.signIn(tokensOf(1)));
  const other = open();
  await clock.through(other.ready);
  expect(other.status).toBe('signed-in');
  return { holder, other };
}

describe('a sign-out with sharedMemoryStore()', () => {
  it('revokes the refresh token if another tab than the one that holds it signs out', async () => {
    const { holder, other } = await openTwoTabs();
    await clock.through(other.signOut());
    await clock.pass(1_000);
    expect(holder.status).toBe('signed-out');
    expect(revoked.filter(Boolean)).toEqual(['refresh-1']);
  });

  it('revokes the refresh token of the last refresh', async () => {
    const { holder, other } = await openTwoTabs();
    await clock.through(holder.refresh());
    await clock.pass(60_000);
    await clock.through(other.signOut());
    await clock.pass(1_000);
    expect(revoked.filter(Boolean)).toEqual(['refresh-2']);
  });

  it('revokes it once if the tab that holds it signs out', async () => {
    const { holder, other } = await openTwoTabs();
    await clock.through(holder.signOut());
    await clock.pass(1_000);
    expect(other.status).toBe('signed-out');
    expect(revoked).toEqual(['refresh-1']);
  });

  it('does not revoke a refresh token of an earlier sign-in', async () => {
    const { holder, other } = await openTwoTabs();
    await clock.through(other.signIn(tokensOf(7)));
    await clock.pass(5_000);
    expect(holder.status).toBe('signed-in');
    await clock.through(other.signOut());
    await clock.pass(1_000);
    await clock.through(holder.signIn(tokensOf(8)));
    await clock.through(holder.signOut());
    expect(revoked).toEqual(['refresh-7', 'refresh-8']);
  });
});

it('a sign-out with localStorageStore() revokes the refresh token only once', async () => {
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('localStorage', fakeStorage());
  const tabs = [open(localStorageStore())];
  await clock.through(tabs[0]!.signIn(tokensOf(1)));
  tabs.push(open(localStorageStore()));
  await clock.through(tabs[1]!.signOut());
  await clock.pass(1_000);
  expect(tabs.map(({ status }) => status)).toEqual(['signed-out', 'signed-out']);
  expect(revoked).toEqual(['refresh-1']);
});
