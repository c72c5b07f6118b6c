import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestBackend, type TestBackend, type TestBackendOptions } from '../../src/testing/index.js';

const ORIGIN = 'https://api.test';

afterEach(() => {
  vi.useRealTimers();
});

/** A test backend with a signed-in user. */
function createSignedIn(options: TestBackendOptions = {}) {
  const backend = createTestBackend(options);
  const { data } = backend.issueTokens() as { data: { token: string; refresh_token: string } };
  const order = (init: RequestInit = {}) =>
    backend.fetch(new Request(`${ORIGIN}/order/`, { headers: { Authorization: data.token }, ...init }));
  const refresh = (init: RequestInit = {}) =>
    backend.fetch(
      new Request(`${ORIGIN}/update_token/`, {
        method: 'POST',
        headers: { RefreshAuthorization: data.refresh_token },
        ...init,
      }),
    );
  return { backend, order, refresh };
}

/** The state of a promise after all pending microtasks. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const waited = new Promise<string>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => {
      port1.close();
      resolve('pending');
    };
    port1.postMessage('');
  });
  const settled = promise.then(
    () => 'resolved',
    () => 'rejected',
  );
  return Promise.race([settled, waited]);
}

/** The token fields of all protocols, combined. */
interface Answer {
  data: { token: string };
  access_token: string;
  access: string;
}

describe('issueTokens', () => {
  const places: [TestBackendOptions, (answer: Answer) => string, string][] = [
    [{}, ({ data }) => data.token, '/order/'],
    [{ protocol: 'oauth2' }, ({ access_token }) => access_token, '/orders'],
    [{ protocol: 'simple-jwt' }, ({ access }) => access, '/order/'],
    [{ protocol: 'cookie' }, ({ access_token }) => access_token, '/orders'],
  ];

  it.each(places)('returns a login response without a call: %j', async (options, read, path) => {
    const backend = createTestBackend(options);
    const token = read(backend.issueTokens() as unknown as Answer);
    expect(backend.stats).toMatchObject({ requests: 0, logins: 0 });
    const answer = await backend.fetch(
      new Request(ORIGIN + path, { headers: { Authorization: `Bearer ${token}` } }),
    );
    expect(answer.status).toBe(200);
  });

  it('accepts any user, and an error lists the users', async () => {
    const users = [
      { username: 'ann', password: 'a', id: 7 },
      { username: 'bob', password: 'b', id: 'expired' },
    ];
    const backend = createTestBackend({ users, orders: (_request, userId) => ({ userId }) });
    const whose = async (answer: Record<string, unknown>) => {
      const { token } = answer.data as { token: string };
      const order = new Request(`${ORIGIN}/order/`, { headers: { Authorization: token } });
      return (await backend.fetch(order)).json();
    };
    expect(await whose(backend.issueTokens())).toEqual({ userId: 7 });
    expect(await whose(backend.issueTokens('bob'))).toEqual({ userId: 'expired' });
    expect(() => backend.issueTokens('eve')).toThrow(
      new TypeError('"username" must be one of this backend\'s users (ann, bob), got eve'),
    );
  });
});

describe('hold', () => {
  it('holds back a response until it is released, and the server has already processed the request', async () => {
    const { backend, refresh } = createSignedIn();
    const release = backend.hold('refresh');
    const answer = refresh();
    await backend.called('refresh');
    expect(backend.stats).toMatchObject({ refreshes: 1, refreshesAtOnce: 1 });
    expect(await stateOf(answer)).toBe('pending');
    release();
    expect((await answer).status).toBe(200);
    expect((await refresh()).status).toBe(200);
  });

  it('holds one endpoint and not the others', async () => {
    const { backend, order } = createSignedIn();
    backend.hold('refresh');
    expect((await order()).status).toBe(200);
  });

  it('ends for a caller that aborts, and not for other callers', async () => {
    const { backend, order } = createSignedIn();
    const release = backend.hold('order');
    const controller = new AbortController();
    const [impatient, patient] = [order({ signal: controller.signal }), order()];
    await backend.called('order', 2);
    controller.abort();
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' });
    expect(await stateOf(patient)).toBe('pending');
    release();
    expect((await patient).status).toBe(200);
  });

  it('a held response can be lost', async () => {
    const { backend, refresh } = createSignedIn();
    const release = backend.hold('refresh');
    backend.failNext('refresh', 'lost-answer');
    const answer = refresh();
    expect(await stateOf(answer)).toBe('pending');
    release();
    await expect(answer).rejects.toThrow('Failed to fetch');
  });

  it('an old release function does not release a later hold', async () => {
    const { backend, order } = createSignedIn();
    const first = backend.hold('order');
    first();
    const second = backend.hold('order');
    const answer = order();
    first();
    expect(await stateOf(answer)).toBe('pending');
    second();
    expect((await answer).status).toBe(200);
  });

  it('reset releases held responses', async () => {
    const { backend, order } = createSignedIn();
    backend.hold('order');
    const answer = order();
    await backend.called('order');
    backend.reset();
    expect((await answer).status).toBe(200);
  });
});

