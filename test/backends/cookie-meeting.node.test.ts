import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CookieMeeting } from '../../src/backends/cookie-meeting.js';
import type { Member } from '../../src/coordination/coordination.js';
import type { LedgerEntry } from '../../src/coordination/meeting.js';
import { Credentials } from '../../src/tokens/credentials.js';
import type { TokenSet } from '../../src/tokens/token-set.js';
import { fakeClock } from '../support/clock.js';
import { usePage } from '../tabs/page.js';

usePage();

let clock: ReturnType<typeof fakeClock>;
let now: number;
beforeEach(() => {
  clock = fakeClock();
  now = Date.now();
  vi.stubGlobal('indexedDB', new IDBFactory());
});

function hold(more: Partial<TokenSet> = {}): Credentials {
  const tokens = { accessToken: 'cookie-0', sessionId: 'one', user: 'ann', receivedAt: now, ...more };
  return new Credentials(tokens, null, undefined, 1, {}, { leeway: 0, refreshAhead: 0 });
}

function meetingOf(credentials: Credentials | null | undefined): CookieMeeting {
  const backend = { refreshUrl: 'https://api.test/refresh' };
  return new CookieMeeting('app', { state: { credentials }, settings: { backend } } as Member);
}

/** What a tab with these credentials reads from the ledger. */
async function learnt(
  credentials: Credentials | null | undefined,
  entry: Partial<LedgerEntry>,
): Promise<LedgerEntry | undefined> {
  await meetingOf(null).update(() => ({ generation: now, sessionId: 'one', ...entry }));
  return meetingOf(credentials).update(() => undefined);
}

describe('with cookies, another tab’s refresh', () => {
  it('renews the expiry in this tab, with a new placeholder', async () => {
    const held = hold({ expiresAt: now + 60_000 });
    await clock.tick(30_000);
    const generation = now + 20_000.25;
    expect(await learnt(held, { generation })).toStrictEqual({
      generation,
      sessionId: 'one',
      tokens: {
        accessToken: expect.stringMatching(/^cookie-(?!0$)\w+$/),
        sessionId: 'one',
        user: 'ann',
        receivedAt: now + 20_000,
        expiresAt: now + 80_000,
      },
    });
  });

  it('renews tokens without an expiry too', async () => {
    const entry = await learnt(hold(), {});
    expect(entry?.tokens).toMatchObject({ receivedAt: now });
    expect(entry?.tokens).not.toHaveProperty('expiresAt');
  });

  it('counts from now if its time is in the future, because the clock was set back', async () => {
    expect((await learnt(hold(), { generation: now + 5_000.25 }))?.tokens?.receivedAt).toBe(now);
  });

  it.each([
    ['renews nothing if it came before', -1, undefined],
    ['renews nothing if it came at the same moment as', 0, undefined],
    ['renews the tokens if it came after', 1, { accessToken: expect.any(String) }],
  ])('%s the sending of a request that was refused', async (_, difference, tokens) => {
    const held = hold();
    held.distrust(now);
    await clock.tick(10);
    const entry = await learnt(held, { generation: now + difference + 0.25 });
    if (tokens) expect(entry?.tokens).toMatchObject(tokens);
    else expect(entry?.tokens).toBeUndefined();
  });

  it.each([
    [60_000, true],
    [60_001, false],
  ])('renews nothing once its tokens have expired: after %i ms, expired is %s', async (ago, isOver) => {
    const held = hold({ expiresAt: now + 60_000 });
    await clock.tick(ago);
    expect((await learnt(held, { generation: now + (isOver ? 0 : 2) }))?.tokens === undefined).toBe(isOver);
  });

  it.each([
    ['with another session', () => hold({ sessionId: 'two' })],
    ['that is signed out', () => null],
    ['that is still restoring its session', () => undefined],
  ])('gives no tokens to a tab %s', async (_, credentials) => {
    expect(await learnt(credentials(), {})).toMatchObject({ sessionId: 'one', tokens: undefined });
  });
});

describe('with cookies, the ledger', () => {
  it('passes a sign-out to every tab', async () => {
    expect(await learnt(hold(), { tokens: null })).toMatchObject({ tokens: null });
  });

  it('may still be empty', async () => {
    expect(await meetingOf(hold()).update(() => undefined)).toBeUndefined();
  });

  it('is separate for each server, and holds no tokens', () => {
    expect(meetingOf(null)).toMatchObject({
      name: 'unexpired:app:https://api.test/refresh',
      persistent: false,
    });
  });
});
