import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Credentials } from '../../src/tokens/credentials.js';
import type { TokenSet } from '../../src/tokens/token-set.js';
import { fakeClock } from '../support/clock.js';

const HOUR = 3_600_000;
const MARGINS = { leeway: 10_000, refreshAhead: 60_000 };

let clock: ReturnType<typeof fakeClock>;
beforeEach(async () => {
  clock = fakeClock();
  await clock.tick(5_000); // as if the page had been open for a while
});
afterEach(() => void vi.useRealTimers());

function credentials(tokens: Partial<TokenSet>, margins = MARGINS): Credentials {
  return new Credentials({ accessToken: 'a', ...tokens }, null, undefined, 1, {}, margins);
}

/** Credentials received now, valid for `lifetime` ms. */
const received = (lifetime: number, margins = MARGINS) =>
  credentials({ receivedAt: Date.now(), expiresAt: Date.now() + lifetime }, margins);

describe('credentials with a known lifetime', () => {
  it('become ageing at refreshAhead and stale at leeway before they expire', () => {
    const { ageingIn, staleIn, usable } = received(HOUR);
    expect({ ageingIn, staleIn, usable }).toEqual({
      ageingIn: HOUR - 60_000,
      staleIn: HOUR - 10_000,
      usable: true,
    });
  });

  it('shrink the margins of a short lifetime to a quarter and a tenth', () => {
    const { ageingIn, staleIn } = received(40_000);
    expect({ ageingIn, staleIn }).toEqual({ ageingIn: 30_000, staleIn: 36_000 });
  });

  it('are never stale before they are ageing', () => {
    const { ageingIn, staleIn } = received(HOUR, { leeway: 10_000, refreshAhead: 0 });
    expect(ageingIn).toBe(staleIn);
  });

  it('calculate the margins from the whole lifetime, not from the rest', () => {
    const { ageingIn, staleIn } = credentials({
      receivedAt: Date.now() - 50_000,
      expiresAt: Date.now() + 50_000,
    });
    expect({ ageingIn, staleIn }).toEqual({ ageingIn: 25_000, staleIn: 40_000 });
  });

  it('count from now if the time of receipt is unknown', () => {
    expect(credentials({ expiresAt: Date.now() + 40_000 }).staleIn).toBe(36_000);
  });

  it('can be used until they expire, although they are stale earlier', async () => {
    const held = received(40_000);
    await clock.tick(39_999);
    expect(held.staleIn).toBeLessThan(0);
    expect(held.usable).toBe(true);
    await clock.tick(1);
    expect(held.usable).toBe(false);
  });

  it('do not live longer if the computer clock was set back after they were stored', () => {
    const receivedAt = Date.now() + HOUR;
    const { staleIn } = credentials({ receivedAt, expiresAt: receivedAt + 100_000 });
    expect(staleIn).toBe(90_000);
  });

  it('have expired from the start if they expired before they were received', () => {
    const held = credentials({ receivedAt: Date.now() + 10_000, expiresAt: Date.now() + 5_000 });
    expect(held.staleIn).toBe(0);
    expect(held.usable).toBe(false);
  });
});

describe('credentials with an unknown lifetime', () => {
  it('never become stale by the clock', () => {
    const { ageingIn, staleIn, usable } = credentials({});
    expect({ ageingIn, staleIn, usable }).toEqual({
      ageingIn: Number.POSITIVE_INFINITY,
      staleIn: Number.POSITIVE_INFINITY,
      usable: true,
    });
  });
});

describe('the clock of credentials', () => {
  it('does not go back if the computer clock is set back', async () => {
    const held = received(HOUR);
    await clock.tick(10_000);
    clock.set(-HOUR);
    expect(held.staleIn).toBe(HOUR - 20_000);
  });

  it('includes the time that the computer slept, which the page’s own clock does not show', () => {
    const held = received(HOUR);
    clock.set(HOUR);
    expect(held.usable).toBe(false);
  });
});

describe('credentials that the server refused', () => {
  it('are stale at once and cannot be used', () => {
    const held = received(HOUR);
    held.distrust(Date.now());
    expect(held.usable).toBe(false);
    expect(Math.max(held.ageingIn, held.staleIn)).toBeLessThan(0);
  });

  it('remember the latest request that was refused, in whatever order the responses arrive', () => {
    const held = received(HOUR);
    held.distrust(2);
    held.distrust(1);
    expect(held.refusedAt).toBe(2);
  });

  it('are used until they expire if no refresh is possible', async () => {
    const held = received(HOUR);
    held.distrust(Date.now());
    held.useUntilExpiry();
    expect(held.usable).toBe(true);
    expect([held.ageingIn, held.staleIn]).toEqual([HOUR, HOUR]);
    await clock.tick(HOUR);
    expect(held.usable).toBe(false);
  });
});
