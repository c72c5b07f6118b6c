import { Agent } from 'node:http';
import { refresher } from './refresher.js';

/** Replaces localStorage in Node. A Map is faster than the real localStorage. */
export function createStorage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

/** The maximum number of sockets. 10,000 sockets would measure the kernel instead of the contender; a browser uses six. */
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
