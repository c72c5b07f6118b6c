import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type Backend,
  cookieBackend,
  createSession,
  envelopeBackend,
  keepAlive,
  oauth2Backend,
  type Session,
  type SessionEvent,
  simpleJwtBackend,
  warnBeforeEnd,
} from '../../src/index.js';
import { fakeClock } from '../support/clock.js';

afterEach(() => void vi.useRealTimers());

const url = 'https://api.test/token';
const NOW = Date.parse('2026-11-24T08:00:00.000Z');
const MINUTE = 60_000;
const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;
const seconds = (ms: number) => ms / 1000;

describe("session.endsAt, from the backend's response", () => {
  const oauth2 = oauth2Backend({ url, clientId: 'shop' });
  const expired = jwt({ iat: seconds(NOW), exp: seconds(NOW + 30 * MINUTE) });
  it.each<[string, Backend, object, number | undefined]>([
    ['nothing', oauth2, { access_token: 'a', refresh_token: 'r' }, undefined],
    ['refresh_expires_in', oauth2, { access_token: 'a', refresh_token: 'r', refresh_expires_in: 1800 }, 30],
    ['it as text', oauth2, { access_token: 'a', refresh_token: 'r', refresh_expires_in: '1800' }, 30],
    [
      '0: it never expires',
      oauth2,
      { access_token: 'a', refresh_token: 'r', refresh_expires_in: 0 },
      undefined,
    ],
    ['another name', oauth2, { access_token: 'a', refresh_token: 'r', refresh_token_expires_in: 1800 }, 30],
    ['a JWT, unasked', oauth2, { access_token: 'a', refresh_token: expired }, undefined],
    [
      'a JWT',
      oauth2Backend({ url, clientId: 'shop', refreshTokenIsJwt: true }),
      { access_token: 'a', refresh_token: expired },
      30,
    ],
    [
      'a JWT that has expired: a clock is wrong',
      oauth2Backend({ url, clientId: 'shop', refreshTokenIsJwt: true }),
      { access_token: 'a', refresh_token: jwt({ exp: seconds(NOW - MINUTE) }) },
      undefined,
    ],
    ['simplejwt’s JWT', simpleJwtBackend({ url }), { access: 'a', refresh: expired }, 30],
    [
      'simplejwt’s JWT, not to be read',
      simpleJwtBackend({ url, refreshTokenIsJwt: false }),
      { access: 'a', refresh: expired },
      undefined,
    ],
    [
      'an envelope',
      envelopeBackend({ url }),
      { code: 1001, data: { token: 'a', refresh_token: 'r', refresh_expires_in: 1800 } },
      30,
    ],
    ['a cookie', cookieBackend({ url }), { access_token: 'a', refresh_expires_in: 1800 }, 30],
  ])('%s', async (_, backend, answer, minutes) => {
    fakeClock({ now: NOW });
    const session = createSession({ backend: { ...backend, coordination: undefined as never } });
    onTestFinished(() => session.dispose());
    await session.signIn(answer);
    expect(session.endsAt).toBe(minutes && NOW + minutes * MINUTE);
  });
});

interface Setup {
  session: Session;
  events: SessionEvent[];
  /** The times of the refreshes in minutes. */
  refreshes: number[];
  clock: ReturnType<typeof fakeClock>;
}

/** A session whose refresh token lives for `ends` minutes. `sliding`: each refresh extends it by the same time. */
async function open(
  ends: number | undefined,
  { access = 5, sliding = false, fail = false } = {},
): Promise<Setup> {
  const clock = fakeClock({ timers: true, now: NOW });
  const refreshes: number[] = [];
  let failing = fail;
  const answer = (endsAt: number | undefined) => ({
    accessToken: `a${refreshes.length}`,
    refreshToken: 'r',
    expiresAt: Date.now() + access * MINUTE,
    endsAt,
  });
  const endOf = () => ends && (sliding ? Date.now() : NOW) + ends * MINUTE;
  const session = createSession({
    backend: {
      readTokens: () => answer(endOf()),
      async refresh() {
        refreshes.push((Date.now() - NOW) / MINUTE);
        if (failing) {
          failing = false;
          throw new Error('offline');
        }
        return answer(endOf());
      },
    },
  });
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  onTestFinished(() => session.dispose());
  await session.signIn({});
  return { session, events, refreshes, clock };
}

