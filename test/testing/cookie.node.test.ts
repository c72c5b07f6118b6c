import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CookieTestOptions, createTestBackend } from '../../src/testing/index.js';

const ORIGIN = 'https://api.test';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A caller with its own cookie jar, like a browser. If `jar` is false, it has none. */
function createCaller(options: Partial<CookieTestOptions> = {}, { jar = false } = {}) {
  const backend = createTestBackend({ protocol: 'cookie', cookieJar: !jar, ...options });
  const cookies = new Map<string, string>();
  async function post(path: string, { headers = {}, ...init }: RequestInit = {}): Promise<Response> {
    const request = new Request(ORIGIN + path, { method: 'POST', credentials: 'include', ...init, headers });
    if (jar) request.headers.set('Cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
    const response = await backend.fetch(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      cookies.set(name!, value!);
    }
    return response;
  }
  const logIn = (init?: RequestInit) =>
    post('/login', { body: '{"username":"kevin","password":"open-sesame"}', ...init });
  const refresh = (headers: Record<string, string> = {}, init: RequestInit = {}) =>
    post('/refresh', { headers, ...init });
  return { backend, cookies, post, logIn, refresh };
}

describe('the cookie', () => {
  it('contains the refresh token and is hidden from scripts; the body does not contain it', async () => {
    const { logIn } = createCaller();
    const answer = await logIn();
    expect(await answer.json()).toEqual({ access_token: expect.any(String), expires_in: 300 });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^refresh_token=[\w-]+; Path=\/; SameSite=Lax; HttpOnly$/),
    ]);
  });

  it.each([
    ['a caller that keeps it', true],
    ['a caller without a jar, so the backend stores it', false],
  ])('refreshes and rotates for %s', async (_, jar) => {
    const { backend, logIn, refresh } = createCaller({}, { jar });
    await logIn();
    expect((await refresh()).status).toBe(200);
    expect((await refresh()).status).toBe(200);
    expect(backend.stats).toMatchObject({ refreshes: 2, reuses: 0 });
  });

  it('revokes the session if it is used again', async () => {
    const { backend, cookies, logIn, refresh } = createCaller({}, { jar: true });
    await logIn();
    const old = cookies.get('refresh_token')!;
    await refresh();
    const successor = cookies.get('refresh_token')!;
    cookies.set('refresh_token', old);
    expect((await refresh()).status).toBe(401);
    cookies.set('refresh_token', successor);
    expect((await refresh()).status).toBe(401);
    expect(backend.stats.reuses).toBe(1);
  });

  it('is found by its name, and a request with another cookie is rejected', async () => {
    const { backend, logIn, post } = createCaller({ cookie: 'sid' });
    await logIn();
    expect((await post('/refresh', { headers: { Cookie: 'other=1' } })).status).toBe(401);
    expect((await post('/refresh')).status).toBe(200);
    expect(backend.stats).toMatchObject({ refreshes: 1, refreshFailures: 1 });
  });

  it('is not stored by the backend if the caller stores it', async () => {
    const { cookies, logIn, refresh } = createCaller({}, { jar: true });
    await logIn();
    cookies.clear();
    expect((await refresh()).status).toBe(401);
  });

  it('is set for tokens that were issued without a call', async () => {
    const { backend, refresh } = createCaller();
    expect(backend.issueTokens()).toEqual({ access_token: expect.any(String), expires_in: 300 });
    expect((await refresh()).status).toBe(200);
  });

  it('is removed by reset', async () => {
    const { backend, refresh } = createCaller();
    backend.issueTokens();
    backend.reset();
    expect((await refresh()).status).toBe(401);
  });

  it('is neither sent nor stored without credentials', async () => {
    const { backend, logIn, refresh } = createCaller();
    await logIn({ credentials: 'omit' });
    expect((await refresh()).status).toBe(401);
    backend.issueTokens();
    expect((await refresh({}, { credentials: 'omit' })).status).toBe(401);
    expect((await refresh({}, { credentials: 'same-origin' })).status).toBe(200);
  });

  it('is sent to another origin only if credentials are included', async () => {
    const { backend, refresh } = createCaller();
    backend.issueTokens();
    vi.stubGlobal('location', { origin: 'https://app.test' });
    expect((await refresh({}, { credentials: 'same-origin' })).status).toBe(401);
    expect((await refresh({}, { credentials: 'include' })).status).toBe(200);
    vi.stubGlobal('location', { origin: ORIGIN });
    expect((await refresh({}, { credentials: 'same-origin' })).status).toBe(200);
  });
});

describe('CSRF', () => {
  const csrf = { cookie: 'csrftoken', header: 'X-CSRFToken' };

  it("a refresh must repeat the cookie's value in a header", async () => {
    const { backend, cookies, logIn, refresh } = createCaller({ csrf }, { jar: true });
    await logIn();
    expect((await refresh()).status).toBe(403);
    expect((await refresh({ 'X-CSRFToken': 'guessed' })).status).toBe(403);
    expect((await refresh({ 'X-CSRFToken': cookies.get('csrftoken')! })).status).toBe(200);
    expect(backend.stats).toMatchObject({ refreshes: 1, refreshFailures: 2 });
  });

  it('scripts can read the cookie; a backend with its own jar writes it to the document', async () => {
    const document = { cookie: '' };
    vi.stubGlobal('document', document);
    const { logIn, refresh } = createCaller({ csrf });
    const answer = await logIn();
    expect(answer.headers.getSetCookie()[1]).toMatch(/^csrftoken=[\w-]+; Path=\/; SameSite=Lax$/);
    const [, value] = /^csrftoken=([\w-]+); path=\/$/.exec(document.cookie)!;
    expect((await refresh({ 'X-CSRFToken': value! })).status).toBe(200);
  });
});

it('a page of another origin is allowed to send cookies', async () => {
  const backend = createTestBackend({
    protocol: 'cookie',
    cors: true,
    csrf: { cookie: 'c', header: 'X-C' },
  });
  const headers = { Origin: 'https://app.test' };
  const preflight = await backend.fetch(new Request(`${ORIGIN}/refresh`, { method: 'OPTIONS', headers }));
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': 'https://app.test',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': expect.stringContaining('X-C'),
  });
});
