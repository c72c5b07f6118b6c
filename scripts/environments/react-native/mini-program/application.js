require('core-js/web/url');
require('core-js/web/url-search-params');
require('abortcontroller-polyfill/dist/abortcontroller-polyfill-only');
const axios = require('axios/dist/browser/axios.cjs');
const { createSession, SessionError } = require('unexpired');
const { attachSession } = require('unexpired/axios');

const origin = process.env.ORIGIN;

/** `wx.request` as a promise. */
const call = (options) =>
  new Promise((resolve, reject) => wx.request({ ...options, success: resolve, fail: reject }));

/** An adapter for axios. */
async function adapter(config) {
  const { statusCode, header, data } = await call({
    url: axios.getUri(config),
    method: config.method.toUpperCase(),
    header: config.headers.toJSON(),
    data: config.data,
  });
  return { config, data, headers: header, status: statusCode, statusText: '', request: null };
}

/** The backend of the tests, called with `wx.request` instead of `fetch`. */
const backend = {
  readTokens: ({ data }) => ({ accessToken: data.token, refreshToken: data.refresh_token }),
  carry: { header: 'Authorization' },
  refuses: ({ status }) => status === 403,
  async refresh({ refreshToken }) {
    const url = `${origin}/update_token/`;
    const { statusCode, data } = await call({
      url,
      method: 'POST',
      header: { RefreshAuthorization: refreshToken },
    });
    if (statusCode === 403)
      throw new SessionError('refresh_rejected', 'The backend refused the refresh token');
    if (statusCode !== 200) throw new Error(`The backend answered ${statusCode}`);
    return backend.readTokens(data);
  },
};

const store = {
  read: () => wx.getStorageSync('session') || null,
  write: (tokens) => (tokens ? wx.setStorageSync('session', tokens) : wx.removeStorageSync('session')),
};

async function order() {
  const session = createSession({ backend, store });
  const api = axios.create({ baseURL: origin, adapter });
  attachSession(api, session, { exclude: ['/login/', '/expire'] });
  const before = session.status;
  const { data } = await api.post('/login/', { username: 'kevin', password: 'open-sesame' });
  await session.signIn(data);
  let refreshes = 0;
  session.subscribe(({ type }) => {
    if (type === 'refreshed') refreshes++;
  });
  await api.get('/expire');
  const answers = await Promise.all([1, 2, 3].map(() => api.get('/order/')));
  session.dispose();
  const next = createSession({ backend, store });
  const codes = answers.map((answer) => answer.data.code).join(', ');
  console.log(
    `before: ${before}, orders: ${codes}, refreshes: ${refreshes}, after a restart: ${next.status}`,
  );
  next.dispose();
}

order().catch((error) => {
  console.error(error);
  process.exit(1);
});
