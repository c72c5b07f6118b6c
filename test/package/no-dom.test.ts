import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestBackend } from 'unexpired/testing';
import { expect, it } from 'vitest';
import { serve } from '../support/http.ts';

const root = join(import.meta.dirname, '../..');

/** Globals that a runtime such as React Native's does not have. */
const ABSENT = [
  'window',
  'document',
  'location',
  'navigator',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'BroadcastChannel',
  'addEventListener',
  'removeEventListener',
  'process',
];

/** Runs a module that prints JSON, in a process without a DOM. */
async function runWithoutDom(code: string): Promise<unknown> {
  const script = `
    const print = console.log;
    for (const name of ${JSON.stringify(ABSENT)}) delete globalThis[name];
    for (const name of ${JSON.stringify(ABSENT)}) if (name in globalThis) throw new Error(name + ' is there');
    ${code}
    print(JSON.stringify(result));`;
  const args = ['--input-type=module', '--eval', script];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const SESSION = (origin: string, store: string) => `
  const { createSession, envelopeBackend, localStorageStore, memoryStore } = await import('unexpired');
  const { attachSession } = await import('unexpired/axios');
  const { createSessionFetch } = await import('unexpired/fetch');
  const { default: axios } = await import('axios');
  ${store}
  const signedOut = [];
  const session = createSession({
    backend: envelopeBackend({ url: '${origin}/update_token/' }),
    store,
    onSignedOut: ({ reason, returnTo }) => signedOut.push([reason, returnTo]),
  });
  const api = axios.create({ baseURL: '${origin}', adapter: 'fetch' });
  attachSession(api, session, { exclude: ['/login/'] });
  const sessionFetch = createSessionFetch(session, { origins: ['${origin}'] });`;

const ASYNC_STORE = `
  const items = new Map();
  const AsyncStorage = {
    getItem: async (key) => items.get(key) ?? null,
    setItem: async (key, value) => void items.set(key, value),
  };
  const store = {
    read: async () => JSON.parse((await AsyncStorage.getItem('session')) ?? 'null'),
    write: (tokens) => AsyncStorage.setItem('session', JSON.stringify(tokens)),
  };`;

it.each([
  ['in memory', 'const store = memoryStore();'],
  ['in an asynchronous store', ASYNC_STORE],
  ['in the store for localStorage, as on a server', 'const store = localStorageStore();'],
])('without a DOM, with tokens %s, axios and fetch share one refresh', async (_, store) => {
  const server = createTestBackend({ accessLifetime: 60_000, refreshLifetime: 3_600_000 });
  const origin = await serve(async (request) => {
    if (new URL(request.url).pathname !== '/expire') return server.fetch(request);
    server.expireAccessTokens();
    return new Response();
  });
  const result = await runWithoutDom(`
    ${SESSION(origin, store)}
    await session.ready;
    const { data } = await api.post('/login/', { username: 'kevin', password: 'open-sesame' });
    await session.signIn(data);
    await fetch('${origin}/expire');
    const orders = await Promise.all([
      api.get('/order/').then(({ data }) => data.code),
      sessionFetch('${origin}/order/').then((answer) => answer.json()).then(({ code }) => code),
    ]);
    const { status } = session;
    await session.signOut();
    const stored = await store.read();
    session.dispose();
    const result = { orders, status, stored, signedOut };`);
  expect(result).toEqual({
    orders: [1006, 1006],
    status: 'signed-in',
    stored: null,
    signedOut: [['signed_out', '/']],
  });
  expect(server.stats).toMatchObject({ refreshes: 1, ordersOk: 2, ordersRefused: 2 });
});

it('without a DOM, a stored session is restored when `ready` resolves', async () => {
  const result = await runWithoutDom(`
    ${SESSION('https://api.test', ASYNC_STORE)}
    const before = session.status;
    await session.signIn({ accessToken: 'a', expiresAt: Date.now() + 60_000 });
    const next = createSession({ backend: envelopeBackend({ url: 'https://api.test/update_token/' }), store });
    const restoring = next.status;
    await next.ready;
    const result = [before, restoring, next.status, await next.getAccessToken()];`);
  expect(result).toEqual(['restoring', 'restoring', 'signed-in', 'a']);
});
