import { describe, expect, it } from 'vitest';
import { readClaims, subjectOf } from '../../src/tokens/claims.js';
import { jwtOf } from '../support/jwt.js';

describe('the claims of an access token', () => {
  it('are the payload of a JWT, and frozen', () => {
    const claims = readClaims(jwtOf({ sub: 'kevin', exp: 1 }));
    expect(claims).toEqual({ sub: 'kevin', exp: 1 });
    expect(Object.isFrozen(claims)).toBe(true);
  });

  it.each(['opaque', 'a.b.c', '', jwtOf(null), jwtOf('kevin'), jwtOf(7)])(
    'are null for %j, which is still used',
    (accessToken) => {
      expect(readClaims(accessToken)).toBeNull();
    },
  );
});

describe('the user of a session, from the claims', () => {
  it.each([
    [{ sub: 'kevin' }, 'kevin'],
    [{ sub: 'kevin', user_id: 1 }, 'kevin'],
    [{ user_id: 1 }, '1'],
    [{ user_id: 0 }, '0'],
    [{ sub: null, user_id: 1 }, '1'],
    [{ sub: '' }, ''],
    [{ user_id: null }, undefined],
    [{}, undefined],
    [null, undefined],
  ])('%j: %j', (claims, subject) => {
    expect(subjectOf(claims)).toBe(subject);
  });
});
