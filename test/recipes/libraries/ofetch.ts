import { ofetch } from 'ofetch';
import { isFinal } from './is-final';
import { sessionFetch, url } from './session';

export const api = ofetch.create(
  {
    baseURL: url,
    timeout: 10_000,
    onRequestError({ error, options }) {
      if (isFinal(error)) options.retry = false;
    },
  },
  { fetch: sessionFetch },
);
