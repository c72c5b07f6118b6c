import axios from 'axios';

/** The lower limit: a header in the defaults and no refresh. */
export const contender = {
  name: 'bare axios',
  packages: ['axios'],
  refreshes: false,
  imports: '',
  create({ baseURL, tokens, transport }) {
    const headers = { Authorization: `Bearer ${tokens.accessToken}` };
    const api = axios.create({ baseURL, headers, ...transport.axios });
    return { get: (path) => api.get(path).then(({ data }) => data) };
  },
};
