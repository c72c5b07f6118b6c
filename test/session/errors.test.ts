import { describe, expect, it, onTestFinished } from 'vitest';
import { createSession, isSessionError, SessionError, type TokenSet } from '../../src/index.js';

describe('isSessionError', () => {
  it('distinguishes errors, in any realm', () => {
    const error = new SessionError('refresh_timeout', 'late', { cause: 'x', retryAfter: 5 });
    expect(isSessionError(error)).toBe(true);
    expect(isSessionError(error, 'refresh_timeout')).toBe(true);
    expect(isSessionError(error, 'signed_out')).toBe(false);
    expect(isSessionError({ name: 'SessionError', code: 'signed_out' }, 'signed_out')).toBe(true);
    expect(error).toMatchObject({ name: 'SessionError', message: 'late', cause: 'x', retryAfter: 5 });
    expect(error).toBeInstanceOf(Error);
  });

  it('recognizes session errors with the name AbortError by their lowercase codes', () => {
    expect(isSessionError({ name: 'AbortError', code: 'signed_out' })).toBe(true);
    expect(isSessionError({ name: 'AbortError', code: 'session_changed' }, 'session_changed')).toBe(true);
    expect(isSessionError({ name: 'AbortError', code: 'session_changed' }, 'signed_out')).toBe(false);
    expect(isSessionError(new DOMException('aborted', 'AbortError'))).toBe(false);
    expect(isSessionError({ name: 'AbortError', code: 'ABORT_ERR' })).toBe(false);
    expect(isSessionError({ name: 'AxiosError', code: 'signed_out' })).toBe(false);
  });

  it.each([undefined, null, 'x', new Error('x'), { code: 'signed_out' }])('returns false for %j', (value) => {
    expect(isSessionError(value)).toBe(false);
  });
});

describe('a SessionError', () => {
  it('has no field for an unknown value', () => {
    expect(Object.keys(new SessionError('signed_out', 'nobody'))).not.toContain('retryAfter');
    expect(new SessionError('refresh_unavailable', 'busy', { retryAfter: 0 }).retryAfter).toBe(0);
  });

  const failing = (reason: unknown) => {
    const refresh = () => Promise.reject(reason);
    const session = createSession({ backend: { refresh, readTokens: (body) => body as TokenSet } });
    onTestFinished(() => session.dispose());
    return session.signIn({ accessToken: 'a' }).then(() => session.refresh().catch((error) => error));
  };

  it('keeps the message of the backend’s error, and nothing that could contain a token', async () => {
    const reason = Object.assign(new TypeError('Failed to fetch'), { config: { token: 'secret' } });
    const error = (await failing(reason)) as unknown as SessionError;
    expect(error.message).toBe('The refresh failed: Failed to fetch');
    const { name, message, stack } = reason;
    expect(error.cause).toMatchObject({ name, message, stack });
    expect(Object.keys(error.cause as object)).not.toContain('config');
  });

  it.each([
    ['a text', 'down', 'down'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
  ])('has a message even if the backend throws %s', async (_, reason, words) => {
    const error = (await failing(reason)) as unknown as SessionError;
    expect(error.message).toBe(`The refresh failed: ${words}`);
    expect(error.cause).toMatchObject({ name: 'Error', message: words });
  });
});
