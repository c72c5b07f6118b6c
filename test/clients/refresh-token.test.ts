import { HttpResponse, http } from 'msw';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { network } from '#network';
import { createSessionFetch } from '../../src/clients/fetch.js';
import {
  type Backend,
  cookieBackend,
  createSession,
  oauth2Backend,
  simpleJwtBackend,
  type TokenSet,
} from '../../src/index.js';
import { ORIGIN, outcome } from '../support/app.js';
import { createFetchApp, type FetchApp } from '../support/fetch-app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const REFRESH = `${ORIGIN}/token/refresh/`;
const body = { refresh: 'refresh-1' };
const asJson = {
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
};

const senders: [string, (app: FetchApp, path: string) => Promise<{ status: number }>][] = [
  ['axios', ({ api }, path) => api.post(path, body, { validateStatus: () => true })],
  ['session fetch', ({ call }, path) => call(ORIGIN + path, asJson)],
  ['session fetch, with a Request', ({ call }, path) => call(new Request(ORIGIN + path, asJson))],
];

/** A refresh that lasts until the test ends it, and a logout that needs an access token. */
async function duringRefresh(backend: Backend) {
  const app = createFetchApp({ session: { backend } });
  const seen: (string | null)[] = [];
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const begun = vi.fn();
  network.use(
    http.post(REFRESH, async () => {
      begun();
      await released;
      return HttpResponse.json({ access: 'new', refresh: 'refresh-2' });
    }),
    http.post(`${ORIGIN}/logout/`, ({ request }) => {
      const token = request.headers.get('authorization');
      seen.push(token);
      return HttpResponse.json({}, { status: token === 'Bearer new' ? 200 : 401 });
    }),
  );
  await app.session.signIn({ accessToken: 'old', refreshToken: 'refresh-1', expiresAt: 1 });
  const refreshed = app.session.refresh();
  refreshed.catch(() => {});
  await expect.poll(() => begun.mock.calls.length).toBe(1);
  return { ...app, seen, release, refreshed };
}

describe.each(senders)('an ordinary request that contains the refresh token, by %s', (_, send) => {
  it('waits for the refresh, and carries the new access token', async () => {
    const app = await duringRefresh(simpleJwtBackend({ url: REFRESH }));
    const answer = send(app, '/logout/');
    app.release();
    expect((await answer).status).toBe(200);
    expect(app.seen).toEqual(['Bearer new']);
    await app.refreshed;
  });

  it('waits for the refresh and is accepted also if the backend has no refreshUrl', async () => {
    const { refreshUrl, ...backend } = simpleJwtBackend({ url: REFRESH });
    const app = await duringRefresh(backend);
    const answer = send(app, '/logout/');
    await expect.poll(() => app.seen.length).toBe(1);
    app.release();
    expect((await answer).status).toBe(200);
    expect(app.seen).toEqual([null, 'Bearer new']);
  });

  it('rejects with its own refusal if the refresh takes long', async () => {
    const { refreshUrl, ...backend } = simpleJwtBackend({ url: REFRESH });
    const app = await duringRefresh(backend);
    expect((await send(app, '/logout/')).status).toBe(401);
    app.release();
    await app.refreshed;
  });
});

describe.each(senders)('a backend that refreshes through the client itself, %s', (_, send) => {
  it('does not wait for itself if it has a refreshUrl', async () => {
    let app!: FetchApp;
    const backend: Backend = {
      refreshUrl: `${ORIGIN}/session`,
      readTokens: (body) => body as TokenSet,
      refresh: async () => {
        const { status } = await send(app, '/session');
        return { accessToken: `new-${status}` };
      },
    };
    app = createFetchApp({ session: { backend } });
    const tokens: (string | null)[] = [];
    network.use(
      http.post(`${ORIGIN}/session`, ({ request }) => {
        tokens.push(request.headers.get('authorization'));
        return HttpResponse.json({});
      }),
    );
    await app.session.signIn({ accessToken: 'old', expiresAt: 1 });
    expect(await app.session.getAccessToken()).toBe('new-200');
    expect(tokens).toEqual([null]);
  });
});

it.each<[string, Backend]>([
  ['a cookie backend', cookieBackend({ url: REFRESH })],
  ['a backend for OAuth 2.0', oauth2Backend({ url: REFRESH, clientId: 'app' })],
])('%s works if session fetch has replaced the global fetch', async (_, backend) => {
  network.use(http.post(REFRESH, () => HttpResponse.json({ access_token: 'new' })));
  network.use(
    http.get(`${ORIGIN}/who`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
  );
  const session = createSession({ backend, refreshTimeout: 5_000 });
  await session.signIn({ accessToken: 'old', refreshToken: 'r', expiresAt: 1 });
  const platform = globalThis.fetch;
  globalThis.fetch = createSessionFetch(session, { origins: [ORIGIN], fetch: platform });
  onTestFinished(() => {
    globalThis.fetch = platform;
    session.dispose();
  });
  const answer = (await outcome(fetch(`${ORIGIN}/who`))) as Response;
  expect(await answer.json()).toBe('Bearer new');
});
