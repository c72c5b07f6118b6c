import axios from 'axios';
import { IDBFactory } from 'fake-indexeddb';
import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import {
  type CookieOptions,
  cookieBackend,
  createSession,
  logout,
  type Session,
  type SessionEvent,
  type SessionOptions,
  sharedMemoryStore,
  withStepUp,
} from '../../src/index.js';
import { type CookieTestOptions, createTestBackend } from '../../src/testing/index.js';
import { ORIGIN, outcome, USER } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';
import { mockEndpoint } from '../support/token-endpoint.js';

mockNetwork();

const csrf = { cookie: 'csrftoken', header: 'X-CSRFToken' };
const USERS = [
  { ...USER, id: 7 },
  { username: 'ann', password: 'rose', id: 8 },
];
let serial = 0;

beforeEach(() => {
  vi.stubGlobal('location', new URL(`${ORIGIN}/app`));
  vi.stubGlobal('document', cookieDocument());
  vi.stubGlobal('indexedDB', new IDBFactory());
});

afterEach(() => vi.unstubAllGlobals());

function setCookie(text: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: as servers and older applications do
  document.cookie = text;
}

/** Resolves at the session's next event of this type. */
function next(session: Session, type: SessionEvent['type']): Promise<void> {
  return new Promise((resolve) => session.subscribe((event) => event.type === type && resolve()));
}

/** The cookies that scripts can see. */
function cookieDocument() {
  const cookies = new Map<string, string>();
  return {
    get cookie() {
      return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    },
    set cookie(text: string) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? [];
      cookies.set(name, value);
    },
    addEventListener() {},
    removeEventListener() {},
  };
}

/** A server with both tokens in cookies. Its own URL keeps the sessions of other tests away. */
function createServer(options: Partial<CookieTestOptions> = {}) {
  const refresh = `/refresh-${++serial}`;
  const server = createTestBackend({
    protocol: 'cookie',
    accessCookie: 'access_token',
    users: USERS,
    accessLifetime: 60_000,
    csrf,
    paths: { refresh },
    ...options,
  });
  network.use(...server.handlers);
  const seen: Request[] = [];
  network.events.on('request:start', ({ request }) => {
    if (request.url.includes('/orders')) seen.push(request as Request);
  });
  onTestFinished(() => network.events.removeAllListeners());

  function open(more: Partial<CookieOptions> = {}, session: Partial<SessionOptions> = {}) {
    const backend = cookieBackend({ url: ORIGIN + refresh, accessToken: 'cookie', csrf, ...more });
    const opened = createSession({ backend, ...session });
    onTestFinished(() => opened.dispose());
    const api = axios.create({ baseURL: ORIGIN });
    attachSession(api, opened);
    const order = async () => (await api.get('/orders')).status;
    return { session: opened, api, order };
  }
  return { server, seen, open, url: ORIGIN + refresh };
}

