import axios from 'axios';

/** What the application of each contender calls to refresh; throws an AxiosError as the tutorials' do. */
export function refresher(baseURL, options = {}) {
  const plain = axios.create({ baseURL, ...options });
  return async (refreshToken) => {
    const { data } = await plain.post('/update_token/', null, {
      headers: { 'X-Refresh-Token': refreshToken },
    });
    return data;
  };
}
