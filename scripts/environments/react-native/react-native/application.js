import 'core-js/web/url';
import axios from 'axios';
import { createSession, envelopeBackend } from 'unexpired';
import { attachSession } from 'unexpired/axios';

const origin = globalThis.ORIGIN;

const items = new Map();
/** Like the package with this name: every call is asynchronous. */
const AsyncStorage = {
  getItem: async (key) => items.get(key) ?? null,
  setItem: async (key, value) => void items.set(key, value),
  removeItem: async (key) => void items.delete(key),
};

const store = {
  read: async () => JSON.parse((await AsyncStorage.getItem('session')) ?? 'null'),
  write: (tokens) =>
    tokens ? AsyncStorage.setItem('session', JSON.stringify(tokens)) : AsyncStorage.removeItem('session'),
};

const open = () => createSession({ backend: envelopeBackend({ url: `${origin}/update_token/` }), store });

async function order() {
  const session = open();
  // Node lacks XMLHttpRequest, which React Native has.
  const api = axios.create({ baseURL: origin, adapter: 'fetch' });
  attachSession(api, session, { exclude: ['/login/', '/expire'] });
  await session.ready;
  const before = session.status;
  const { data } = await api.post('/login/', { username: 'kevin', password: 'open-sesame' });
  await session.signIn(data);
  let refreshes = 0;
  session.subscribe(({ type }) => {
    if (type === 'refreshed') refreshes++;
  });
  await api.get('/expire');
  const answers = await Promise.all([1, 2, 3].map(() => api.get('/order/')));
  // React Native's signals have no `throwIfAborted`.
  await session.getAccessToken({ signal: new AbortController().signal });
  session.dispose();
  const next = open();
  await next.ready;
  const codes = answers.map((answer) => answer.data.code).join(', ');
  console.log(
    `before: ${before}, orders: ${codes}, refreshes: ${refreshes}, after a restart: ${next.status}`,
  );
  next.dispose();
}

order().catch((error) => {
  console.error(error);
  globalThis.exit(1);
});