describe('a session with both tokens in cookies', () => {
  it('is found when a page opens, with its user', async () => {
    const { server, open } = createServer();
    server.issueTokens('ann');
    const { session } = open();
    await session.ready;
    expect(session.status).toBe('signed-in');
    expect(session.claims).toEqual({ sub: '8', id: 8, username: 'ann' });
    expect(server.stats).toMatchObject({ refreshes: 1, requests: 1 });
  });

  it('is restored by one tab after another, even if the last tab waits longer than the limit for a turn', async () => {
    const clock = fakeClock({ timers: true });
    const { server, open } = createServer({ latency: 800 });
    server.issueTokens();
    // A browser that restores its tabs opens them all at once.
    const tabs = Array.from({ length: 5 }, () => open({}, { refreshTimeout: 1_000 }).session);
    await clock.through(Promise.all(tabs.map(({ ready }) => ready)));
    expect(tabs.map(({ status }) => status)).toEqual(Array(5).fill('signed-in'));
    expect(server.stats).toMatchObject({ refreshes: 5, refreshesAtOnce: 1, reuses: 0 });
  });

  it('is restored by one tab at a time, even if the server fails and sets Retry-After: 0', async () => {
    const clock = fakeClock({ timers: true });
    const { server, open } = createServer({ latency: 800 });
    server.issueTokens();
    server.failNext('refresh', { status: 503, retryAfter: 0 }, 5);
    const tabs = Array.from({ length: 5 }, () => open({}, { refreshTimeout: 1_000 }).session);
    await clock.through(Promise.all(tabs.map(({ ready }) => ready)));
    expect(server.stats.refreshesAtOnce).toBe(1);
  });

  it('is restored without a turn if the tab that holds the turn is frozen', async () => {
    const clock = fakeClock({ timers: true });
    const { server, open, url } = createServer();
    server.issueTokens();
    await new Promise<void>((taken) => {
      void navigator.locks.request(`unexpired:cookie:${url}:${url}`, () => {
        taken();
        return new Promise(() => {});
      });
    });
    const { session } = open({}, { refreshTimeout: 1_000 });
    await clock.pass(1_900);
    expect(session.status).toBe('restoring');
    await clock.through(session.ready);
    expect(session.status).toBe('signed-in');
  });

  it('is signed out if nobody has signed in', async () => {
    // This server checks the CSRF token first, so a page without one gets 403 instead of 401.
    const { session } = createServer({ csrf: undefined as never }).open();
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(session.claims).toBeNull();
  });

  it('begins with the login response', async () => {
    const { server, open } = createServer();
    const { session, order } = open();
    await session.ready;
    await session.signIn(server.issueTokens());
    expect(session.claims).toMatchObject({ id: 7 });
    expect(await order()).toBe(200);
  });

  it('begins with an empty login response if the server signed the user in on its own page', async () => {
    const { server, open } = createServer();
    const { session, order } = open();
    await session.ready;
    server.issueTokens();
    await session.signIn({});
    expect(session.status).toBe('signed-in');
    expect(await order()).toBe(200);
  });

  it('has no access token to give, and its error says why', async () => {
    const { server, open } = createServer();
    server.issueTokens();
    const { session } = open();
    expect(await outcome(session.getAccessToken())).toMatchObject({
      name: 'SessionError',
      code: 'no_access_token',
      message: 'The access token is in an HttpOnly cookie',
    });
  });

  it('adds only the CSRF header to requests, and only to those that change something', async () => {
    const { server, seen, open } = createServer();
    server.configure({ orders: () => ({}) });
    server.issueTokens();
    const { api, session } = open();
    await session.ready;
    await api.get('/orders');
    for (const method of ['post', 'PUT', 'patch', 'DELETE']) await api.request({ method, url: '/orders' });
    const sessionFetch = createSessionFetch(session);
    await sessionFetch(`${ORIGIN}/orders`);
    await sessionFetch(`${ORIGIN}/orders`, { method: 'POST' });
    await sessionFetch(new Request(`${ORIGIN}/orders`, { method: 'PUT' }));
    const sent = seen.map(({ method, headers }) => [
      method,
      headers.has('x-csrftoken'),
      headers.has('authorization'),
    ]);
    expect(sent).toEqual([
      ['GET', false, false],
      ['POST', true, false],
      ['PUT', true, false],
      ['PATCH', true, false],
      ['DELETE', true, false],
      ['GET', false, false],
      ['POST', true, false],
      ['PUT', true, false],
    ]);
    setCookie('csrftoken=of-another-moment');
    await outcome(api.post('/orders'));
    expect(seen.at(-1)?.headers.get('x-csrftoken')).toBe('of-another-moment');
  });

  it('never sends its placeholder tokens', async () => {
    const { server, seen, open } = createServer();
    server.issueTokens();
    const { api, session } = open();
    await session.ready;
    await api.get('/orders');
    await session.refresh();
    await api.get('/orders');
    const texts = seen.map(({ url, headers }) => url + JSON.stringify([...headers]));
    expect(texts.join()).not.toContain('cookie-');
  });

  it('costs one refresh for ten refused requests in each of two tabs, and sends each once more', async () => {
    const { server, seen, open } = createServer();
    server.issueTokens();
    const tabs = [open(), open()];
    for (const { session } of tabs) await session.ready;
    server.expireAccessTokens();
    const before = server.stats.refreshes;
    const statuses = await Promise.all(tabs.flatMap(({ order }) => Array.from({ length: 10 }, order)));
    expect(statuses).toEqual(Array(20).fill(200));
    expect(server.stats.refreshes - before).toBe(1);
    expect(server.stats).toMatchObject({ reuses: 0, refreshFailures: 0 });
    expect(seen.length).toBe(40);
  });

  it('costs one refresh for two tabs even if the lifetime of tokens is unknown', async () => {
    const { server, open } = createServer({ expiresIn: false });
    server.issueTokens();
    const tabs = [open(), open()];
    for (const { session } of tabs) await session.ready;
    server.expireAccessTokens();
    const before = server.stats.refreshes;
    expect(await Promise.all(tabs.map(({ order }) => order()))).toEqual([200, 200]);
    expect(server.stats.refreshes - before).toBe(1);
  });

  it('refreshes after a refusal if another tab’s refresh was long ago', async () => {
    const clock = fakeClock();
    const { server, open } = createServer({ expiresIn: false });
    server.issueTokens();
    const [first, second] = [open(), open()];
    await first.session.ready;
    await second.session.ready;
    await first.session.refresh();
    await clock.tick(30_000);
    server.expireAccessTokens();
    expect(await second.order()).toBe(200);
  });

  it.each([
    ['at the same moment as', 0],
    ['after', 5],
  ])('refreshes if a request is refused that was sent %s another tab’s refresh', async (_, later) => {
    const clock = fakeClock();
    const { server, open } = createServer();
    server.issueTokens();
    const { session, order } = open();
    await session.ready;
    await next(open().session, 'signed-in'); // this tab has refreshed, and the first tab does not know it yet
    clock.set(later);
    server.expireAccessTokens();
    const letGo = server.hold('order');
    const adopted = next(session, 'adopted');
    const ordered = order();
    await adopted;
    letGo();
    expect(await ordered).toBe(200);
  });

  it('is refreshed ahead of its expiry, once for both tabs, and no request is refused', async () => {
    const clock = fakeClock();
    const { server, open } = createServer();
    server.issueTokens();
    const tabs = [open(), open()];
    for (const { session } of tabs) await session.ready;
    for (let lifetime = 1; lifetime <= 3; lifetime++) {
      const before = server.stats.refreshes;
      await clock.tick(59_000);
      for (const { order } of tabs) expect(await order()).toBe(200);
      expect(server.stats.refreshes - before).toBe(1);
    }
    expect(server.stats.ordersRefused).toBe(0);
  });

  it('ends in both tabs if the refresh is refused', async () => {
    const { server, open } = createServer();
    server.issueTokens();
    const [first, second] = [open(), open()];
    await first.session.ready;
    await second.session.ready;
    server.revoke();
    expect(await outcome(first.order())).toMatchObject({ cause: { code: 'refresh_rejected' } });
    await expect.poll(() => second.session.status).toBe('signed-out');
  });

  it('does not send a waiting request for another user who signs in elsewhere', async () => {
    const { server, open } = createServer();
    server.issueTokens();
    const [first, second] = [open(), open()];
    await first.session.ready;
    await second.session.ready;
    server.expireAccessTokens();
    const letGo = server.hold('refresh');
    const waiting = outcome(first.api.post('/orders', { from: 'kevin' }));
    await server.called('refresh', 3);
    await second.session.signIn(server.issueTokens('ann'));
    letGo();
    expect(await waiting).toMatchObject({ code: expect.stringMatching(/session_changed|signed_out/) });
    await expect.poll(() => first.session.claims).toMatchObject({ username: 'ann' });
  });

  it.each([
    ['is sent if the same user completes it in another tab', undefined, 200],
    ['is not sent if another user signs in there', 'ann', 'session_changed'],
  ])('a request that waits for a step-up %s', async (_, username, expected) => {
    const { server, open } = createServer();
    server.issueTokens();
    const ask = vi.fn(() => new Promise(() => {}));
    const first = open({}, { reauthenticate: withStepUp(ask) });
    const second = open();
    await first.session.ready;
    await second.session.ready;
    const challenge = { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication"' };
    const answers = [new Response(null, { status: 401, headers: challenge }), new Response('done')];
    const call = createSessionFetch(first.session, { fetch: async () => answers.shift()! });
    const waiting = outcome(call('/transfer', { method: 'POST' }));
    await expect.poll(() => ask).toHaveBeenCalledOnce();
    await second.session.signIn(server.issueTokens(username));
    const { status, code } = (await waiting) as { status?: number; code?: string };
    expect(status ?? code).toBe(expected);
  });

  it('sends nothing for the previous user after a sign-in elsewhere, even if the new user cannot be requested', async () => {
    const { server, seen, open } = createServer();
    server.issueTokens();
    const [first, second] = [open(), open()];
    await first.session.ready;
    await second.session.ready;
    const events = vi.fn();
    first.session.subscribe(({ type }) => events(type));
    server.failNext('refresh', { status: 503 });
    await second.session.signIn(server.issueTokens('ann'));
    await expect.poll(() => events.mock.calls.flat()).toContain('refresh-failed');
    expect(first.session.status).toBe('restoring');
    expect(first.session.claims).toBeNull();
    const before = server.stats.refreshes;
    expect(await first.order()).toBe(200);
    expect(server.stats.refreshes - before).toBe(1);
    expect(first.session.claims).toMatchObject({ username: 'ann' });
    expect(seen.length).toBe(1);
  });

  it('does not restore the old user in a tab that another tab has signed out', async () => {
    const { server, open } = createServer();
    server.issueTokens();
    const [first, second] = [open(), open()];
    await first.session.ready;
    await second.session.ready;
    await first.session.signOut();
    await expect.poll(() => second.session.status).toBe('signed-out');
    const events = vi.fn();
    second.session.subscribe(({ type }) => events(type));
    server.failNext('refresh', 'refuse');
    await first.session.signIn(server.issueTokens('ann'));
    await expect.poll(() => server.stats.refreshFailures).toBe(1);
    await expect.poll(() => events.mock.calls.flat()).toContain('refresh-failed');
    expect(second.session.status).toBe('signed-out');
    expect(second.session.claims).toBeNull();
  });

  it('tells every tab if a refresh finds another user’s cookies', async () => {
    const { server, open } = createServer();
    server.issueTokens();
    const [first, second] = [open(), open()];
    await first.session.ready;
    await second.session.ready;
    await first.session.refresh(); // this may only adopt the refresh that the second tab made when it opened
    server.issueTokens('ann');
    await first.session.refresh().catch(() => {});
    expect(first.session.claims).toMatchObject({ username: 'ann' });
    await expect.poll(() => second.session.claims).toMatchObject({ username: 'ann' });
  });

  it('is passed from tab to tab by a store that shares memory', async () => {
    const { server, open } = createServer();
    const store = () => ({ store: sharedMemoryStore({ key: `cookie-only-${serial}` }) });
    server.issueTokens('ann');
    const first = open({}, store());
    await first.session.ready;
    const second = open({}, store());
    await second.session.ready;
    expect(second.session.claims).toMatchObject({ username: 'ann' });
    expect(await second.order()).toBe(200);
  });

  it('ends on the server and in every tab after signOut()', async () => {
    const { server, open } = createServer();
    server.issueTokens();
    const options = { signOut: logout(`${ORIGIN}/logout`) };
    const [first, second] = [open(options), open(options)];
    await first.session.ready;
    await second.session.ready;
    await first.session.signOut();
    expect(server.stats).toMatchObject({ logouts: 1, logoutFailures: 0 });
    await expect.poll(() => second.session.status).toBe('signed-out');
    const before = server.stats.requests;
    const third = open(options);
    await third.session.ready;
    expect(third.session.status).toBe('signed-out');
    expect(server.stats.requests).toBe(before);
  });
});

describe('the user of a session with both tokens in cookies', () => {
  const empty = () => new HttpResponse(null, { status: 204 });

  function signedIn(options: Partial<CookieOptions>, answer: () => Response = empty) {
    const url = `${ORIGIN}/refresh-${++serial}`;
    mockEndpoint(url).answerWith(answer);
    const session = createSession({ backend: cookieBackend({ url, accessToken: 'cookie', ...options }) });
    onTestFinished(() => session.dispose());
    return session;
  }

  it.each([
    ['a name', 'kevin', { sub: 'kevin' }],
    ['JSON', encodeURIComponent('{"id":7,"name":"Kevin"}'), { sub: '7', id: 7, name: 'Kevin' }],
    ['JSON in base64', btoa('{"uid":"u7"}'), { uid: 'u7' }],
    ['a JWT without its signature', `${btoa('{"alg":"none"}')}.${btoa('{"sub":"7"}')}`, { sub: '7' }],
    ['nothing', '', null],
  ])('is read from a cookie that scripts can read: %s', async (_, value, claims) => {
    setCookie(`user=${value}`);
    const session = signedIn({ user: { cookie: 'user' } });
    await session.ready;
    expect(session.status).toBe('signed-in');
    expect(session.claims).toEqual(claims);
  });

  it('is read from a custom field, wrapped or not', async () => {
    const fields = { data: 'data' };
    const session = signedIn({ user: { field: 'account' }, fields }, () =>
      HttpResponse.json({ data: { account: { sub: 'a' } } }),
    );
    await session.ready;
    expect(session.claims).toEqual({ sub: 'a' });
  });

  it('is requested after each refresh if the responses do not contain it', async () => {
    const asked: Request[] = [];
    let name = 'kevin';
    network.use(
      http.get(`${ORIGIN}/me`, ({ request }) => {
        asked.push(request as Request);
        return HttpResponse.json({ id: 7, name });
      }),
    );
    const session = signedIn({ user: { url: `${ORIGIN}/me` }, headers: { 'X-Tenant': 'seven' } });
    await session.ready;
    expect(session.claims).toEqual({ sub: '7', id: 7, name: 'kevin' });
    name = 'Kevin';
    await session.refresh();
    expect(session.claims).toMatchObject({ name: 'Kevin' });
    expect(asked.map(({ headers }) => headers.get('x-tenant'))).toEqual(['seven', 'seven']);
    await session.signIn({ id: 8, name: 'ann' });
    expect(session.claims).toMatchObject({ sub: '8', name: 'ann' });
  });

  it('stays unknown, without a sign-out, if the request for it fails', async () => {
    network.use(http.get(`${ORIGIN}/me`, () => new HttpResponse(null, { status: 500 })));
    const session = signedIn({ user: { url: `${ORIGIN}/me` } });
    await session.ready;
    expect(session.status).toBe('restoring');
  });

  it('stays known after refreshes whose responses do not contain it', async () => {
    const session = signedIn({});
    await session.ready;
    await session.signIn({ user: { sub: 'kevin' } });
    await session.refresh();
    expect(session.claims).toEqual({ sub: 'kevin' });
  });

  it.each([
    ['seconds', () => String((Date.now() + 60_000) / 1000).split('.')[0]],
    ['a date', () => encodeURIComponent(new Date(Date.now() + 60_000).toISOString())],
  ])('is refreshed ahead of the expiry in a cookie with %s', async (_, value) => {
    const clock = fakeClock();
    setCookie(`expires=${value()}`);
    const refreshed = vi.fn();
    const session = signedIn({ expiryCookie: 'expires' }, () => {
      refreshed();
      return empty();
    });
    await session.ready;
    const fetch = createSessionFetch(session);
    network.use(http.get(`${ORIGIN}/data`, () => HttpResponse.json({})));
    await clock.tick(30_000);
    await fetch(`${ORIGIN}/data`);
    expect(refreshed).toHaveBeenCalledTimes(1);
    await clock.tick(29_500);
    setCookie(`expires=${value()}`);
    await fetch(`${ORIGIN}/data`);
    expect(refreshed).toHaveBeenCalledTimes(2);
  });
});
