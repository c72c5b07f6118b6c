import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  memoryStore,
  type Session,
  type SessionOptions,
  type TokenSet,
} from '../../src/index.js';
import { outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';

const LIFETIME = 60_000;
let clock: ReturnType<typeof fakeClock>;
let page: EventTarget;

beforeEach(() => {
  clock = fakeClock();
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A session as in a tab of its own: the channel reaches the others of this page too. */
function open(
  refresh: SessionOptions['backend']['refresh'] = () => Promise.reject(new Error('not here')),
): Session {
  const session = createSession({
    backend: { refresh, readTokens: (body) => body as TokenSet },
    store: memoryStore({ share: true }),
  });
  onTestFinished(() => session.dispose());
  return session;
}

const tokens = (serial: number) => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
  expiresAt: Date.now() + LIFETIME,
});

/** A tab with an expired token, whose refresh token has gone with the tab that signed in. */
async function openOrphan(): Promise<Session> {
  const first = open();
  await first.signIn(tokens(0));
  const second = open();
  await second.ready;
  first.dispose();
  await clock.tick(LIFETIME);
  return second;
}

describe('memory that is shared', () => {
  it('hands a tab that is opened the access token, and refreshes for it in the tab that signed in', async () => {
    const spent: (string | undefined)[] = [];
    const first = open(async ({ refreshToken }) => {
      spent.push(refreshToken);
      return tokens(1);
    });
    await first.signIn(tokens(0));
    const second = open();
    await second.ready;
    expect(await second.getAccessToken()).toBe('access-0');
    await clock.tick(LIFETIME);
    expect(await second.getAccessToken()).toBe('access-1');
    expect(spent).toEqual(['refresh-0']);
  });

  it('a tab that is opened waits for one that is busy, if somebody is known to be signed in', async () => {
    const busyFor = 1_000;
    class BusyChannel extends BroadcastChannel {
      override set onmessage(hear: (event: MessageEvent) => void) {
        super.onmessage = (event) => setTimeout(() => hear(event as MessageEvent), busyFor);
      }
    }
    vi.stubGlobal('BroadcastChannel', BusyChannel);
    const first = open();
    vi.unstubAllGlobals();
    await first.signIn(tokens(0));
    clock = fakeClock({ timers: true });
    const second = open();
    for (let ms = 0; ms < busyFor + 200; ms += 100) {
      expect(second.status).toBe('restoring');
      await clock.tick(100);
      await new Promise((resolve) => setImmediate(resolve)); // messages take their time
      if (ms > busyFor) break;
    }
    await second.ready;
    expect(second.status).toBe('signed-in');
  });

  it('says nothing of the refresh token', async () => {
    const heard: unknown[] = [];
    const channel = new BroadcastChannel('unexpired:memory');
    channel.onmessage = ({ data }: MessageEvent) => heard.push(data);
    onTestFinished(() => channel.close());
    await open().signIn(tokens(0));
    await open().ready;
    await expect.poll(() => JSON.stringify(heard)).toContain('access-0');
    expect(JSON.stringify(heard)).not.toContain('refresh-0');
  });

  it('ends a session whose refresh token has gone with its tab', async () => {
    const second = await openOrphan();
    expect(await outcome(second.getAccessToken())).toMatchObject({ code: 'refresh_rejected' });
    expect(second.status).toBe('signed-out');
  });

  it('a page that is put away while it asks keeps its session', async () => {
    const second = await openOrphan();
    const asking = outcome(second.getAccessToken());
    await new Promise((resolve) => setTimeout(resolve, 20));
    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    expect(await asking).toMatchObject({ code: 'refresh_unavailable' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(second.status).toBe('signed-in');
  });
});