describe('called', () => {
  it('waits for a call, or resolves at once after one', async () => {
    const { backend, order } = createSignedIn();
    const called = backend.called('order');
    expect(await stateOf(called)).toBe('pending');
    await order();
    await called;
    await backend.called('order');
  });

  it('waits for the given number of calls', async () => {
    const { backend, order } = createSignedIn();
    const thrice = backend.called('order', 3);
    await order();
    await order();
    expect(await stateOf(thrice)).toBe('pending');
    await order();
    await thrice;
  });

  it('counts processed calls, even one whose response is lost, but not one that never arrives', async () => {
    const { backend, order } = createSignedIn();
    backend.failNext('order', 'network');
    await order().catch(() => {});
    expect(await stateOf(backend.called('order'))).toBe('pending');
    backend.failNext('order', 'timeout');
    const controller = new AbortController();
    const silent = order({ signal: controller.signal }).catch(() => {});
    await backend.called('order');
    controller.abort();
    await silent;
  });

  it('rejects on reset, because the counters are set to zero', async () => {
    const { backend } = createSignedIn();
    void backend.called('login'); // a promise that rejects later causes no unhandled rejection
    const called = backend.called('refresh', 2);
    backend.reset();
    await expect(called).rejects.toThrow("called('refresh', 2) cannot resolve: the backend was reset");
  });

  it('counts from zero after a reset', async () => {
    const { backend, order } = createSignedIn();
    await order();
    backend.reset();
    expect(await stateOf(backend.called('order'))).toBe('pending');
  });
});

describe('time', () => {
  it('fake timers control the latency, and there are no other timers', async () => {
    vi.useFakeTimers();
    const { backend, order } = createSignedIn({ latency: { order: 10_000 } });
    const answer = order();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(backend.stats.ordersOk).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect((await answer).status).toBe(200);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a token expires on the fake clock', async () => {
    vi.useFakeTimers();
    const { order } = createSignedIn({ accessLifetime: 60_000 });
    vi.setSystemTime(Date.now() + 58_000);
    expect((await order()).status).toBe(200);
    vi.setSystemTime(Date.now() + 2_000);
    expect((await order()).status).toBe(403);
  });
});

describe('a fault', () => {
  it('can have a body', async () => {
    const { backend, refresh } = createSignedIn();
    backend.failNext('refresh', { status: 400, body: { error: 'invalid_client' } });
    const answer = await refresh();
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_client' }]);
  });

  const refusals: [TestBackendOptions['protocol'], string, string, number, number][] = [
    ['envelope', '/update_token/', '/order/', 200, 403],
    ['oauth2', '/token', '/orders', 400, 401],
    ['simple-jwt', '/api/token/refresh/', '/order/', 401, 401],
    ['cookie', '/refresh', '/orders', 401, 401],
  ];

  it.each(refusals)(
    'refuse of %s uses its own error response',
    async (protocol, refresh, order, ...statuses) => {
      const backend: TestBackend = createTestBackend({ protocol } as TestBackendOptions);
      backend.fail('refresh', 'refuse');
      backend.fail('order', 'refuse');
      const refreshed = await backend.fetch(new Request(ORIGIN + refresh, { method: 'POST' }));
      const ordered = await backend.fetch(new Request(ORIGIN + order));
      expect([refreshed.status, ordered.status]).toEqual(statuses);
      expect(backend.stats).toMatchObject({ refreshFailures: 1, ordersRefused: 1 });
    },
  );
});

describe('configure', () => {
  it('keeps the options that are not given', async () => {
    const { backend, refresh } = createSignedIn({ rotation: 'none', keepRefreshToken: true });
    backend.configure({ accessLifetime: 7_000 });
    backend.configure({ expiresIn: true });
    const { data } = (await (await refresh()).json()) as { data: object };
    expect(data).toMatchObject({ expires_in: 7 });
    expect(data).not.toHaveProperty('refresh_token');
  });

  it('throws for an invalid option, and then changes nothing', async () => {
    const { backend, order } = createSignedIn();
    expect(() => backend.configure({ accessLifetime: 0 })).toThrow('"accessLifetime" must be');
    expect((await order()).status).toBe(200);
    backend.configure({ latency: 0 });
  });
});

it('lists the protocols in the error for an unknown one', () => {
  expect(() => createTestBackend({ protocol: 'saml' as never })).toThrow(
    new TypeError('"protocol" must be one of envelope, oauth2, simple-jwt, cookie, got saml'),
  );
});

describe('a misspelt name', () => {
  const backend = createTestBackend();
  const orders = 'orders' as never;

  it.each<[string, () => unknown]>([
    ['fail', () => backend.fail(orders, 'network')],
    ['failNext', () => backend.failNext(orders, 'network')],
    ['hold', () => backend.hold(orders)],
    ['called', () => backend.called(orders)],
  ])('of an endpoint is refused by %s()', async (_, call) => {
    await expect((async () => call())()).rejects.toThrow(
      new TypeError('"endpoint" must be one of login, refresh, order, logout, got orders'),
    );
  });

  it.each([
    ['time-out', 'got time-out'],
    [{ statsu: 503 }, 'got [object Object]'],
    [undefined, 'got undefined'],
  ])('of a fault is refused: %j', (fault, got) => {
    const message = `"fault" must be one of network, lost-answer, timeout, refuse, html, { status: <number> }, null, ${got}`;
    expect(() => backend.fail('order', fault as never)).toThrow(new TypeError(message));
    expect(() => backend.failNext('order', fault as never)).toThrow(new TypeError(message));
  });
});

it('the log shows the target of a call, and contains no token', async () => {
  const { backend, order, refresh } = createSignedIn();
  await order();
  await refresh();
  expect(backend.log).toEqual([
    { time: expect.any(Number), endpoint: 'order', method: 'GET', path: '/order/', status: 200 },
    { time: expect.any(Number), endpoint: 'refresh', method: 'POST', path: '/update_token/', status: 200 },
  ]);
});

it('configure cannot change the paths, because the msw handlers depend on them', () => {
  const backend = createTestBackend();
  // @ts-expect-error: the types do not allow it either
  expect(() => backend.configure({ paths: { order: '/v2/order/' } })).toThrow(
    '"paths" cannot change while the backend runs: create another backend with createTestBackend()',
  );
});
