import { describe, expect, it } from 'vitest';
import { createTestBackend, type TestBackend, type TestBackendOptions } from '../../src/testing/index.js';
import { ORIGIN } from '../support/app.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };

function post(backend: TestBackend, path: string, init: RequestInit = {}): Promise<Response> {
  return backend.fetch(new Request(ORIGIN + path, { method: 'POST', ...init }));
}

/** The logout request and the refresh request that a client would send with this refresh token. */
interface Protocol {
  options: TestBackendOptions;
  tokenOf(answer: Record<string, unknown>): string;
  logout(token: string): [path: string, init: RequestInit];
  refresh(token: string): [path: string, init: RequestInit];
}

const form = (fields: Record<string, string>) => ({
  body: new URLSearchParams({ client_id: 'app', ...fields }),
});

describe.each<[string, Protocol]>([
  [
    'envelope',
    {
      options: {},
      tokenOf: ({ data }) => (data as { refresh_token: string }).refresh_token,
      logout: (token) => ['/logout/', { headers: JSON_TYPE, body: JSON.stringify({ refresh_token: token }) }],
      refresh: (token) => ['/update_token/', { headers: { RefreshAuthorization: token } }],
    },
  ],
  [
    'oauth2',
    {
      options: { protocol: 'oauth2' },
      tokenOf: ({ refresh_token }) => String(refresh_token),
      logout: (token) => ['/token/revocation', form({ token })],
      refresh: (token) => ['/token', form({ grant_type: 'refresh_token', refresh_token: token })],
    },
  ],
  [
    'simple-jwt',
    {
      options: { protocol: 'simple-jwt' },
      tokenOf: ({ refresh }) => String(refresh),
      logout: (token) => [
        '/api/token/blacklist/',
        { headers: JSON_TYPE, body: JSON.stringify({ refresh: token }) },
      ],
      refresh: (token) => [
        '/api/token/refresh/',
        { headers: JSON_TYPE, body: JSON.stringify({ refresh: token }) },
      ],
    },
  ],
])('a logout in the protocol %s', (name, { options, tokenOf, logout, refresh }) => {
  it('ends the session: its refresh token is refused', async () => {
    const backend = createTestBackend(options);
    const token = tokenOf(backend.issueTokens());
    expect((await post(backend, ...logout(token))).status).toBe(200);
    const refused = await post(backend, ...refresh(token));
    expect(refused.status === 200 && (await refused.json()).code !== 1008).toBe(false);
    expect(backend.stats).toMatchObject({ logouts: 1, logoutFailures: 0, refreshFailures: 1 });
  });

  it('rejects an invalid token, except as RFC 7009 requires', async () => {
    const backend = createTestBackend(options);
    const { status } = await post(backend, ...logout('garbage'));
    expect(status).toBe(name === 'oauth2' ? 200 : 401);
  });

  it('can fail like any other call', async () => {
    const backend = createTestBackend(options);
    backend.failNext('logout', { status: 503 });
    backend.failNext('logout', 'refuse');
    const token = tokenOf(backend.issueTokens());
    expect((await post(backend, ...logout(token))).status).toBe(503);
    expect((await post(backend, ...logout(token))).status).toBeGreaterThanOrEqual(400);
    expect(backend.log.map(({ endpoint }) => endpoint)).toEqual(['logout', 'logout']);
  });
});

describe('a logout with cookies', () => {
  const csrf = { cookie: 'csrftoken', header: 'X-CSRFToken' };
  const options: TestBackendOptions = { protocol: 'cookie', accessCookie: 'access_token', csrf };

  it('needs the CSRF header, ends the session and removes both cookies', async () => {
    const backend = createTestBackend(options);
    const body = JSON.stringify({ username: 'kevin', password: 'open-sesame' });
    const answer = await post(backend, '/login', { headers: JSON_TYPE, body });
    expect(await answer.json()).toEqual({ expires_in: 300, user: { id: 1, username: 'kevin' } });
    const token = /csrftoken=([^;]+)/.exec(answer.headers.getSetCookie().join())?.[1] ?? '';
    expect((await backend.fetch(new Request(`${ORIGIN}/orders`))).status).toBe(200);
    expect((await post(backend, '/logout')).status).toBe(403);
    const ended = await post(backend, '/logout', { headers: { 'X-CSRFToken': token } });
    expect(ended.status).toBe(200);
    expect(ended.headers.getSetCookie().map((cookie) => cookie.split(';')[0])).toEqual([
      'refresh_token=',
      'access_token=',
    ]);
    expect((await backend.fetch(new Request(`${ORIGIN}/orders`))).status).toBe(401);
    expect((await post(backend, '/refresh', { headers: { 'X-CSRFToken': token } })).status).toBe(401);
  });
});
