import axios from 'axios';
import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import {
  cookieBackend,
  createSession,
  localStorageStore,
  loginRedirect,
  memoryStore,
  type SessionOptions,
  sessionStorageStore,
  sharedMemoryStore,
  simpleJwtBackend,
} from '../../src/index.js';
import { ORIGIN } from '../support/app.js';
import { tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const REFRESH = `${ORIGIN}/token/refresh/`;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const PAGE = { href: `${ORIGIN}/page`, origin: ORIGIN, protocol: 'https:', pathname: '/page', search: '' };

/** As in browsers whose user forbids storage, and in sandboxed iframes. */
function denied(): never {
  throw new DOMException('The operation is insecure.', 'SecurityError');
}

const NAMES = ['location', 'document', 'localStorage', 'sessionStorage', 'indexedDB', 'BroadcastChannel'];

/** What a global can be: absent, another library's shim, or forbidden. axios itself reads `navigator`. */
const ODD: [string, string, unknown][] = [
  ...NAMES.flatMap((name): [string, string, unknown][] => [
    [name, 'undefined', undefined],
    [name, 'null', null],
    [name, 'an empty object', {}],
  ]),
  ['location', 'a shim', { toString: () => 'about:blank' }],
  ['document', 'a shim', { baseURI: null, cookie: {}, addEventListener: null }],
  ['document', 'that of a sandboxed page', Object.defineProperty({}, 'cookie', { get: denied })],
  ['navigator', 'undefined', undefined],
  ['navigator', 'an empty object', {}],
  ['navigator', 'a shim without locks', { locks: null }],
  ['navigator', 'a shim with empty locks', { locks: {} }],
  ['navigator', 'one whose locks are forbidden', { locks: { request: async () => denied() } }],
  ['navigator', 'one whose locks throw', { locks: { request: denied } }],
  ['indexedDB', 'forbidden', { open: denied }],
  ['BroadcastChannel', 'forbidden', denied],
  ['localStorage', 'a shim that only reads', { getItem: () => null }],
  ['addEventListener', 'undefined', undefined],
  ['removeEventListener', 'undefined', undefined],
  ['window', 'a shim', {}],
];

const SESSIONS: [string, () => Partial<SessionOptions>][] = [
  ['localStorageStore', () => ({ store: localStorageStore() })],
  ['sessionStorageStore', () => ({ store: sessionStorageStore() })],
  ['sharedMemoryStore', () => ({ store: sharedMemoryStore() })],
  ['memoryStore', () => ({ store: memoryStore() })],
  [
    'cookieBackend',
    () => ({ backend: cookieBackend({ url: REFRESH, csrf: { cookie: 'c', header: 'X-C' } }) }),
  ],
];

/** Signs in, refreshes, sends a request by each client, and signs out. */
async function use(options: Partial<SessionOptions>): Promise<void> {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const [fresh, sent] = [tokenOf('alice', 1), `Bearer ${tokenOf('alice', 1)}`];
  network.use(
    http.post(REFRESH, () => HttpResponse.json({ access: fresh, access_token: fresh })),
    http.get(`${ORIGIN}/who`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
  );
  const backend = simpleJwtBackend({ url: REFRESH });
  const session = createSession({ backend, onSignedOut: loginRedirect({ to: '/login' }), ...options });
  await session.ready;
  await session.signIn({ accessToken: tokenOf('alice'), refreshToken: 'r', expiresAt: 1 });
  const api = axios.create({ baseURL: ORIGIN });
  attachSession(api, session);
  const call = createSessionFetch(session, { origins: [ORIGIN] });
  expect((await api.get('/who')).data).toBe(sent);
  expect(await (await call(`${ORIGIN}/who`)).json()).toBe(sent);
  await session.signOut();
  expect(session.status).toBe('signed-out');
  session.dispose();
}

function pretendPage(): void {
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('location', { ...PAGE, hash: '', replace() {} });
}

describe.each(SESSIONS)('a session with %s works', (_, options) => {
  it.each(ODD)('if %s is %s', async (name, _what, value) => {
    pretendPage();
    vi.stubGlobal(name, value);
    await use(options());
  });

  // No library can replace the getters of `location` and `document`.
  it.each(['localStorage', 'sessionStorage', 'indexedDB', 'BroadcastChannel'])(
    'if reading %s throws',
    async (name) => {
      pretendPage();
      vi.stubGlobal(name, undefined); // restored after the test
      Object.defineProperty(globalThis, name, { configurable: true, get: denied });
      await use(options()).finally(() => {
        Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: undefined });
      });
    },
  );
});
