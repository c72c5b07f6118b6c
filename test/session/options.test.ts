import { describe, expect, it } from 'vitest';
import {
  createSession,
  envelopeBackend,
  localStorageStore,
  SessionError,
  type SessionOptions,
} from '../../src/index.js';

const backend = envelopeBackend({ url: 'https://api.test/update_token/' });

describe('createSession', () => {
  it.each([
    [{}, '"backend" must be an object with refresh() and readTokens(), got undefined'],
    [{ backend: 'x' }, '"backend" must be an object with refresh() and readTokens(), got a string'],
    [
      { backend: { refresh() {} } },
      '"backend" must be an object with refresh() and readTokens(), got an object',
    ],
    [
      { backend: envelopeBackend },
      '"backend" must be an object with refresh() and readTokens(), got a function: call it',
    ],
    [{ backend, store: {} }, '"store" must be an object with read() and write(), got an object'],
    [
      { backend, store: localStorageStore },
      '"store" must be an object with read() and write(), got a function: call it',
    ],
    [
      { backend, leeway: -1 },
      '"leeway" must be a non-negative number of milliseconds, at most 2147483647, got -1',
    ],
    [
      { backend, leeway: Number.NaN },
      '"leeway" must be a non-negative number of milliseconds, at most 2147483647, got NaN',
    ],
    [
      { backend, refreshAhead: '60' },
      '"refreshAhead" must be a non-negative number of milliseconds, at most 2147483647, got a string',
    ],
    [
      { backend, refreshTimeout: 0 },
      '"refreshTimeout" must be a positive number of milliseconds, at most 2147483647, got 0',
    ],
    [
      { backend, refreshTimeout: 2 ** 31 },
      '"refreshTimeout" must be a positive number of milliseconds, at most 2147483647, got 2147483648',
    ],
    [{ backend, identify: 'sub' }, '"identify" must be a function, got a string'],
    [{ backend, onSignedOut: '/login' }, '"onSignedOut" must be a function, got a string'],
    [{ backend, refreshAHead: 0 }, 'There is no option "refreshAHead": check its spelling'],
    [{ backend, keepAlive: true }, 'There is no option "keepAlive": check its spelling'],
  ])('names the invalid option in set %#', (options, message) => {
    expect(() => createSession(options as unknown as SessionOptions)).toThrow(message);
    expect(() => createSession(options as unknown as SessionOptions)).not.toThrow(SessionError);
  });

  it.each<[string, () => unknown]>([
    [
      '"backend" must be an object with refresh() and readTokens(), got a string',
      () => createSession({ backend: 'secret' as never }),
    ],
    ['"key" must be a non-empty string, got an empty string', () => localStorageStore({ key: '' })],
    ['"key" must be a non-empty string, got 7', () => localStorageStore({ key: 7 as never })],
  ])('describes an invalid value only by its kind: %s', (message, act) => {
    expect(act).toThrow(new TypeError(message));
  });

  it('accepts the shortest and the longest times', () => {
    const longest = 2 ** 31 - 1;
    for (const [least, most] of [
      [0, 1],
      [longest, longest],
    ] as const)
      createSession({
        backend,
        leeway: least,
        refreshAhead: least,
        refreshTimeout: most,
        reauthenticateTimeout: most,
      }).dispose();
  });

  it('treats undefined options as absent, even unknown ones', () => {
    const options = { backend, leeway: undefined, theme: undefined } as unknown as SessionOptions;
    expect(createSession(options).status).toBe('signed-out');
  });

  it('throws an error that says what is missing if it gets no options', () => {
    expect(() => createSession(undefined as unknown as SessionOptions)).toThrow(
      '"backend" must be an object',
    );
  });

  it('returns a frozen object whose log shows no token', async () => {
    const session = createSession({ backend });
    await session.signIn({ accessToken: 'secret', refreshToken: 'secret' });
    expect(JSON.stringify(session)).not.toContain('secret');
    expect(Object.keys(session).sort()).toEqual(
      [
        'claims',
        'dispose',
        'getAccessToken',
        'ready',
        'refresh',
        'signIn',
        'signOut',
        'status',
        'subscribe',
      ].sort(),
    );
    expect(Object.isFrozen(session)).toBe(true);
    session.dispose();
  });
});
