import wretch from 'wretch';
import { retry } from 'wretch/middlewares';
import { isFinal } from './is-final';
import { sessionFetch, url } from './session';

export const api = wretch(url)
  .polyfills({ fetch: sessionFetch })
  .middlewares([
    retry({
      retryOnNetworkError: true,
      until: (response, error) => response?.ok === true || isFinal(error),
    }),
  ]);
