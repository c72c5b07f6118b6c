import { HttpResponse, http } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import type { TokenSet } from '../../src/index.js';
import { ORIGIN, outcome, times } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { createFetchApp } from '../support/fetch-app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const ORDER = { code: 1006, data: '订单数据' };
const URL_OF_ORDER = `${ORIGIN}/order/`;

/** An application whose token has expired, and whose refresh is slow. */
async function waiting(latency = 50) {
  const clock = fakeClock();
  const app = createFetchApp();
  await app.logIn();
  await clock.tick(60_000);
  app.server.configure({ latency: { refresh: latency } });
  return { ...app, clock };
}

/** A session whose refreshes the test answers, and an API that returns the token it received. */
function createHandmade() {
  const answers: ((tokens: TokenSet) => void)[] = [];
  const refresh = () => new Promise<TokenSet>((resolve) => answers.push(resolve));
  const app = createFetchApp({
    session: { backend: { readTokens: (body) => body as TokenSet, refresh } },
  });
  network.use(
    http.get(`${ORIGIN}/whoami`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
  );
  const whoami = async () => (await app.call(`${ORIGIN}/whoami`)).json();
  return { ...app, answers, whoami, asked: () => expect.poll(() => answers.length).toBe(1) };
}

const tokenOf = (user: string) => `e30.${btoa(JSON.stringify({ sub: user })).replaceAll('=', '')}.x`;

describe('guarantees 1 and 2 with fetch: one refresh, and no wasted requests', () => {
  it('fifty orders with an expired token cost one refresh and 51 calls', async () => {
    const { server, fetchOrder } = await waiting();
    expect(await times(50, () => fetchOrder())).toEqual(Array(50).fill(ORDER));
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 50, ordersRefused: 0, requests: 52 });
  });

  it('fifty orders with a token that the server refuses cost one refresh, and each is sent twice', async () => {
    const { server, fetchOrder, logIn } = createFetchApp();
    await logIn();
    server.expireAccessTokens();
    expect(await times(50, () => fetchOrder())).toEqual(Array(50).fill(ORDER));
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 50, ordersRefused: 50 });
  });

  it('axios, fetch and getAccessToken share one refresh', async () => {
    const { server, session, order, fetchOrder } = await waiting();
    await Promise.all([order(), fetchOrder(), session.getAccessToken(), fetchOrder()]);
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 3, ordersRefused: 0 });
  });

  it('an ageing token is sent at once, and refreshed in the background', async () => {
    const clock = fakeClock();
    const { session, answers, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: 'old', refreshToken: 'r', expiresAt: Date.now() + 60_000 });
    await clock.tick(46_000);
    expect(await whoami()).toBe('Bearer old');
    await asked();
    answers[0]!({ accessToken: 'new' });
    await expect.poll(whoami).toBe('Bearer new');
  });

  it('a late refusal of a token that was already replaced starts no second refresh', async () => {
    const { server, fetchOrder, logIn } = createFetchApp();
    await logIn();
    server.expireAccessTokens();
    server.configure({ latency: { order: 60 } });
    const late = fetchOrder();
    await new Promise((resolve) => setTimeout(resolve, 10));
    server.configure({ latency: 0 });
    await fetchOrder();
    expect(await late).toEqual(ORDER);
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 2, ordersRefused: 2 });
  });

  it('an endpoint that refuses every token causes no request storm, and the caller gets its response', async () => {
    fakeClock();
    const { server, call, logIn } = createFetchApp();
    await logIn();
    server.fail('order', { status: 401 });
    for (let index = 0; index < 20; index++) {
      const answer = await call(URL_OF_ORDER);
      expect([answer.status, await answer.text()]).toEqual([401, 'Status 401']);
    }
    expect(server.stats.refreshes).toBe(1);
  });
});

