import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { session, sessionFetch, url } from './graphql-session';

/** A new client for each user: it has a new cache. */
const create = () =>
  new Client({
    url: `${url}/graphql`,
    fetch: sessionFetch,
    exchanges: [cacheExchange, fetchExchange],
    preferGetMethod: false,
  });

export let client: Client = create();

session.subscribe(({ type }) => {
  if (type === 'signed-in' || type === 'signed-out') client = create();
});
