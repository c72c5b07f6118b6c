import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { configureStore } from '@reduxjs/toolkit';
import { createApi, fetchBaseQuery, retry } from '@reduxjs/toolkit/query';
import ky from 'ky';
import ky1 from 'ky-1';
import { HttpResponse, http } from 'msw';
import { ofetch } from 'ofetch';
import { describe, expect, it } from 'vitest';
import wretch from 'wretch';
import { retry as retryMiddleware } from 'wretch/middlewares';
import { network } from '#network';
import fetchGuide from '../../../docs/fetch.md?raw';
import graphqlGuide from '../../../docs/graphql.md?raw';
import guide from '../../../docs/libraries.md?raw';
import { isSessionError } from '../../../src/index.js';
import { outcome } from '../../support/app.js';
import { claimsOf } from '../../support/claims.js';
import { createHandmade, ECHO, type HandmadeApp, staleTokensOf, tokenOf } from '../../support/handmade.js';
import { mockNetwork } from '../../support/mock-network.js';
import { usersSeen, whileBobSignsIn } from '../../support/other-user.js';
import { client as apollo } from './apollo.js';
import { session as graphqlSession } from './graphql-session.js';

mockNetwork();

/** docs/libraries.md says these sentences about other libraries. Their recipes are tested in recipes.node.test.ts. */
const claim = claimsOf(guide);

/** Returns how often the library sends the request if each refresh fails. */
async function triesWithoutRefresh(send: (app: HandmadeApp) => Promise<unknown>): Promise<number> {
  let tries = 0;
  const app = createHandmade({ refresh: () => Promise.reject(new Error('offline')) });
  await app.session.signIn(staleTokensOf('alice'));
  const counting: typeof fetch = (...args) => {
    tries++;
    return app.call(...args);
  };
  expect(await outcome(send({ ...app, call: counting }))).toBeInstanceOf(Error);
  return tries;
}

/** Returns how often the library sends the request if the server answers 503. */
async function triesAt503(send: (app: HandmadeApp) => Promise<unknown>): Promise<number> {
  let tries = 0;
  const app = createHandmade();
  await app.session.signIn({ accessToken: tokenOf('alice') });
  network.use(
    http.all(ECHO, () => {
      tries++;
      return HttpResponse.json({}, { status: 503 });
    }),
  );
  await outcome(send(app));
  return tries;
}

describe('ky and ofetch', () => {
  claim(
    'the error has the `name` `AbortError`: ky 2 and ofetch do not retry after it by default.',
    async () => {
      const byKy = await whileBobSignsIn(({ call }) =>
        ky.get(ECHO, { fetch: call, retry: { delay: () => 1 } }),
      );
      const byOfetch = await whileBobSignsIn(({ call }) => ofetch.create({}, { fetch: call })(ECHO));
      expect([usersSeen(byKy), usersSeen(byOfetch)]).toEqual([[], []]);
    },
  );

  claim('ky 2 needs no configuration: it does not retry after a `SessionError`.', async () => {
    const get = ({ call }: HandmadeApp) => ky.get(ECHO, { fetch: call, retry: { delay: () => 1 } });
    expect(await triesWithoutRefresh(get)).toBe(1);
    expect(await triesAt503(get)).toBeGreaterThan(1); // it does repeat other errors
  });

  claim('ky 1 retries after any error, so add this:', async () => {
    const seen = await whileBobSignsIn(({ call }) =>
      ky1.get(ECHO, { fetch: call, retry: { delay: () => 1 } }),
    );
    expect(usersSeen(seen)).toEqual(['GET bob']);
  });

  claim(
    'ofetch retries a GET once. It does not retry an aborted request, unless you set a `timeout`.',
    async () => {
      const get = ({ call }: HandmadeApp) => ofetch.create({}, { fetch: call })(ECHO);
      expect(await triesWithoutRefresh(get)).toBe(2);
      expect(
        await triesWithoutRefresh(({ call }) => ofetch.create({ method: 'POST' }, { fetch: call })(ECHO)),
      ).toBe(1);
      const aborted = await whileBobSignsIn(get);
      const withTimeout = await whileBobSignsIn(({ call }) =>
        ofetch.create({ timeout: 10_000 }, { fetch: call })(ECHO),
      );
      expect([usersSeen(aborted), usersSeen(withTimeout)]).toEqual([[], ['GET bob']]);
    },
  );
});

