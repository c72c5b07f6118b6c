import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { session, sessionFetch, url } from './graphql-session';

export const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new HttpLink({ uri: `${url}/graphql`, fetch: sessionFetch }),
});

session.subscribe(({ type }) => {
  if (type === 'signed-in' || type === 'signed-out') void client.clearStore();
});
