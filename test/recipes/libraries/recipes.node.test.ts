import { gql } from '@apollo/client';
import { createClient } from '@hey-api/client-axios';
import { gql as gqlOfUrql } from '@urql/core';
import type { AxiosStatic } from 'axios';
import AxiosMockAdapter from 'axios-mock-adapter';
import { HttpResponse } from 'msw';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { outcome } from '../../support/app.js';
import { tokenOf } from '../../support/handmade.js';
import { mockNetwork } from '../../support/mock-network.js';
import { createRecipeApi, type RecipeApi } from '../../support/recipe-api.js';
import './axios-retry.js';
import { client as apollo } from './apollo.js';
import { cached } from './axios-cache.js';
import { session as graphqlSession } from './graphql-session.js';
import { client as heyApi } from './hey-api.js';
import { api as kyApi } from './ky.js';
import { api as ofetchApi } from './ofetch.js';
import { request } from './orval.js';
import { queryClient } from './query-client.js';
import { ordersApi, store } from './rtk-query.js';
import { api, session, sessionFetch, url } from './session.js';
import * as urql from './urql.js';
import { api as wretchApi } from './wretch.js';

mockNetwork();

// ky 2 needs no recipe.
vi.mock('ky', () => import('ky-1'));

const ORDERS = gql`query Orders { orders }`;
const orders = `${url}/orders/`;

/** As on the page. The types of generated clients also accept an instance. */
const heyAxios = createClient();
heyAxios.setConfig({ axios: api as AxiosStatic, baseURL: url });

interface Client {
  /** Requests the orders. The response contains the user whose token was sent. */
  get(): Promise<unknown>;
  session?: typeof session;
}

const query = { queryKey: ['orders'], queryFn: async () => (await sessionFetch(orders)).json() };
const rtkQuery = ordersApi.endpoints.orders.initiate;

const clients: [string, Client][] = [
  ['axios-retry', { get: async () => (await api.get('/orders/')).data }],
  ['axios-cache-interceptor', { get: async () => (await cached.get('/orders/')).data }],
  ['TanStack Query', { get: () => queryClient.fetchQuery(query) }],
  [
    'TanStack Query over axios',
    {
      get: () => queryClient.fetchQuery({ ...query, queryFn: async () => (await api.get('/orders/')).data }),
    },
  ],
  ['RTK Query', { get: () => store.dispatch(rtkQuery(undefined, { forceRefetch: true })).unwrap() }],
  ['ky 1', { get: () => kyApi.get(orders).json() }],
  ['ofetch', { get: () => ofetchApi('/orders/') }],
  ['wretch', { get: () => wretchApi.get('/orders/').json() }],
  ['hey-api', { get: async () => (await heyApi.get({ url: '/orders/', throwOnError: true })).data }],
  [
    'hey-api over axios',
    { get: async () => (await heyAxios.get({ url: '/orders/', throwOnError: true })).data },
  ],
  ['orval', { get: () => request({ url: '/orders/' }) }],
  [
    'Apollo Client',
    {
      get: async () =>
        (await apollo.query<{ orders: unknown }>({ query: ORDERS, fetchPolicy: 'network-only' })).data!
          .orders,
      session: graphqlSession,
    },
  ],
  [
    'urql',
    {
      get: async () => {
        const { data, error } = await urql.client.query(gqlOfUrql`query Orders { orders }`, {}).toPromise();
        if (error) throw error;
        return data.orders;
      },
      session: graphqlSession,
    },
  ],
];