const endings = (events: SessionEvent[]) => events.filter(({ type }) => type === 'ending');

describe('keepAlive and the end of the refresh token', () => {
  it('refreshes until the end, but not later', async () => {
    const { session, refreshes, clock } = await open(12);
    keepAlive(session);
    for (let minute = 0; minute < 60; minute++) await clock.tick(MINUTE);
    expect(refreshes).toEqual([4, 8, 11]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('continues as long as each refresh extends the session', async () => {
    const { session, refreshes, clock } = await open(12, { sliding: true });
    keepAlive(session);
    for (let minute = 0; minute < 60; minute++) await clock.tick(MINUTE);
    expect(refreshes).toHaveLength(15);
  });

  it('refreshes before the refresh token expires if that is before the access token does', async () => {
    const { session, refreshes, clock } = await open(30, { access: 60, sliding: true });
    keepAlive(session);
    for (let minute = 0; minute < 90; minute++) await clock.tick(MINUTE);
    expect(refreshes).toEqual([29, 58, 87]);
  });

  it('tries again if the last refresh before the end failed', async () => {
    const { session, refreshes, clock } = await open(30, { access: 60, fail: true });
    keepAlive(session);
    for (let seconds = 0; seconds < 90 * 60; seconds += 10) await clock.tick(10_000);
    expect(refreshes).toHaveLength(2);
    expect(refreshes[0]).toBe(29);
    expect(refreshes[1]).toBeLessThan(29.1);
  });
});

describe('warnBeforeEnd', () => {
  it('warns once, a configurable time before the end', async () => {
    const { session, events, clock } = await open(12);
    warnBeforeEnd(session, { before: 2 * MINUTE });
    await clock.tick(10 * MINUTE - 1);
    expect(endings(events)).toEqual([]);
    await clock.tick(1);
    expect(endings(events)).toEqual([{ type: 'ending', endsAt: NOW + 12 * MINUTE }]);
    await clock.tick(60 * MINUTE);
    expect(endings(events)).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('warns five minutes before by default, and at once if less time is left', async () => {
    const { session, events, clock } = await open(3);
    warnBeforeEnd(session);
    await clock.tick(0);
    expect(endings(events)).toHaveLength(1);
  });

  it('starts again when a refresh has extended the session', async () => {
    const { session, events, clock } = await open(12, { sliding: true });
    warnBeforeEnd(session);
    await clock.tick(6 * MINUTE);
    await session.refresh();
    await clock.tick(6 * MINUTE);
    expect(endings(events)).toEqual([]);
    await clock.tick(MINUTE);
    expect(endings(events)).toEqual([{ type: 'ending', endsAt: NOW + 18 * MINUTE }]);
  });

  it('does not warn if the computer wakes up after the end, or if the end is unknown', async () => {
    const { session, events, clock } = await open(12);
    warnBeforeEnd(session);
    clock.set(60 * MINUTE); // simulates sleep
    await clock.tick(12 * MINUTE);
    expect(endings(events)).toEqual([]);
    const unknown = await open(undefined);
    warnBeforeEnd(unknown.session);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with the session, when it is stopped, and with dispose', async () => {
    const { session } = await open(12);
    const stop = warnBeforeEnd(session);
    expect(vi.getTimerCount()).toBe(1);
    await session.signOut();
    expect(vi.getTimerCount()).toBe(0);
    await session.signIn({});
    expect(vi.getTimerCount()).toBe(1);
    stop();
    expect(vi.getTimerCount()).toBe(0);
    warnBeforeEnd(session);
    session.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -1, Number.NaN, '5', 2 ** 31])('%s throws', async (before) => {
    const { session } = await open(12);
    expect(() => warnBeforeEnd(session, { before: before as number })).toThrow(
      '"before" must be a positive number of milliseconds, at most 2147483647, got ',
    );
  });
});
