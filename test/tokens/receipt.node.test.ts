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

/** A token that expires in this many seconds. */
const token = (seconds: number) => jwtOf({ exp: Math.floor(now / 1000) + seconds });

describe('new tokens', () => {
  it('get their times once: existing times do not change', () => {
    const noted = { accessToken: token(60), receivedAt: 7 };
    expect(noteReceipt(noted, true)).toBe(noted);
    expect(noteReceipt({ accessToken: 'a', receivedAt: 0 }, true)).toEqual({
      accessToken: 'a',
      receivedAt: 0,
    });
  });

  it('expire as their claims say, and keep their other fields', () => {
    const tokens = { accessToken: token(60), refreshToken: 'r', user: 'kevin' };
    expect(noteReceipt(tokens, false)).toEqual({ ...tokens, receivedAt: now, expiresAt: now - 250 + 60_000 });
  });

  it('expire when the backend says, even if the claims differ', () => {
    const tokens = { accessToken: token(60), expiresAt: now + 5_000 };
    expect(noteReceipt(tokens, true)).toEqual({ ...tokens, receivedAt: now });
  });

  it('have no expiry if it is unknown', () => {
    expect(noteReceipt({ accessToken: 'opaque' }, true)).toStrictEqual({
      accessToken: 'opaque',
      receivedAt: now,
    });
  });

  it.each([0, -5_000])('have no expiry if they were created just now and expire %i ms from now', (ms) => {
    const noted = noteReceipt({ accessToken: 'opaque', expiresAt: now + ms }, true);
    expect(noted).toStrictEqual({ accessToken: 'opaque', receivedAt: now });
  });

  it('keep a past expiry if they were created earlier', () => {
    expect(noteReceipt({ accessToken: 'opaque', expiresAt: now - 5_000 }, false)).toMatchObject({
      expiresAt: now - 5_000,
    });
  });

  it('use their iat as the server’s clock only if they were created for this response', () => {
    const iat = Math.floor(now / 1000) - 3_600;
    const accessToken = jwtOf({ exp: iat + 60, iat });
    expect(noteReceipt({ accessToken }, true)).toMatchObject({ expiresAt: now + 59_000 });
    expect(noteReceipt({ accessToken }, false)).toMatchObject({ expiresAt: now - 250 - 3_540_000 });
  });
});
