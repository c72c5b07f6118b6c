import axios from 'axios';
import { jwtDecode } from 'jwt-decode';

/** The interceptor from tutorials: decodes the token before each request; after a 401, other requests queue for one refresh. */
export const contender = {
  name: 'copied interceptor',
  packages: ['axios', 'jwt-decode'],
  refreshes: true,
  imports: `export { jwtDecode } from 'jwt-decode';`,
  create({ baseURL, tokens, refresh, storage, transport }) {
    const api = axios.create({ baseURL, ...transport.axios });
    if (tokens) save(tokens);

    let isRefreshing = false;
    let failedQueue = [];

    function save({ accessToken, refreshToken }) {
      storage.setItem('access', accessToken);
      storage.setItem('refresh', refreshToken);
    }

    function processQueue(error, token) {
      for (const { resolve, reject } of failedQueue) error ? reject(error) : resolve(token);
      failedQueue = [];
    }

    async function renew() {
      isRefreshing = true;
      try {
        const fresh = await refresh(storage.getItem('refresh'));
        save(fresh);
        processQueue(null, fresh.accessToken);
        return fresh.accessToken;
      } catch (error) {
        processQueue(error, null);
        storage.removeItem('access');
        storage.removeItem('refresh');
        throw error;
      } finally {
        isRefreshing = false;
      }
    }

    const joinQueue = () => new Promise((resolve, reject) => failedQueue.push({ resolve, reject }));
    const newToken = () => (isRefreshing ? joinQueue() : renew());

    api.interceptors.request.use(async (config) => {
      let token = storage.getItem('access');
      if (token && jwtDecode(token).exp < Date.now() / 1000) token = await newToken();
      config.headers.Authorization = `Bearer ${token}`;
      return config;
    });
    api.interceptors.response.use(
      (response) => response,
      async (error) => {
        const { config, response } = error;
        if (response?.status !== 401 || config._retry) throw error;
        config._retry = true;
        config.headers.Authorization = `Bearer ${await newToken()}`;
        return api(config);
      },
    );
    return { get: (path) => api.get(path).then(({ data }) => data) };
  },
};
