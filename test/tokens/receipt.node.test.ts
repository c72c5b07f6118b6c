import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noteReceipt } from '../../src/tokens/receipt.js';
import { fakeClock } from '../support/clock.js';
import { jwtOf } from '../support/jwt.js';

let now: number;
beforeEach(() => {
  fakeClock();
  now = Date.now();
});
afterEach(() => void vi.useRealTimers());

/** With an expiry so many seconds from now. */
const token = (seconds: number) => jwtOf({ exp: Math.floor(now / 1000) + seconds });

describe('tokens that are received', () => {
  it('are noted once: what was noted before stays as it is', () => {
    const noted = { accessToken: token(60), receivedAt: 7 };
    expect(noteReceipt(noted, true)).toBe(noted);
    expect(noteReceipt({ accessToken: 'a', receivedAt: 0 }, true)).toEqual({
      accessToken: 'a',
      receivedAt: 0,
    });
  });

  it('expire as their claims say, and keep what else came with them', () => {
    const tokens = { accessToken: token(60), refreshToken: 'r', user: 'kevin' };
    expect(noteReceipt(tokens, false)).toEqual({ ...tokens, receivedAt: now, expiresAt: now - 250 + 60_000 });
  });

  it('expire as the backend has worked it out, rather than as their claims say', () => {
    const tokens = { accessToken: token(60), expiresAt: now + 5_000 };
    expect(noteReceipt(tokens, true)).toEqual({ ...tokens, receivedAt: now });
  });

  it('have no expiry if nothing tells it', () => {
    expect(noteReceipt({ accessToken: 'opaque' }, true)).toStrictEqual({
      accessToken: 'opaque',
      receivedAt: now,
    });
  });

  it.each([0, -5_000])('have no expiry if they were made this moment and expired %i ms from now', (ms) => {
    const noted = noteReceipt({ accessToken: 'opaque', expiresAt: now + ms }, true);
    expect(noted).toStrictEqual({ accessToken: 'opaque', receivedAt: now });
  });

  it('keep a past expiry if they were made before', () => {
    expect(noteReceipt({ accessToken: 'opaque', expiresAt: now - 5_000 }, false)).toMatchObject({
      expiresAt: now - 5_000,
    });
  });

  it('take their iat for the server’s clock only if they were made for this answer', () => {
    const iat = Math.floor(now / 1000) - 3_600;
    const accessToken = jwtOf({ exp: iat + 60, iat });
    expect(noteReceipt({ accessToken }, true)).toMatchObject({ expiresAt: now + 59_000 });
    expect(noteReceipt({ accessToken }, false)).toMatchObject({ expiresAt: now - 250 - 3_540_000 });
  });
});
