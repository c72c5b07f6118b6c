import { describe, expect, it } from 'vitest';
import { expiryOf } from '../../src/tokens/expiry.js';

/** A time in ms since the epoch, in the middle of a second. */
const NOW = Date.parse('2026-11-24T08:00:00.250Z');
const SECOND = Math.floor(NOW / 1000);
const HOUR = 3_600;

/** The time in ms from now until the token expires. */
function left(...[claims, evidence]: [Parameters<typeof expiryOf>[0], Parameters<typeof expiryOf>[1]]) {
  const expiresAt = expiryOf(claims, evidence, NOW);
  return expiresAt === undefined ? undefined : expiresAt - NOW;
}

describe('the expiry of an access token from expires_in', () => {
  it.each([60, '60'])('counts %j seconds from receipt, whatever the claims say', (expiresIn) => {
    expect(left({ exp: SECOND + HOUR }, { expiresIn, expiryTime: NOW + 5_000 })).toBe(60_000);
  });

  it.each(['60.5', '60.25'])('counts %j seconds, with their fraction', (expiresIn) => {
    expect(left(null, { expiresIn })).toBe(Number(expiresIn) * 1000);
  });

  it.each([0, -60, 'soon', '1e3', 'a60', '60s', '60.', [60], null, undefined])(
    'ignores %j, which is not a lifetime',
    (expiresIn) => {
      expect(left(null, { expiresIn })).toBeUndefined();
      expect(left({ exp: SECOND + HOUR }, { expiresIn })).toBe(HOUR * 1000 - 250);
    },
  );
});

describe('the last moment that a Date can hold', () => {
  const LAST = 8.64e12;

  it('can be an expiry, by expires_in and by exp', () => {
    expect(expiryOf(null, { expiresIn: LAST }, 0)).toBe(LAST * 1000);
    expect(expiryOf({ exp: LAST }, {}, 0)).toBe(LAST * 1000);
  });

  it('makes a later expiry unknown', () => {
    expect(expiryOf(null, { expiresIn: LAST + 1 }, 0)).toBeUndefined();
    expect(expiryOf(null, { expiresIn: 1e308 }, 0)).toBeUndefined();
    expect(expiryOf({ exp: LAST + 1 }, {}, 0)).toBeUndefined();
  });

  it('makes a later iat unknown', () => {
    expect(left({ exp: SECOND + HOUR, iat: LAST + 1 }, {})).toBe(HOUR * 1000 - 250);
  });
});

describe('the expiry of an access token from a separate time', () => {
  it('is that time if the server’s clock is unknown', () => {
    expect(left(null, { expiryTime: NOW + 5_000 })).toBe(5_000);
  });

  it('is compared with the server’s clock if that is known', () => {
    const serverTime = (SECOND + HOUR) * 1000;
    expect(left(null, { serverTime, expiryTime: serverTime + 61_000 })).toBe(60_000);
  });

  it('is unknown if there is none', () => {
    expect(left(null, { serverTime: NOW })).toBeUndefined();
    expect(left({}, { minted: true })).toBeUndefined();
  });

  it('has lower priority than the expiry in the claims', () => {
    expect(left({ exp: SECOND + HOUR }, { expiryTime: NOW + 5_000 })).toBe(HOUR * 1000 - 250);
  });
});

describe('the expiry of an access token from its claims', () => {
  it.each([undefined, String(SECOND + HOUR), null])('is unknown if exp is %j', (exp) => {
    expect(left({ exp }, {})).toBeUndefined();
  });

  it('counts from now for a token that was created earlier', () => {
    expect(left({ exp: SECOND + HOUR, iat: SECOND - HOUR }, {})).toBe(HOUR * 1000 - 250);
  });

  it('is never later than the lifetime from iat to exp', () => {
    expect(left({ exp: SECOND + 2 * HOUR, iat: SECOND + HOUR }, {})).toBe(HOUR * 1000);
  });

  it('uses iat as the server’s clock if the token was created for this response', () => {
    const iat = SECOND - 5 * HOUR;
    // The server's iat has whole seconds, so up to one second of the lifetime has passed.
    expect(left({ exp: iat + HOUR, iat }, { minted: true })).toBe((HOUR - 1) * 1000);
    expect(left({ exp: iat + HOUR, iat }, {})).toBe(-4 * HOUR * 1000 - 250);
  });

  it('prefers the Date header to iat', () => {
    const serverTime = (SECOND + HOUR) * 1000;
    const claims = { exp: SECOND + HOUR + 61, iat: SECOND - HOUR };
    expect(left(claims, { minted: true, serverTime })).toBe(60_000);
  });

  it.each([
    ['began before it', -250],
    ['begins with it', 0],
  ])('uses this computer’s clock if the whole second of the server’s iat %s', (_, printed) => {
    expect(left({ exp: SECOND + HOUR }, { serverTime: NOW + printed })).toBe(HOUR * 1000 - 250);
  });

  it.each([
    ['a second behind', -1_250, -250],
    ['slightly ahead', 1, 1_001],
  ])('uses the server’s clock if it is %s', (_, printed, ahead) => {
    expect(left({ exp: SECOND + HOUR }, { serverTime: NOW + printed })).toBe(HOUR * 1000 - 250 - ahead);
  });

  it('is unknown for a new token that seems to live less than a second', () => {
    expect(left({ exp: SECOND + 1 }, { minted: true })).toBeUndefined();
    expect(left({ exp: SECOND + 1 }, {})).toBe(750);
    expect(expiryOf({ exp: SECOND + 1 }, { minted: true }, SECOND * 1000)).toBe((SECOND + 1) * 1000);
  });
});
