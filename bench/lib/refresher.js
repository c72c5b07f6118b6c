import axios from 'axios';

/** The refresh function that each contender's app uses. It rejects with an AxiosError, like those in tutorials. */
export function refresher(baseURL, options = {}) {
  const plain = axios.create({ baseURL, ...options });
  return async (refreshToken) => {
    const { data } = await plain.post('/update_token/', null, {
      headers: { 'X-Refresh-Token': refreshToken },
    });
    return data;
  };
}
