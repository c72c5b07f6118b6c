import axios from 'axios';
import { applyAuthTokenInterceptor, setAuthTokens } from 'axios-jwt';

/** As in its README, but with a smaller `tokenExpireFudge`, because the token lifetimes of the benchmark are short. */
export const contender = {
  name: 'axios-jwt',
  packages: ['axios', 'axios-jwt'],
  refreshes: true,
  imports: `export { applyAuthTokenInterceptor, setAuthTokens, clearAuthTokens } from 'axios-jwt';`,
  async create({ baseURL, tokens, refresh, storage, transport }) {
    const api = axios.create({ baseURL, ...transport.axios });
    const getStorage = () => ({
      get: (key) => storage.getItem(key),
      set: (key, value) => storage.setItem(key, value),
      remove: (key) => storage.removeItem(key),
    });
    applyAuthTokenInterceptor(api, { requestRefresh: refresh, getStorage, tokenExpireFudge: '0.05s' });
    if (tokens) await setAuthTokens(tokens);
    return { get: (path) => api.get(path).then(({ data }) => data) };
  },
};