describe.each(clients)('%s, as docs/libraries.md sets it up', (_, { get, session: own = session }) => {
  it('waits for one refresh', async () => {
    const server = createRecipeApi(own);
    await server.signIn('alice', { stale: true });
    server.release();
    expect(await get()).toEqual(['alice']);
    expect(server.refreshes).toBe(1);
  });

  it.each<[string, (server: RecipeApi) => Promise<void>]>([
    ['bob', (server) => server.signIn('bob')],
    ['nobody', () => own.signOut()],
  ])('does not send alice’s request as %s', async (_, change) => {
    const server = createRecipeApi(own);
    await server.signIn('alice', { stale: true });
    const waiting = outcome(get());
    await server.refreshing();
    await change(server);
    expect(await waiting).toBeTypeOf('object');
    expect(server.seen).toEqual([]);
  });

  it('does not give alice’s response to bob', async () => {
    const server = createRecipeApi(own);
    await server.signIn('alice');
    expect(await get()).toEqual(['alice']);
    await server.signIn('bob');
    expect(await get()).toEqual(['bob']);
  });

  it('sends a refused request again', async () => {
    const errors = [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }];
    // Apollo Server answers like this if a resolver, or its `context`, refuses the token.
    const refusals = [200, 500].map((status) => () => HttpResponse.json({ errors }, { status }));
    for (const refusal of own === graphqlSession ? refusals : [undefined]) {
      const server = createRecipeApi(own, refusal);
      await server.signIn('alice', { revoked: true });
      server.release();
      expect(await get()).toEqual(['alice']);
      expect(server.seen.length).toBe(2);
    }
  });
});

describe('axios-retry', () => {
  it('repeats a failed request with a valid token each time', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice');
    server.failNext(503);
    expect((await api.get('/orders/')).data).toEqual(['alice']);
    expect(server.seen).toEqual(['GET alice', 'GET alice']);
  });
});

describe('axios-cache-interceptor', () => {
  it('responds from the cache without waiting for a refresh', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice');
    await cached.get('/orders/');
    await server.signIn('alice', { stale: true });
    expect((await cached.get('/orders/')).data).toEqual(['alice']);
    expect([server.seen.length, server.refreshes]).toEqual([1, 0]);
  });

  it('does not give bob a response for alice that arrives late', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice');
    const { promise, resolve } = Promise.withResolvers<void>();
    server.hold = promise;
    const alice = cached.get('/orders/');
    await expect.poll(() => server.seen.length).toBe(1);
    await server.signIn('bob');
    const bob = cached.get('/orders/');
    resolve();
    expect([(await alice).data, (await bob).data]).toEqual([['alice'], ['bob']]);
  });
});

describe('TanStack Query', () => {
  it('removes everything at a sign-out, and keeps everything during a refresh', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice', { stale: true });
    server.release();
    await queryClient.fetchQuery(query);
    await session.refresh();
    expect(queryClient.getQueryData(['orders'])).toEqual(['alice']);
    await session.signOut();
    expect(queryClient.getQueryData(['orders'])).toBeUndefined();
  });
});

describe('RTK Query', () => {
  it('does not send alice’s mutation as bob', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice', { stale: true });
    const waiting = store.dispatch(ordersApi.endpoints.addOrder.initiate('tea'));
    await server.refreshing();
    await server.signIn('bob');
    expect(await waiting).toHaveProperty('error');
    expect(server.seen).toEqual([]);
  });

  it('repeats a request after another failure', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice');
    server.failNext(503);
    expect(await store.dispatch(ordersApi.endpoints.addOrder.initiate('tea'))).toMatchObject({
      data: ['alice'],
    });
    expect(server.seen.length).toBe(2);
  });
});

describe('axios-mock-adapter', () => {
  it('sees the token in its handlers, but not in its history', async () => {
    const server = createRecipeApi(session);
    await server.signIn('alice');
    const mock = new AxiosMockAdapter(api);
    onTestFinished(() => mock.restore());
    mock
      .onGet('/orders/')
      .replyOnce(401)
      .onGet('/orders/')
      .reply(({ headers }) => [200, headers?.Authorization]);
    server.release();
    expect((await api.get('/orders/')).data).toBe(`Bearer ${tokenOf('alice', 1)}`);
    expect(mock.history.get!.map(({ url, headers }) => [url, headers?.Authorization])).toEqual([
      ['/orders/', undefined],
      ['/orders/', undefined],
    ]);
  });
});
