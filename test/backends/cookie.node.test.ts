import { HttpResponse, http } from 'msw';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { network } from '#network';
import { type CookieOptions, cookieBackend, createSession, type SessionOptions } from '../../src/index.js';
import { ORIGIN, outcome } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

let serial = 0;

/** Each has its own address, so that no session gets messages of another. */
function createCookieSession(options: Partial<CookieOptions> = {}, more: Partial<SessionOptions> = {}) {
  const url = `${ORIGIN}/refresh-${++serial}`;
  const seen: Request[] = [];
  let answer = (): Response => HttpResponse.json({ access_token: `access-${seen.length}`, expires_in: 60 });
  network.use(
    http.all(url, ({ request }) => {
      seen.push(request as Request);
      return answer();
    }),
  );
  const start = () => {
    const session = createSession({ backend: cookieBackend({ url, ...options }), ...more });
    onTestFinished(() => session.dispose());
    return session;
  };
  return { start, seen, url, answerWith: (next: () => Response) => (answer = next) };
}

const refuse = () => HttpResponse.json({ detail: 'no cookie' }, { status: 401 });

describe('cookieBackend', () => {
  it('finds out by itself whether a user is signed in', async () => {
    const { start, seen } = createCookieSession();
    const session = start();
    expect(session.status).toBe('restoring');
    await session.ready;
    expect(session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('access-1');
    expect(seen.map(({ method }) => method)).toEqual(['POST']);
  });

  it('signs out a visitor without a cookie, and emits no event', async () => {
    const onSignedOut = vi.fn();
    const { start, answerWith } = createCookieSession({}, { onSignedOut });
    answerWith(refuse);
    const session = start();
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(onSignedOut).not.toHaveBeenCalled();
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
  });

  it('a fault on page load is not a sign-out: the next request tries again', async () => {
    const { start, answerWith } = createCookieSession();
    answerWith(() => HttpResponse.json({}, { status: 503, headers: { 'Retry-After': '0' } }));
    const session = start();
    await session.ready;
    expect(session.status).toBe('restoring');
    answerWith(() => HttpResponse.json({ access_token: 'late' }));
    expect(await session.getAccessToken()).toBe('late');
    expect(session.status).toBe('signed-in');
  });

  it('accepts a sign-in with an access token alone', async () => {
    const { start, answerWith } = createCookieSession();
    answerWith(refuse);
    const session = start();
    await session.ready;
    await session.signIn({ access_token: 'first', expires_in: 60 });
    expect(await session.getAccessToken()).toBe('first');
    answerWith(() => HttpResponse.json({ access_token: 'second' }));
    await session.refresh();
    expect(await session.getAccessToken()).toBe('second');
  });

  it('a refused refresh ends the session', async () => {
    const onSignedOut = vi.fn();
    const { start, answerWith } = createCookieSession({}, { onSignedOut });
    const session = start();
    await session.ready;
    answerWith(refuse);
    await session.signIn({ access_token: 'stale', expires_in: 0.000_001 });
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'refresh_rejected' });
    expect(onSignedOut).toHaveBeenCalledOnce();
  });

  it.each([403, 404, 500])('status %i is not a refusal', async (status) => {
    const { start, answerWith } = createCookieSession();
    const session = start();
    await session.ready;
    answerWith(() => HttpResponse.json({}, { status }));
    expect(await outcome(session.refresh())).toMatchObject({ code: 'refresh_unavailable' });
    expect(session.status).toBe('signed-in');
  });

  it.each([
    ['an empty body, as from Spring and ASP.NET', () => new HttpResponse(null, { status: 401 })],
    ['the default text of Express', () => HttpResponse.text('Unauthorized', { status: 401 })],
    ['a page', () => HttpResponse.html('<!doctype html><title>Error</title>', { status: 401 })],
    [
      'simplejwt’s words',
      () => HttpResponse.json({ detail: 'no', code: 'token_not_valid' }, { status: 401 }),
    ],
  ])('status 401 is a refusal with %s', async (_, answer) => {
    const { start, answerWith } = createCookieSession();
    answerWith(answer);
    const session = start();
    await session.ready;
    expect(session.status).toBe('signed-out');
  });

  it('other statuses are refusals if the application says so', async () => {
    const { start, answerWith } = createCookieSession({ rejected: [400, 403] });
    const session = start();
    await session.ready;
    answerWith(() => HttpResponse.json({}, { status: 401 }));
    expect(await outcome(session.refresh())).toMatchObject({ code: 'refresh_unavailable' });
    answerWith(() => HttpResponse.json({}, { status: 403 }));
    expect(await outcome(session.refresh())).toMatchObject({ code: 'refresh_rejected' });
  });

  it('a function can recognize a refusal with status 200', async () => {
    const rejected = (status: number, body: unknown) => status === 200 && !(body as { ok: boolean }).ok;
    const { start, answerWith } = createCookieSession({ rejected, fields: { accessToken: 'accessToken' } });
    answerWith(() => HttpResponse.json({ ok: false, accessToken: '' }));
    const session = start();
    await session.ready;
    expect(session.status).toBe('signed-out');
  });

  it('reads a token from a custom field, and keeps other fields', async () => {
    const fields = { data: 'data', accessToken: 'accessToken' };
    const { start, answerWith } = createCookieSession({ fields });
    answerWith(() =>
      HttpResponse.json({ data: { accessToken: 'inner', expiresAt: '2030-01-01T00:00:00Z' } }),
    );
    expect(await start().getAccessToken()).toBe('inner');
  });

  it('sends GET if the option says so', async () => {
    const asked = vi.spyOn(globalThis, 'fetch');
    onTestFinished(() => asked.mockRestore());
    const { start, seen } = createCookieSession({ method: 'GET' });
    await start().ready;
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
    expect(asked.mock.calls[0]?.[1]).toMatchObject({ cache: 'no-store' });
  });

  it('sends credentials, additional headers, and the CSRF token', async () => {
    vi.stubGlobal('document', {
      cookie: 'a=1; csrftoken=x%20y',
      addEventListener() {},
      removeEventListener() {},
    });
    const { start, seen } = createCookieSession({
      csrf: { cookie: 'csrftoken', header: 'X-CSRFToken' },
      headers: { 'X-Tenant': 'seven' },
    });
    await start().ready;
    vi.unstubAllGlobals();
    expect(seen[0]?.headers.get('x-csrftoken')).toBe('x y');
    expect(seen[0]?.headers.get('x-tenant')).toBe('seven');
  });

  it('reads other names', async () => {
    const { start, answerWith } = createCookieSession({ fields: { accessToken: 'jwt', expiresIn: 'ttl' } });
    answerWith(() => HttpResponse.json({ jwt: 'mine', ttl: 60, user: 'kevin' }));
    const session = start();
    expect(await session.getAccessToken()).toBe('mine');
  });

  it('names what is missing', async () => {
    const { start } = createCookieSession();
    const session = start();
    await session.ready;
    expect(await outcome(session.signIn({ detail: 'no' }))).toMatchObject({
      code: 'invalid_token_response',
      message: expect.stringContaining('"access_token"'),
    });
    expect(() => cookieBackend({ url: '' })).toThrow('"url" must be the URL');
    // @ts-expect-error they are required
    expect(() => cookieBackend()).toThrow('"url" must be the URL');
  });
});
