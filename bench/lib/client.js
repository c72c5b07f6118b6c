import { Agent } from 'node:http';
import { refresher } from './refresher.js';

/** localStorage, where there is none: it costs a Map's look-up, which is less than the real one. */
export function createStorage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

/** No more sockets than this, as 10,000 at once would measure the kernel. A browser has six. */
const SOCKETS = 64;

export function overHttp() {
  return { axios: { httpAgent: new Agent({ keepAlive: true, maxSockets: SOCKETS }) } };
}

export function createClient(contender, { baseURL, tokens, transport = overHttp() }) {
  return contender.create({
    baseURL,
    tokens,
    transport,
    storage: createStorage(),
    refresh: refresher(baseURL, transport.axios),
  });
}
