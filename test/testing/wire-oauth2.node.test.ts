import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestBackend } from '../../src/testing/index.js';
import { Wire } from '../support/wire.js';
import { expectAsRecorded, normalize } from './recording.js';

const ORIGIN = 'http://127.0.0.1:8301';
const text = readFileSync(join(import.meta.dirname, '../fixtures/wire/oidc.txt'), 'utf8');
/** The same exchanges, with opaque access tokens and with JWTs. */
const [, ofOpaque = '', ofJwt = ''] = text.split(/^#{8} OIDC_ACCESS=/m);

interface Tokens {
  access_token: string;
  refresh_token: string;
}

function createServer(opaque: boolean) {
  let now = Date.parse('2026-11-23T22:07:53.403Z');
  const backend = createTestBackend({
    protocol: 'oauth2',
    clientId: 'app',
    opaque,
    accessLifetime: 3_000,
    now: () => now,
  });
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    backend.fetch(new Request(`${ORIGIN}/token`, { method: 'POST', body, headers }));
  const form = (fields: Record<string, string>) =>
    post(new URLSearchParams({ client_id: 'app', grant_type: 'refresh_token', ...fields }));
  const refresh = (token: string) => form({ refresh_token: token });
  const logIn = () => form({ grant_type: 'password', username: 'kevin', password: 'open-sesame' });
  const tokens = async () => (await (await logIn()).json()) as Tokens;
  const order = (token?: string) =>
    backend.fetch(
      new Request(
        `${ORIGIN}/orders`,
        token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
      ),
    );
  return { backend, post, form, refresh, logIn, tokens, order, pass: (ms: number) => (now += ms) };
}

type Server = ReturnType<typeof createServer>;

/** The responses for a refresh token that is used again. */
async function rotate({ tokens, refresh }: Server) {
  const first = await tokens();
  const second = (await (await refresh(first.refresh_token)).json()) as Tokens;
  return { first, second };
}

const exchanges: [string, (server: Server) => Promise<Response>][] = [
  ['first token set', (server) => server.logIn()],
  ['orders fresh', async (server) => server.order((await server.tokens()).access_token)],
  ['orders garbage', (server) => server.order('garbage')],
  ['orders no token', (server) => server.order()],
  ['refresh ok', async (server) => server.refresh((await server.tokens()).refresh_token)],
  [
    'refresh reused (already rotated)',
    async (server) => server.refresh((await rotate(server)).first.refresh_token),
  ],
  [
    'the successor after the reuse: the whole grant is revoked',
    async (server) => {
      const { first, second } = await rotate(server);
      await server.refresh(first.refresh_token);
      return server.refresh(second.refresh_token);
    },
  ],
  ['refresh garbage', (server) => server.refresh('garbage')],
  ['refresh token missing', (server) => server.form({})],
  [
    'refresh from an unknown client',
    async (server) =>
      server.form({ client_id: 'another', refresh_token: (await server.tokens()).refresh_token }),
  ],
  [
    'refresh with a JSON body',
    (server) => server.post('{"grant_type":"refresh_token"}', { 'Content-Type': 'application/json' }),
  ],
  [
    'the same refresh token afterwards',
    async (server) => {
      const { refresh_token } = await server.tokens();
      server.backend.failNext('refresh', { status: 500 });
      await server.refresh(refresh_token);
      return server.refresh(refresh_token);
    },
  ],
  [
    'the answer of a good refresh was lost, the client retries with the token it has',
    async (server) => {
      const { refresh_token } = await server.tokens();
      server.backend.failNext('refresh', 'lost-answer');
      await server.refresh(refresh_token).catch(() => {});
      return server.refresh(refresh_token);
    },
  ],
  [
    'refresh after the revocation',
    async (server) => {
      const { refresh_token } = await server.tokens();
      server.backend.revoke();
      return server.refresh(refresh_token);
    },
  ],
  [
    'orders expired',
    async (server) => {
      const { access_token } = await server.tokens();
      server.pass(4_000);
      return server.order(access_token);
    },
  ],
];

/**
 * Endpoints that the test backend does not have, a fault that the test chooses, CORS, and the recording's own
 * counters.
 */
const NOT_OURS =
  /^(userinfo .*|revocation .*|refresh while the server has a fault|preflight of \/token|stats)$/;
const RACE = '8 refreshes of one token at the same moment: 200 400 400 400 400 400 400 400';

describe.each([
  ['opaque', ofOpaque],
  ['JWT', ofJwt],
])('the test backend responds like oidc-provider, with %s access tokens', (kind, half) => {
  const recorded = new Wire(half);
  const start = () => createServer(kind === 'opaque');

  it.each(exchanges)('%s', async (name, exchange) => {
    await expectAsRecorded(await exchange(start()), recorded.answer(name), [
      'www-authenticate',
      'cache-control',
    ]);
  });

  it('every recorded exchange is tested', () => {
    const tried = [...exchanges.map(([name]) => name), RACE];
    expect(recorded.names.filter((name) => !NOT_OURS.test(name)).sort()).toEqual(tried.sort());
  });

  it('eight refreshes with one token: one succeeds, and its new tokens are revoked', async () => {
    const server = start();
    const { refresh_token } = await server.tokens();
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.refresh(refresh_token)));
    expect(RACE).toContain(answers.map(({ status }) => status).join(' '));
    const { refresh_token: successor } = (await answers[0]!.json()) as Tokens;
    expect((await server.refresh(successor)).status).toBe(400);
  });

  it('rejects a token of the other kind', async () => {
    const server = start();
    const { access_token, refresh_token } = await server.tokens();
    expect((await server.order(refresh_token)).status).toBe(401);
    expect((await server.refresh(access_token)).status).toBe(400);
    expect(normalize(`"${access_token}"`)).toBe(kind === 'opaque' ? '"<opaque>"' : '"<jwt>"');
  });
});

describe('cases of RFC 6749 that were not recorded', () => {
  it('a wrong password is invalid_grant, another grant is unsupported_grant_type', async () => {
    const server = createServer(true);
    const wrong = await server.form({ grant_type: 'password', username: 'kevin', password: 'wrong' });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_grant' }),
    ]);
    const other = await server.form({ grant_type: 'urn:ietf:params:oauth:grant-type:device_code' });
    expect([other.status, await other.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'unsupported_grant_type' }),
    ]);
    expect(server.backend.stats).toMatchObject({ logins: 0, loginFailures: 1, refreshFailures: 1 });
  });

  it('without rotation, a refresh returns no refresh token', async () => {
    const backend = createTestBackend({ protocol: 'oauth2', rotation: 'none' });
    const { refresh_token } = backend.issueTokens() as unknown as Tokens;
    const body = new URLSearchParams({
      client_id: 'any',
      grant_type: 'refresh_token',
      refresh_token,
    });
    const answer = await backend.fetch(new Request(`${ORIGIN}/token`, { method: 'POST', body }));
    expect(await answer.json()).not.toHaveProperty('refresh_token');
  });
});
