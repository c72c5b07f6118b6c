import ky from 'ky';
import { isFinal } from './is-final';
import { sessionFetch } from './session';

export const api = ky.create({
  fetch: sessionFetch,
  hooks: {
    beforeRetry: [
      ({ error }) => {
        if (isFinal(error)) throw error;
      },
    ],
  },
});
