import ky from 'ky';
import { HttpResponse, http } from 'msw';
import { ofetch } from 'ofetch';
import createClient from 'openapi-fetch';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import { ORIGIN, outcome, times } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { createFetchApp } from '../support/fetch-app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

/** An API as openapi-typescript describes it. */
interface Paths {
  '/order/': {
    get: { responses: { 200: { content: { 'application/json': Order } } } };
    post: {
      requestBody: { content: { 'application/json': { item: string } } };
      responses: { 200: { content: { 'application/json': Order } } };
    };
  };
}

interface Order {
  code: number;
  data: unknown;
}

interface Client {
  get(init?: { signal?: AbortSignal; session?: boolean }): Promise<Order>;
  post(item: string): Promise<Order>;
}

const clients: [string, (fetch: typeof globalThis.fetch) => Client][] = [
  [
    'ky',
    (fetch) => {
      const api = ky.create({ prefix: ORIGIN, fetch });
      return {
        get: (init) => api.get('order/', { ...init }).json(),
        post: (item) => api.post('order/', { json: { item } }).json(),
      };
    },
  ],
  [
    'ofetch',
    (fetch) => {
      // By default it repeats all rejected calls.
      const api = ofetch.create({ baseURL: ORIGIN, retry: false }, { fetch });
      return {
        get: (init) => api('/order/', { ...init }),
        post: (item) => api('/order/', { method: 'POST', body: { item } }),
      };
    },
  ],
  [
    'openapi-fetch',
    (fetch) => {
      const api = createClient<Paths>({ baseUrl: ORIGIN, fetch });
      const orThrow = ({ data, response }: { data?: Order; response: Response }) => {
        if (!data) throw new Error(`status ${response.status}`);
        return data;
      };
      return {
        get: async (init) => orThrow(await api.GET('/order/', { ...init })),
        post: async (item) => orThrow(await api.POST('/order/', { body: { item } })),
      };
    },
  ],
];

/** The cause of an ofetch error is what fetch rejected with. */
const reasonOf = (error: unknown) => (error as Error).cause ?? error;

describe.each(clients)('%s over session fetch', (_, createClient) => {
  async function signedIn() {
    const clock = fakeClock();
    const app = createFetchApp({
      server: { orders: async (request) => ({ code: 1006, data: (await request.text()) || 'no body' }) },
    });
    await app.logIn();
    return { ...app, clock, client: createClient(app.call) };
  }

  it('waits for one refresh', async () => {
    const { client, clock, server } = await signedIn();
    await clock.tick(60_000);
    expect(await times(20, () => client.get())).toEqual(Array(20).fill({ code: 1006, data: 'no body' }));
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 20, ordersRefused: 0 });
  });

  it('sends a refused request again, with its body', async () => {
    const { client, server } = await signedIn();
    server.expireAccessTokens();
    expect(await client.post('tea')).toEqual({ code: 1006, data: '{"item":"tea"}' });
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 1, ordersRefused: 1 });
  });

  it('tells its caller why the refresh failed', async () => {
    const { client, clock, server, session } = await signedIn();
    await clock.tick(60_000);
    server.revoke();
    expect(reasonOf(await outcome(client.get()))).toMatchObject({ code: 'refresh_rejected' });
    expect(server.stats.refreshFailures).toBe(1);
    expect(session.status).toBe('signed-out');
  });

  it('can be aborted while it waits', async () => {
    const { client, clock, server } = await signedIn();
    await clock.tick(60_000);
    server.configure({ latency: { refresh: 30 } });
    const controller = new AbortController();
    const aborted = outcome(client.get({ signal: controller.signal }));
    const other = client.get();
    controller.abort();
    expect(reasonOf(await aborted)).toMatchObject({ name: 'AbortError' });
    expect(await other).toMatchObject({ code: 1006 });
    expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 1 });
  });

  it('sends one request without a token: { session: false }', async () => {
    const { client } = await signedIn();
    network.use(
      http.get(`${ORIGIN}/order/`, ({ request }) =>
        HttpResponse.json({ code: 1006, data: request.headers.has('authorization') }),
      ),
    );
    expect((await client.get()).data).toBe(true);
    expect((await client.get({ session: false })).data).toBe(false);
  });
});