describe('wretch', () => {
  const client = ({ call }: HandmadeApp) => wretch(ECHO).polyfills({ fetch: call });

  claim('wretch does not retry by default.', async () => {
    const get = (app: HandmadeApp) => client(app).get().json();
    expect([await triesAt503(get), await triesWithoutRefresh(get)]).toEqual([1, 1]);
  });

  claim('Its `retry` middleware with `retryOnNetworkError` does:', async () => {
    const app = await whileBobSignsIn((app) =>
      client(app)
        .middlewares([retryMiddleware({ delayTimer: 1, retryOnNetworkError: true })])
        .get()
        .json(),
    );
    expect(usersSeen(app)).toEqual(['GET bob']);
  });
});

describe('RTK Query', () => {
  function storeOf(baseQuery: ReturnType<typeof fetchBaseQuery>) {
    const api = createApi({
      baseQuery,
      endpoints: (build) => ({
        add: build.mutation<unknown, string>({ query: (body) => ({ url: ECHO, method: 'POST', body }) }),
        get: build.query<unknown, void>({ query: () => ECHO }),
      }),
    });
    const store = configureStore({
      reducer: { [api.reducerPath]: api.reducer },
      middleware: (defaults) => defaults().concat(api.middleware),
    });
    return { api, store };
  }

  claim('`fetchBaseQuery` alone does not retry.', async () => {
    const get = ({ call }: HandmadeApp) => {
      const { api, store } = storeOf(fetchBaseQuery({ fetchFn: call }));
      return store.dispatch(api.endpoints.get.initiate());
    };
    expect(await triesAt503(get)).toBe(1);
  });

  claim('`retry()` retries after any error, mutations too, so give it a condition:', async () => {
    const app = await whileBobSignsIn(({ call }) => {
      const base = retry(fetchBaseQuery({ fetchFn: call }), { maxRetries: 1, backoff: async () => {} });
      const { api, store } = storeOf(base as ReturnType<typeof fetchBaseQuery>);
      return store.dispatch(api.endpoints.add.initiate('tea'));
    });
    expect(usersSeen(app)).toEqual(['POST bob']);
  });
});

describe('Apollo Client, in docs/graphql.md', () => {
  claimsOf(graphqlGuide)(
    'It looks for the code only in JSON, and does not delay responses in parts (`@defer`).',
    async () => {
      const { call, session } = createHandmade({ refuses: ({ body }) => body() === 'read' });
      await session.signIn({ accessToken: tokenOf('alice') });
      const endless = new ReadableStream({
        start: (part) => part.enqueue(new TextEncoder().encode('--part')),
      });
      const headers = { 'Content-Type': 'multipart/mixed; boundary=part' };
      network.use(http.get(ECHO, () => new HttpResponse(endless, { headers })));
      const answer = await call(ECHO);
      await answer.body!.cancel();
    },
  );

  it('removes everything of alice from its cache when bob signs in', async () => {
    const query = { query: gql`query Orders { orders }` };
    await graphqlSession.signIn({ accessToken: tokenOf('alice') });
    apollo.writeQuery({ ...query, data: { orders: ['alice'] } });
    expect(apollo.readQuery(query)).toEqual({ orders: ['alice'] });
    await graphqlSession.signIn({ accessToken: tokenOf('bob') });
    await expect.poll(() => apollo.readQuery(query)).toBe(null);
    await graphqlSession.signOut();
  });

  it('does not repeat requests by itself', async () => {
    const get = ({ call }: HandmadeApp) =>
      new ApolloClient({ cache: new InMemoryCache(), link: new HttpLink({ uri: ECHO, fetch: call }) }).query({
        query: gql`query Orders { orders }`,
      });
    expect([await triesAt503(get), await triesWithoutRefresh(get)]).toEqual([1, 1]);
  });
});

describe('ofetch, in docs/fetch.md', () => {
  claimsOf(fetchGuide)('With ofetch, the `cause` of an error is the `SessionError`.', async () => {
    const { call, session } = createHandmade({ refresh: () => Promise.reject(new Error('offline')) });
    await session.signIn(staleTokensOf('alice'));
    const error = await outcome(ofetch.create({ retry: false }, { fetch: call })(ECHO));
    expect(isSessionError((error as Error).cause, 'refresh_unavailable')).toBe(true);
  });
});
