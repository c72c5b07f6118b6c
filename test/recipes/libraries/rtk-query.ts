import { configureStore } from '@reduxjs/toolkit';
import { createApi, fetchBaseQuery, retry } from '@reduxjs/toolkit/query';
import { onUserChange } from './on-user-change';
import { sessionFetch, url } from './session';

/** RTK Query keeps an error as text. Session fetch calls it an AbortError if the user is no longer signed in. */
const isFinal = (error: object) => 'error' in error && String(error.error).startsWith('AbortError');

export const ordersApi = createApi({
  baseQuery: retry(fetchBaseQuery({ baseUrl: url, fetchFn: sessionFetch }), {
    retryCondition: (error, _args, { attempt }) => attempt <= 3 && !isFinal(error as object),
  }),
  endpoints: (build) => ({
    orders: build.query<string[], void>({ query: () => '/orders/' }),
    addOrder: build.mutation<string[], string>({
      query: (item) => ({ url: '/orders/', method: 'POST', body: { item } }),
    }),
  }),
});

export const store = configureStore({
  reducer: { [ordersApi.reducerPath]: ordersApi.reducer },
  middleware: (defaults) => defaults().concat(ordersApi.middleware),
});
onUserChange(() => store.dispatch(ordersApi.util.resetApiState()));
