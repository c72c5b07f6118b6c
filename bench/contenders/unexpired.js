import axios from 'axios';
import { createSession, localStorageStore, memoryStore } from 'unexpired';
import { attachSession } from 'unexpired/axios';

/** As in the README, but with a custom backend of two functions, like the other contenders. */
export const contender = {
  name: 'unexpired',
  packages: ['axios', 'unexpired'],
  refreshes: true,
  imports: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
    export { attachSession } from 'unexpired/axios';`,
  async create({ baseURL, tokens, refresh, storage, transport }) {
    const session = createSession({
      store: storage === globalThis.localStorage ? localStorageStore() : memoryStore(),
      backend: {
        refresh: ({ refreshToken }) => refresh(refreshToken),
        readTokens: (body) => body,
      },
    });
    const api = axios.create({ baseURL, ...transport.axios });
    attachSession(api, session, { exclude: ['/login/'] });
    if (tokens) await session.signIn(tokens);
    return {
      get: (path) => api.get(path).then(({ data }) => data),
      close: () => session.dispose(),
    };
  },
};
