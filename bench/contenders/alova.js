import { createAlova } from 'alova';
import { createClientTokenAuthentication } from 'alova/client';
import adapterFetch from 'alova/fetch';

/** Client token authentication of alova. It uses `fetch` instead of axios; its cache and request sharing are switched off. */
export const contender = {
  name: 'alova',
  packages: ['alova'],
  refreshes: true,
  imports: `export { createAlova } from 'alova';
    export { createClientTokenAuthentication } from 'alova/client';
    export { default as adapterFetch } from 'alova/fetch';`,
  create({ baseURL, tokens, refresh, storage, transport }) {
    const save = ({ accessToken, refreshToken, expiresAt }) => {
      storage.setItem('access', accessToken);
      storage.setItem('refresh', refreshToken);
      storage.setItem('expires', String(expiresAt));
    };
    if (tokens) save(tokens);
    const { onAuthRequired, onResponseRefreshToken } = createClientTokenAuthentication({
      refreshToken: {
        isExpired: () => Number(storage.getItem('expires')) < Date.now(),
        handler: async () => save(await refresh(storage.getItem('refresh'))),
      },
      assignToken(method) {
        method.config.headers.Authorization = `Bearer ${storage.getItem('access')}`;
      },
    });
    const api = createAlova({
      baseURL,
      requestAdapter: transport.alova ?? adapterFetch(),
      cacheFor: null,
      shareRequest: false,
      beforeRequest: onAuthRequired(),
      responded: onResponseRefreshToken(async (response) => {
        if (!response.ok) throw new Error(`status ${response.status}`);
        return response.json();
      }),
    });
    return { get: (path) => api.Get(path).send() };
  },
};
