import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Backend,
  cookieBackend,
  envelopeBackend,
  oauth2Backend,
  type SessionError,
  simpleJwtBackend,
} from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { reply, stubFetch } from '../support/fetch-stub.js';

const url = 'https://api.test/token/refresh/';
const TOKENS = { accessToken: 'a', refreshToken: 'r' };
const REFUSAL = { detail: 'Token is invalid', code: 'token_not_valid' };

afterEach(() => void vi.useRealTimers());

const refresh = (backend: Backend = simpleJwtBackend({ url })) =>
  backend.refresh(TOKENS, { signal: new AbortController().signal });

/** The error of a refresh with this response. */
async function errorFor(response: Response, backend?: Backend): Promise<SessionError> {
  stubFetch(() => response);
  return refresh(backend).then(
    () => {
      throw new Error('It did not fail');
    },
    (error) => error,
  );
}

describe('the request for new tokens', () => {
  it('is a POST that sends no cookies to other origins and follows no redirect', async () => {
    const calls = stubFetch(() => reply({ access: 'b' }));
    await refresh();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      url,
      init: { method: 'POST', redirect: 'manual', credentials: 'same-origin', body: '{"refresh":"r"}' },
    });
    expect(Object.fromEntries(calls[0]!.headers)).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
    });
  });

  it('carries additional headers and cookies if the application says so', async () => {
    const calls = stubFetch(() => reply({ access: 'b' }));
    const headers = { Accept: 'application/vnd.api+json', 'X-Tenant': 'seven' };
    await refresh(simpleJwtBackend({ url, headers, credentials: 'include' }));
    expect(calls[0]!.init.credentials).toBe('include');
    expect(Object.fromEntries(calls[0]!.headers)).toMatchObject({
      accept: 'application/vnd.api+json',
      'x-tenant': 'seven',
    });
  });

  it('ends with the signal of the refresh', async () => {
    const calls = stubFetch(() => reply({ access: 'b' }));
    const { signal } = new AbortController();
    await simpleJwtBackend({ url }).refresh(TOKENS, { signal });
    expect(calls[0]!.init.signal).toBe(signal);
  });

  it('is not sent without a refresh token', async () => {
    const calls = stubFetch(() => reply({ access: 'b' }));
    const { signal } = new AbortController();
    await expect(simpleJwtBackend({ url }).refresh({ accessToken: 'a' }, { signal })).rejects.toMatchObject({
      code: 'refresh_rejected',
      message: 'There is no refresh token',
    });
    expect(calls).toEqual([]);
  });
});

describe('a response that is not about the user', () => {
  it('can be missing: the error says what to check, and keeps the cause', async () => {
    const cause = new TypeError('Failed to fetch');
    stubFetch(() => Promise.reject(cause));
    await expect(refresh()).rejects.toMatchObject({
      code: 'refresh_unavailable',
      message: `${url} could not be reached. Check the network, the address, and that CORS allows its headers`,
      cause,
    });
  });

  it.each([300, 301, 307, 399])('is a redirect, with status %i', async (status) => {
    const error = await errorFor(reply('', status));
    expect(error.code).toBe('refresh_unavailable');
    expect(error.message).toBe(`${url} answered a redirect: "url" may lack its last slash`);
  });

  it('is a redirect as browsers show it', async () => {
    expect((await errorFor(Response.error())).message).toContain('answered a redirect');
  });

  it.each([408, 425, 429, 500, 503, 599])('is status %i, with any body', async (status) => {
    const backend = cookieBackend({ url, rejected: () => true });
    const error = await errorFor(reply(REFUSAL, status), backend);
    expect(error).toMatchObject({ code: 'refresh_unavailable', message: `${url} answered status ${status}` });
  });

  it.each([400, 403, 404, 499])(
    'is status %i, which the backend does not treat as a refusal',
    async (status) => {
      const error = await errorFor(reply({}, status));
      expect(error).toMatchObject({
        code: 'refresh_unavailable',
        message: `${url} answered status ${status}`,
      });
    },
  );

  it.each([200, 404])('is a page instead of JSON, with status %i', async (status) => {
    const error = await errorFor(reply('<html>', status));
    expect(error).toMatchObject({
      code: 'refresh_unavailable',
      message: `${url} answered status ${status}, not JSON`,
    });
  });
});

describe('a refusal', () => {
  it.each([200, 400, 407, 409, 424, 428, 499])('may come with status %i', async (status) => {
    const error = await errorFor(reply({}, status), cookieBackend({ url, rejected: () => true }));
    expect(error.code).toBe('refresh_rejected');
  });

  it("ends the session, and the error shows the server's code", async () => {
    const error = await errorFor(reply(REFUSAL, 401));
    expect(error).toMatchObject({
      code: 'refresh_rejected',
      message: `${url} refused with status 401: token_not_valid`,
    });
  });
});

describe('Retry-After', () => {
  const DATE = 'Tue, 24 Nov 2026 08:00:00 GMT';
  it.each([
    ['a number of seconds', { 'Retry-After': '120' }, 120_000],
    ['zero seconds', { 'Retry-After': '0' }, 0],
    ['a date on the server’s clock', { 'Retry-After': 'Tue, 24 Nov 2026 08:01:00 GMT', Date: DATE }, 60_000],
    ['a date in the past', { 'Retry-After': 'Tue, 24 Nov 2026 07:59:00 GMT', Date: DATE }, 0],
    ['an invalid value', { 'Retry-After': 'soon' }, undefined],
    ['an invalid value: a fraction', { 'Retry-After': '1.5s' }, undefined],
    ['an invalid value: a word with digits', { 'Retry-After': 'x15' }, undefined],
    ['absent', {}, undefined],
  ])('is %s', async (_, headers, retryAfter) => {
    expect((await errorFor(reply({}, 503, headers))).retryAfter).toBe(retryAfter);
  });

  it("is a date on this computer’s clock if the server's clock is unknown", async () => {
    fakeClock({ now: Date.parse(DATE) });
    const headers = { 'Retry-After': 'Tue, 24 Nov 2026 08:00:30 GMT' };
    expect((await errorFor(reply({}, 503, headers))).retryAfter).toBe(30_000);
  });

  it('also works with a redirect', async () => {
    expect((await errorFor(reply('', 302, { 'Retry-After': '5' }))).retryAfter).toBe(5_000);
  });
});

describe('the address', () => {
  const oauth2 = (options: object) => oauth2Backend({ clientId: 'app', ...(options as { url: string }) });

  it.each([
    [undefined, '"url" must be the URL of the refresh endpoint, got undefined'],
    [{}, 'got undefined'],
    [{ url: '' }, 'got an empty string'],
    [{ url: 7 }, 'got 7'],
  ])('cannot be %j', (options, message) => {
    for (const make of [simpleJwtBackend, cookieBackend, envelopeBackend, oauth2])
      expect(() => make(options as never)).toThrow(
        expect.objectContaining({ message: expect.stringContaining(message) }),
      );
  });
});
