import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import {
  type Backend,
  cookieBackend,
  createSession,
  envelopeBackend,
  oauth2Backend,
  simpleJwtBackend,
} from '../../src/index.js';
import { createTestBackend, type TestBackendOptions } from '../../src/testing/index.js';
import { ORIGIN, outcome, times, USER } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

interface Kind {
  options: TestBackendOptions;
  backend(origin: string): Backend;
  logIn: { path: string; body: object };
  order: string;
  user: object;
}

const kinds: Kind[] = [
  {
    options: { protocol: 'envelope' },
    backend: (origin) => envelopeBackend({ url: `${origin}/update_token/` }),
    logIn: { path: '/login/', body: USER },
    order: '/order/',
    user: { user_id: 1 },
  },
  {
    options: { protocol: 'oauth2', clientId: 'app', opaque: false },
    backend: (origin) => oauth2Backend({ url: `${origin}/token`, clientId: 'app' }),
    logIn: {
      path: '/token',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'app', ...USER }),
    },
    order: '/orders',
    user: { sub: '1' },
  },
  {
    options: { protocol: 'simple-jwt' },
    backend: (origin) => simpleJwtBackend({ url: `${origin}/api/token/refresh/` }),
    logIn: { path: '/api/token/', body: USER },
    order: '/order/',
    user: { user_id: 1 },
  },
  {
    options: { protocol: 'cookie' },
    backend: (origin) => cookieBackend({ url: `${origin}/refresh` }),
    logIn: { path: '/login', body: USER },
    order: '/orders',
    user: { user_id: 1 },
  },
];

let serial = 0;

/** Each has its own URL, because tabs with the same cookie backend are recognized by the URL. */
async function createApp(kind: Kind, more: TestBackendOptions = {}) {
  const origin = `${ORIGIN}/${++serial}`;
  const server = createTestBackend({ ...kind.options, ...more } as TestBackendOptions);
  network.use(...server.handlers);
  const session = createSession({ backend: kind.backend(origin) });
  onTestFinished(() => session.dispose());
  await session.ready;
  server.reset(); // in cookie mode, the page has already made a call
  const api = axios.create({ baseURL: origin, withCredentials: true });
  attachSession(api, session, { exclude: [kind.logIn.path] });
  const order = async () => (await api.get(kind.order)).status;
  return { server, session, api, order };
}

describe.each(kinds)('the backend of the SDK and the test backend: $options.protocol', (kind) => {
  it('log in over HTTP, refresh and rotate', async () => {
    const { server, session, api, order } = await createApp(kind);
    await session.signIn((await api.post(kind.logIn.path, kind.logIn.body)).data);
    expect(session.claims).toMatchObject(kind.user);
    await session.refresh();
    await session.refresh();
    expect(await order()).toBe(200);
    expect(server.stats).toMatchObject({ logins: 1, refreshes: 2, reuses: 0, ordersRefused: 0 });
  });

  it('a wrong password is not a sign-in', async () => {
    const { session, api } = await createApp(kind);
    const body = kind.logIn.body;
    const wrong =
      body instanceof URLSearchParams
        ? new URLSearchParams([...body.entries()].map(([k, v]) => [k, k === 'password' ? 'wrong' : v]))
        : { ...body, password: 'wrong' };
    const answer = await api.post(kind.logIn.path, wrong, { validateStatus: null });
    expect(await outcome(session.signIn(answer.data))).toMatchObject({ code: 'invalid_token_response' });
  });

  it('start with a signed-in user; refused requests share one refresh', async () => {
    const { server, session, order } = await createApp(kind);
    await session.signIn(server.issueTokens());
    server.expireAccessTokens();
    expect(await times(10, order)).toEqual(Array(10).fill(200));
    expect(server.stats).toMatchObject({ refreshes: 1, refreshesAtOnce: 1, ordersOk: 10, reuses: 0 });
  });

  it('a sign-out elsewhere ends the session', async () => {
    const { server, session, order } = await createApp(kind);
    await session.signIn(server.issueTokens());
    server.revoke();
    expect(await outcome(order())).toMatchObject({ code: 'refresh_rejected' });
    expect(session.status).toBe('signed-out');
  });

  it('a server fault does not end the session', async () => {
    const { server, session, order } = await createApp(kind);
    await session.signIn(server.issueTokens());
    server.expireAccessTokens();
    server.failNext('refresh', { status: 503, retryAfter: 0 });
    expect(await outcome(order())).toMatchObject({ code: 'refresh_unavailable' });
    expect(await order()).toBe(200);
  });

  it('a refusal on demand ends the session', async () => {
    const { server, session } = await createApp(kind);
    await session.signIn(server.issueTokens());
    server.failNext('refresh', 'refuse');
    expect(await outcome(session.refresh())).toMatchObject({ code: 'refresh_rejected' });
  });

  it('a sign-out while the refresh is held takes precedence', async () => {
    const { server, session, order } = await createApp(kind);
    await session.signIn(server.issueTokens());
    server.expireAccessTokens();
    const release = server.hold('refresh');
    const waiting = outcome(order());
    await server.called('refresh');
    await session.signOut();
    release();
    expect(await waiting).toMatchObject({ code: 'signed_out' });
    expect(session.status).toBe('signed-out');
  });

  it('work without rotation', async () => {
    const { server, session, order } = await createApp(kind, { rotation: 'none' });
    await session.signIn(server.issueTokens());
    await session.refresh();
    await session.refresh();
    expect(await order()).toBe(200);
    expect(server.stats).toMatchObject({ refreshes: 2, refreshFailures: 0 });
  });
});

it('an opaque access token of an OAuth 2.0 server has no claims, and can still be refreshed', async () => {
  const kind = kinds.find(({ options }) => options.protocol === 'oauth2')!;
  const { server, session, order } = await createApp(kind, { protocol: 'oauth2', opaque: true });
  await session.signIn(server.issueTokens());
  expect(session.claims).toBeNull();
  server.expireAccessTokens();
  expect(await order()).toBe(200);
});

it('a page that is opened with a cookie is signed in', async () => {
  const server = createTestBackend({ protocol: 'cookie' });
  network.use(...server.handlers);
  server.issueTokens();
  const session = createSession({ backend: cookieBackend({ url: `${ORIGIN}/${++serial}/refresh` }) });
  onTestFinished(() => session.dispose());
  await session.ready;
  expect(session.status).toBe('signed-in');
});
