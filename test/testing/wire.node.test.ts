import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestBackend, type TestBackendOptions } from '../../src/testing/index.js';

interface Recorded {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What the tutorial's server answered, byte for byte, tokens shortened to `<jwt>`. */
const recorded = new Map(
  readFileSync(join(import.meta.dirname, '../fixtures/wire/seed-django.txt'), 'utf8')
    .split(/^== /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), parse(section)]),
);

function parse(section: string): Recorded {
  const [, statusLine = '', ...lines] = section.trimEnd().split('\n');
  const body = lines.filter((line) => !/^[\w-]+: /.test(line) && line !== 'SMOKE OK').join('\n');
  const headers = lines
    .filter((line) => /^[\w-]+: /.test(line))
    .map((line) => line.split(/: (.*)/, 2) as [string, string]);
  return { status: Number(statusLine.split(' ')[1]), headers: Object.fromEntries(headers), body };
}

const NOW = Date.parse('2026-11-23T22:07:35.403Z');
const ORIGIN = 'http://127.0.0.1:8000';

function createServer(options: TestBackendOptions = {}) {
  let now = NOW;
  const server = createTestBackend({
    rotation: 'none',
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

const exchanges: [string, (server: Server) => Promise<Response>, TestBackendOptions?][] = [
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

const normalize = (text: string) =>
  text.replaceAll(/ey[\w-]+\.[\w-]+\.[\w-]*/g, '<jwt>').replace(/"token_time":"[^"]*"/, '"token_time":"…"');

describe('the test backend answers as the recorded server', () => {
  it.each(exchanges)('%s', async (name, exchange, options) => {
    const { status, headers, body } = recorded.get(name)!;
    const response = await exchange(createServer(options));
    expect(response.status).toBe(status);
    for (const header of ['Content-Type', 'Allow', 'Vary']) {
      // A page of the web server itself, in the two cases of a missing slash.
      if (headers[header] && status < 500)
        expect(`${header}: ${response.headers.get(header)}`).toBe(`${header}: ${headers[header]}`);
    }
    expect(response.headers.get('date')).toMatch(/^Mon, 23 Nov 2026 22:07:\d\d GMT$/);
    if (headers.Location) expect(normalize(response.headers.get('location')!)).toBe(headers.Location);
    if (body) expect(normalize(await response.text())).toBe(normalize(body));
  });

  it('every exchange that was recorded is tried', () => {
    const tried = exchanges.map(([name]) => name);
    expect([...recorded.keys()].filter((name) => name !== 'stats').sort()).toEqual(tried.sort());
  });

  it('prints token_time in its own zone, with microseconds, without an offset', async () => {
    const { data } = (await (await createServer().logIn()).json()) as { data: { token_time: string } };
    expect(data.token_time).toBe('2026-11-24T06:07:38.403000');
  });

  it('and without a fraction where the microseconds are zero, as Python does', async () => {
    const server = createServer();
    server.pass(597);
    const { data } = (await (await server.logIn()).json()) as { data: { token_time: string } };
    expect(data.token_time).toBe('2026-11-24T06:07:39');
  });
});