describe('guarantee 3 with fetch: every request settles', () => {
  it.each([
    ['in the init', (signal: AbortSignal) => [URL_OF_ORDER, { signal }]],
    ['of a Request', (signal: AbortSignal) => [new Request(URL_OF_ORDER, { signal })]],
    [
      'in the init, which overrides that of a Request',
      (signal: AbortSignal) => [
        new Request(URL_OF_ORDER, { signal: new AbortController().signal }),
        { signal },
      ],
    ],
  ] as [string, (signal: AbortSignal) => Parameters<typeof fetch>][])(
    'a signal %s ends the wait with its reason, and does not affect the refresh or other requests',
    async (_, args) => {
      const { call, fetchOrder, server } = await waiting();
      const controller = new AbortController();
      const aborted = outcome(call(...args(controller.signal)));
      const other = fetchOrder();
      const reason = new Error('no longer needed');
      controller.abort(reason);
      expect(((await aborted) as Error).message).toBe('no longer needed');
      expect(server.stats.refreshes).toBe(0);
      expect(await other).toEqual(ORDER);
      expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 1 });
    },
  );

  it('an already aborted signal is respected', async () => {
    const { fetchOrder, server, session } = await waiting();
    expect(await outcome(fetchOrder({ signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' });
    expect(server.stats.ordersOk).toBe(0);
    await session.getAccessToken(); // No refresh may run on into the next test.
  });

  it('AbortSignal.timeout includes the wait', async () => {
    const { fetchOrder } = await waiting(100);
    const timedOut = outcome(fetchOrder({ signal: AbortSignal.timeout(20) }));
    const other = fetchOrder();
    expect(await timedOut).toMatchObject({ name: 'TimeoutError' });
    await other;
  });

  it('a signal of null removes the signal of a Request', async () => {
    const { call } = await waiting();
    const controller = new AbortController();
    const order = call(new Request(URL_OF_ORDER, { signal: controller.signal }), { signal: null });
    controller.abort();
    expect(await (await order).json()).toEqual(ORDER);
  });

  it('if a response is aborted while it is read, reading it rejects', async () => {
    const { call, logIn } = createFetchApp();
    await logIn();
    const controller = new AbortController();
    const answer = await call(URL_OF_ORDER, { signal: controller.signal });
    controller.abort();
    expect(await outcome(answer.text())).toMatchObject({ name: 'AbortError' });
  });

  it('all waiting requests reject with the SessionError when the refresh fails', async () => {
    const { fetchOrder, server } = await waiting(0);
    server.fail('refresh', 'network');
    for (const error of await times(20, () => outcome(fetchOrder())))
      expect(error).toMatchObject({ name: 'SessionError', code: 'refresh_unavailable' });
    expect(server.stats.ordersOk).toBe(0);
  });

  it('a refused refresh token ends the session once and rejects all waiting requests', async () => {
    const onSignedOut = vi.fn();
    const clock = fakeClock();
    const { fetchOrder, server, session, logIn } = createFetchApp({ session: { onSignedOut } });
    await logIn();
    await clock.tick(60_000);
    server.revoke();
    for (const error of await times(20, () => outcome(fetchOrder())))
      expect(error).toMatchObject({ code: 'refresh_rejected' });
    expect(session.status).toBe('signed-out');
    expect(onSignedOut).toHaveBeenCalledOnce();
  });

  it('a network error is fetch’s own error, and the session continues', async () => {
    const { fetchOrder, server, session, logIn } = createFetchApp();
    await logIn();
    server.failNext('order', 'network');
    expect(await outcome(fetchOrder())).toBeInstanceOf(TypeError);
    expect(session.status).toBe('signed-in');
    expect(server.stats.refreshes).toBe(0);
  });

  it('a request waits until an asynchronous store has been read', async () => {
    const store = { read: async () => ({ accessToken: 'stored', refreshToken: 'r' }), write: () => {} };
    const { call, session } = createFetchApp({ session: { store } });
    network.use(
      http.get(`${ORIGIN}/whoami`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
    );
    expect(session.status).toBe('restoring');
    expect(await (await call(`${ORIGIN}/whoami`)).json()).toBe('stored');
  });

  it('a sign-out or dispose() rejects waiting requests', async () => {
    for (const end of ['signOut', 'dispose'] as const) {
      const { fetchOrder, session } = await waiting();
      const orders = times(3, () => outcome(fetchOrder()));
      await session[end]();
      for (const error of await orders) expect(error).toMatchObject({ code: 'signed_out' });
    }
  });

  it('a completed request leaves no timer and no listener', async () => {
    const clock = fakeClock({ timers: true });
    const { session, fetchOrder, logIn } = createFetchApp();
    await logIn();
    await clock.tick(60_000);
    const controller = new AbortController();
    const added = vi.spyOn(controller.signal, 'addEventListener');
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const order = fetchOrder({ signal: controller.signal });
    const [, listener] = added.mock.calls[0]!; // The rest is fetch's own.
    await order;
    expect(removed.mock.calls.map(([, removedOne]) => removedOne)).toContain(listener);
    session.dispose();
    await clock.tick(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('guarantee 6 with fetch: late responses are ignored', () => {
  it("a waiting request is never sent with another user's token", async () => {
    const { session, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', expiresAt: 1 });
    const waitingFor = outcome(whoami());
    await asked();
    await session.signIn({ accessToken: tokenOf('bob'), refreshToken: 'r2' });
    expect(await waitingFor).toMatchObject({ code: 'session_changed' });
  });

  it("a waiting Request whose body must be read first is never sent with another user's token", async () => {
    const { session, call, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', expiresAt: 1 });
    void outcome(whoami());
    await asked();
    const posted = outcome(
      call(
        new Request(`${ORIGIN}/whoami`, {
          method: 'POST',
          body: '{}',
          headers: { 'Content-Type': 'text/plain' },
        }),
      ),
    );
    await session.signIn({ accessToken: tokenOf('bob'), refreshToken: 'r2' });
    expect(await posted).toMatchObject({ code: 'session_changed' });
  });

  it('a request continues if the same user has signed in again', async () => {
    const { session, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', expiresAt: 1 });
    const waitingFor = whoami();
    await asked();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r2' });
    expect(await waitingFor).toBe(`Bearer ${tokenOf('ann')}`);
  });

  it('a refresh that ends after a sign-out changes nothing', async () => {
    const { session, answers, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', expiresAt: 1 });
    const waitingFor = outcome(whoami());
    await asked();
    await session.signOut();
    expect(await waitingFor).toMatchObject({ code: 'signed_out' });
    answers[0]!({ accessToken: tokenOf('ann'), refreshToken: 'r1' });
    expect(await whoami()).toBeNull();
  });
});
