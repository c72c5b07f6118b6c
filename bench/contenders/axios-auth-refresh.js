import axios from 'axios';
import { createAuthRefresh } from 'axios-auth-refresh';

/** As in its README: one interceptor reads the token from storage, the other refreshes after a 401. */
export const contender = {
  name: 'axios-auth-refresh',
  packages: ['axios', 'axios-auth-refresh'],
  refreshes: true,
  imports: `export { createAuthRefresh } from 'axios-auth-refresh';`,
  create({ baseURL, tokens, refresh, storage, transport }) {
    const api = axios.create({ baseURL, ...transport.axios });
    const save = ({ accessToken, refreshToken }) => {
      storage.setItem('access', accessToken);
      storage.setItem('refresh', refreshToken);
    };
    if (tokens) save(tokens);
    api.interceptors.request.use((config) => {
      config.headers.Authorization = `Bearer ${storage.getItem('access')}`;
      return config;
    });
    createAuthRefresh(api, async (failed) => {
      const fresh = await refresh(storage.getItem('refresh'));
      save(fresh);
      failed.response.config.headers.Authorization = `Bearer ${fresh.accessToken}`;
    });
    return { get: (path) => api.get(path).then(({ data }) => data) };
  },
};
