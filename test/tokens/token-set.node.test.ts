import { describe, expect, it } from 'vitest';
import { isSessionError } from '../../src/index.js';
import { kindOf } from '../../src/kind-of.js';
import { assertTokenSet, extrasOf, isSameTokenSet, isTokenSet } from '../../src/tokens/token-set.js';

/** The message of the error for an invalid value, or `undefined` if the value is a token set. */
function complaint(...args: Parameters<typeof assertTokenSet>): string | undefined {
  try {
    const check: (...args: Parameters<typeof assertTokenSet>) => void = assertTokenSet;
    check(...args);
    return undefined;
  } catch (error) {
    if (!isSessionError(error) || error.code !== 'invalid_token_response') throw error;
    return error.message;
  }
}

describe('a token set', () => {
  it.each([
    [{ accessToken: 'a' }],
    [{ accessToken: '!~', refreshToken: 'r s', expiresAt: 0 }],
    [{ accessToken: 'a', refreshToken: undefined, expiresAt: undefined }],
  ])('may be %j', (tokens) => {
    expect(complaint(tokens)).toBeUndefined();
    expect(isTokenSet(tokens)).toBe(true);
  });

  it.each([
    ['', 'an empty string'],
    ['a b', 'a string of another form'],
    ['a\n', 'a string of another form'],
    ['\u00e9', 'a string of another form'],
    ['a\u007f', 'a string of another form'],
    [7, '7'],
    [undefined, 'undefined'],
  ])('rejects %j as an access token, and does not show it', (accessToken, kind) => {
    expect(complaint({ accessToken })).toBe(
      `"accessToken" must be a non-empty string of visible ASCII characters, got ${kind}`,
    );
  });

  it.each([
    ['', 'an empty string'],
    ['\u00e9r', 'a string of another form'],
    ['r\n', 'a string of another form'],
    [7, '7'],
    [null, 'null'],
  ])('rejects %j as a refresh token', (refreshToken, kind) => {
    expect(complaint({ accessToken: 'a', refreshToken })).toBe(
      `"refreshToken" must be a non-empty string of ASCII characters, or absent, got ${kind}`,
    );
  });

  it.each([
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    ['1', 'a string of another form'],
    [null, 'null'],
  ])('rejects %j as an expiry', (expiresAt, kind) => {
    expect(complaint({ accessToken: 'a', expiresAt })).toBe(
      `"expiresAt" must be a time in ms since the epoch, or absent, got ${kind}`,
    );
  });

  it('is checked under the names that the backend uses', () => {
    const names = { accessToken: 'data.token', refreshToken: 'data.refresh_token' };
    expect(complaint({ accessToken: '' }, names)).toContain('"data.token" must be');
    expect(complaint({ accessToken: 'a', refreshToken: '' }, names)).toContain(
      '"data.refresh_token" must be',
    );
  });

  it('is missing if there is no value at all', () => {
    expect(complaint(undefined)).toContain('"accessToken" must be');
  });

  it.each([[null], [undefined], ['a'], [[]], [{}], [{ accessToken: '' }], [{ accessToken: 7 }]])(
    'is not %j',
    (value) => {
      expect(isTokenSet(value)).toBe(false);
    },
  );

  it('is not an array, whatever its fields', () => {
    expect(isTokenSet(Object.assign([], { accessToken: 'a' }))).toBe(false);
  });
});

describe('the extra fields of a token set', () => {
  it('are those that have no meaning for the SDK', () => {
    const known = { accessToken: 'a', refreshToken: 'r', expiresAt: 1, receivedAt: 2, endsAt: 3 };
    const shared = { generation: 4, sessionId: 'one', refreshUrl: '/token' };
    expect(extrasOf({ ...known, ...shared, scope: 'read', id_token: 'x' })).toEqual({
      scope: 'read',
      id_token: 'x',
    });
  });
});

describe('two equal token sets', () => {
  it('have the same access token and the same refresh token', () => {
    const tokens = { accessToken: 'a', refreshToken: 'r' };
    expect(isSameTokenSet(tokens, { ...tokens, expiresAt: 1 })).toBe(true);
    expect(isSameTokenSet(tokens, { ...tokens, accessToken: 'b' })).toBe(false);
    expect(isSameTokenSet(tokens, { ...tokens, refreshToken: 's' })).toBe(false);
    expect(isSameTokenSet({ accessToken: 'a' }, { accessToken: 'a' })).toBe(true);
  });
});

describe('the kind of a value in error messages', () => {
  it.each([
    ['', 'an empty string'],
    ['secret', 'a string of another form'],
    [() => 'secret', 'a function: call it'],
    [[], 'an array'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [Promise.resolve(), 'a promise: await it'],
    [{ config: {}, data: {} }, 'an axios response: pass response.data'],
    [new Response(), 'a response: pass await response.json()'],
    [{ json: {}, get: () => {} }, 'an object with json, get'], // for example a client of Redis
    [{}, 'an object with no fields'],
    [{ token: 'secret', id: 1 }, 'an object with token, id'],
    [{ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1 }, 'an object with a, b, c, d, e, f, g, h'],
  ])('%o', (value, kind) => {
    expect(kindOf(value)).toBe(kind);
  });
});
