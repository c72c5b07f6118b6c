import { describe, expect, it } from 'vitest';
import { createTestBackend } from '../../src/testing/index.js';
import recording from '../fixtures/wire/simplejwt.txt?raw';
import { Wire } from '../support/wire.js';
import { expectAsRecorded } from './recording.js';

const recorded = new Wire(recording);
const ORIGIN = 'http://127.0.0.1:8000';
const KEVIN = { username: 'kevin', password: 'open-sesame' };

interface Tokens {
  access: string;
  refresh: string;
}

function createServer() {
  let now = Date.parse('2026-11-23T22:07:43.403Z');
  const backend = createTestBackend({
    protocol: 'simple-jwt',
    accessLifetime: 3_000,
    refreshLifetime: 6_000,
    now: () => now,
  });
  const call = (path: string, init: RequestInit = {}) => backend.fetch(new Request(ORIGIN + path, init));
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    });
  const logIn = (body: object = KEVIN, headers = {}) => post('/api/token/', body, headers);
  const tokens = async () => (await (await logIn()).json()) as Tokens;
  const order = (authorization?: string) =>
    call('/order/', authorization === undefined ? {} : { headers: { Authorization: authorization } });
  const refresh = (token?: string) =>
    post('/api/token/refresh/', token === undefined ? {} : { refresh: token });
  return { backend, logIn, tokens, order, refresh, pass: (ms: number) => (now += ms) };
}

type Server = ReturnType<typeof createServer>;

const exchanges: [string, (server: Server) => Promise<Response>][] = [
  ['login ok', ({ logIn }) => logIn()],
  ['login wrong', ({ logIn }) => logIn({ ...KEVIN, password: 'wrong' })],
  ['login missing field', ({ logIn }) => logIn({ username: 'kevin' })],
  ['order fresh', async ({ order, tokens }) => order(`Bearer ${(await tokens()).access}`)],
  ['order garbage', ({ order }) => order('Bearer garbage')],
  ['order raw token, no Bearer', async ({ order, tokens }) => order((await tokens()).access)],
  ['order Bearer and nothing', ({ order }) => order('Bearer ')],
  ['order no token', ({ order }) => order()],
  ['order with the refresh token', async ({ order, tokens }) => order(`Bearer ${(await tokens()).refresh}`)],
  ['refresh ok', async ({ refresh, tokens }) => refresh((await tokens()).refresh)],
  [
    'refresh reused (rotated away)',
    async ({ refresh, tokens }) => {
      const first = await tokens();
      await refresh(first.refresh);
      return refresh(first.refresh);
    },
  ],
  [
    'the successor after the reuse: still alive',
    async ({ refresh, tokens }) => {
      const first = await tokens();
      const second = (await (await refresh(first.refresh)).json()) as Tokens;
      await refresh(first.refresh);
      return refresh(second.refresh);
    },
  ],
  ['refresh with an access token', async ({ refresh, tokens }) => refresh((await tokens()).access)],
  ['refresh garbage', ({ refresh }) => refresh('garbage')],
  ['refresh missing', ({ refresh }) => refresh()],
  [
    'order expired',
    async ({ order, tokens, pass }) => {
      const { access } = await tokens();
      pass(7_000);
      return order(`Bearer ${access}`);
    },
  ],
  [
    'refresh expired',
    async ({ refresh, tokens, pass }) => {
      const first = await tokens();
      pass(7_000);
      return refresh(first.refresh);
    },
  ],
  ['login with a stale Authorization header', ({ logIn }) => logIn(KEVIN, { Authorization: 'Bearer stale' })],
];

/** The recording's own counters, its CORS configuration, and a race that varies between runs. */
const NOT_OURS = [
  'stats',
  'preflight',
  '8 refreshes of one token at the same moment (varies from run to run)',
];

describe('the test backend responds like djangorestframework-simplejwt', () => {
  it.each(exchanges)('%s', async (name, exchange) => {
    const headers = ['content-type', 'www-authenticate', 'allow', 'vary'];
    await expectAsRecorded(await exchange(createServer()), recorded.answer(name), headers);
  });

  it('every recorded exchange is tested', () => {
    const tried = [...exchanges.map(([name]) => name), ...NOT_OURS];
    expect(recorded.names.sort()).toEqual(tried.sort());
  });

  it('an access token from a refresh has the iat of the refresh token, as up to 5.5.0', async () => {
    const { tokens, refresh, pass } = createServer();
    const claimsOf = (token: string) =>
      JSON.parse(atob(token.split('.')[1]!)) as { iat: number; exp: number };
    const first = await tokens();
    const { iat, exp } = claimsOf(first.access);
    pass(2_000);
    const second = (await (await refresh(first.refresh)).json()) as Tokens;
    expect(claimsOf(second.access)).toMatchObject({ iat, exp: exp + 2 });
    pass(1_000);
    const third = (await (await refresh(second.refresh)).json()) as Tokens;
    expect(claimsOf(third.access)).toMatchObject({ iat: iat + 2, exp: exp + 3 });
  });

  it('a revoked session has a blacklisted refresh token and an invalid access token', async () => {
    const { backend, tokens, order, refresh } = createServer();
    const { access, refresh: token } = await tokens();
    backend.revoke();
    expect(await (await refresh(token)).json()).toMatchObject({ detail: 'Token is blacklisted' });
    expect(await (await order(`Bearer ${access}`)).json()).toMatchObject({
      messages: [expect.objectContaining({ message: 'Token is invalid or expired' })],
    });
  });

  it('accepts both common schemes, and no other', async () => {
    const { tokens, order } = createServer();
    const { access } = await tokens();
    const statuses = ['Bearer', 'JWT', 'Token'].map(
      async (scheme) => (await order(`${scheme} ${access}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 401]);
  });

  it('without rotation a refresh returns only an access token, and an access token is not accepted as a refresh token', async () => {
    const backend = createTestBackend({ protocol: 'simple-jwt', rotation: 'none' });
    const { access, refresh } = backend.issueTokens() as unknown as Tokens;
    const post = (token: string) =>
      backend.fetch(
        new Request(`${ORIGIN}/api/token/refresh/`, {
          method: 'POST',
          body: JSON.stringify({ refresh: token }),
        }),
      );
    expect(Object.keys(await (await post(refresh)).json())).toEqual(['access']);
    expect((await post(refresh)).status).toBe(200);
    expect((await post(access)).status).toBe(401);
  });
});
