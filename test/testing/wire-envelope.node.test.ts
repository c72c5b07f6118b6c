import { describe, expect, it } from 'vitest';
import { createTestBackend, type EnvelopeTestOptions } from '../../src/testing/index.js';
import recording from '../fixtures/wire/seed-django.txt?raw';
import { Wire } from '../support/wire.js';
import { expectAsRecorded } from './recording.js';

const recorded = new Wire(recording);
const NOW = Date.parse('2026-11-23T22:07:35.403Z');
const ORIGIN = 'http://127.0.0.1:8000';

function createServer(options: EnvelopeTestOptions = {}) {
  let now = NOW;
  const server = createTestBackend({
    rotation: 'none',
    accessLifetime: 3_000,
    refreshLifetime: 5_000,
    timeZone: 'Asia/Shanghai',
    now: () => now,
    ...options,
  });
  const call = async (path: string, init: RequestInit = {}) => server.fetch(new Request(ORIGIN + path, init));
  const logIn = async (password = 'open-sesame', body = JSON.stringify({ username: 'kevin', password })) =>
    call('/login/', { method: 'POST', body });
  const tokens = async () =>
    ((await (await logIn()).json()) as { data: { token: string; refresh_token: string } }).data;
  const order = (token?: string, path = '/order/') =>
    call(token === undefined ? path : `${path}?token=${token}`);
  const update = (refreshToken?: string, path = '/update_token/') =>
    call(path, {
      method: 'POST',
      headers: refreshToken === undefined ? {} : { RefreshAuthorization: refreshToken },
    });
  return { call, logIn, tokens, order, update, pass: (ms: number) => (now += ms) };
}

type Server = ReturnType<typeof createServer>;
const ALG_NONE = `${btoa('{"alg":"none"}').replaceAll('=', '')}.${btoa('{"exp":9999999999}').replaceAll('=', '')}.`;

const exchanges: [string, (server: Server) => Promise<Response>, EnvelopeTestOptions?][] = [
  ['login ok', (server) => server.logIn()],
  ['login wrong', (server) => server.logIn('wrong')],
  ['login bad JSON', (server) => server.logIn('', '{bad')],
  ['order fresh', async (server) => server.order((await server.tokens()).token)],
  [
    'order fresh, token only in Authorization (SEED_TOKEN_FROM=query)',
    async (server) => server.call('/order/', { headers: { Authorization: (await server.tokens()).token } }),
    { tokenFrom: 'query' },
  ],
  [
    'order with the refresh token as token',
    async (server) => server.order((await server.tokens()).refresh_token),
  ],
  ['order garbage', (server) => server.order('garbage')],
  ['order no token', (server) => server.order()],
  ['order alg=none', (server) => server.order(ALG_NONE)],
  ['update ok', async (server) => server.update((await server.tokens()).refresh_token)],
  [
    'update again with the same refresh token',
    async (server) => {
      const { refresh_token } = await server.tokens();
      await server.update(refresh_token);
      return server.update(refresh_token);
    },
  ],
  [
    'update with the access token as refresh token',
    async (server) => server.update((await server.tokens()).token),
  ],
  ['update garbage', (server) => server.update('garbage')],
  ['update missing', (server) => server.update()],
  [
    'order expired',
    async (server) => {
      const { token } = await server.tokens();
      server.pass(6_000);
      return server.order(token);
    },
  ],
  [
    'update expired',
    async (server) => {
      const { refresh_token } = await server.tokens();
      server.pass(6_000);
      return server.update(refresh_token);
    },
  ],
  ['update with GET', (server) => server.call('/update_token/')],
  ['update without the slash', (server) => server.update('x', '/update_token')],
  ['order without the slash', async (server) => server.order((await server.tokens()).token, '/order')],
  ['preflight (SEED_CORS=off)', (server) => server.call('/order/', { method: 'OPTIONS' })],
];

describe('the test backend responds like the recorded server', () => {
  it.each(exchanges)('%s', async (name, exchange, options) => {
    const answer = recorded.answer(name);
    // For a missing slash, the web server itself returns a page.
    const headers = answer.status < 500 ? ['content-type', 'allow', 'vary'] : [];
    await expectAsRecorded(await exchange(createServer(options)), answer, headers);
  });

  it('every recorded exchange is tested', () => {
    const tried = exchanges.map(([name]) => name);
    expect(recorded.names.filter((name) => name !== 'stats').sort()).toEqual(tried.sort());
  });

  it('prints token_time in its time zone, with microseconds, without an offset', async () => {
    const { data } = (await (await createServer().logIn()).json()) as { data: { token_time: string } };
    expect(data.token_time).toBe('2026-11-24T06:07:38.403000');
  });

  it('prints no fraction if the microseconds are zero, as Python does', async () => {
    const server = createServer();
    server.pass(597);
    const { data } = (await (await server.logIn()).json()) as { data: { token_time: string } };
    expect(data.token_time).toBe('2026-11-24T06:07:39');
  });
});
