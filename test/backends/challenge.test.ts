import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import {
  type Backend,
  cookieBackend,
  envelopeBackend,
  oauth2Backend,
  simpleJwtBackend,
  type TokenSet,
} from '../../src/index.js';
import { ORIGIN } from '../support/app.js';
import { createFetchApp } from '../support/fetch-app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const url = `${ORIGIN}/refresh`;
const backends: [string, Backend][] = [
  ['envelopeBackend', envelopeBackend({ url })],
  ['oauth2Backend', oauth2Backend({ url, clientId: 'app' })],
  ['simpleJwtBackend', simpleJwtBackend({ url })],
  ['cookieBackend', cookieBackend({ url })],
  [
    'a custom backend',
    { readTokens: (body) => body as TokenSet, refresh: async () => ({ accessToken: '' }) },
  ],
];

describe.each(backends)('a 401 over %s', (_, given) => {
  /** The number of times that the request is sent. */
  async function sendings(headers: HeadersInit) {
    let count = 0;
    const backend: Backend = { ...given, refresh: async () => ({ accessToken: 'new' }) };
    const { call, api, session } = createFetchApp({ session: { backend } });
    network.use(
      http.get(`${ORIGIN}/x`, () => {
        count++;
        return HttpResponse.json({ why: 'here' }, { status: 401, headers });
      }),
    );
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const answer = await call(`${ORIGIN}/x`);
    expect([answer.status, await answer.json()]).toEqual([401, { why: 'here' }]);
    const byFetch = count;
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const { status } = await api.get('/x', { validateStatus: () => true });
    expect(status).toBe(401);
    return [byFetch, count - byFetch];
  }

  it.each<[string, HeadersInit]>([
    [
      'insufficient_scope',
      { 'WWW-Authenticate': 'Bearer realm="api", error="insufficient_scope", scope="admin"' },
    ],
    ['in upper and lower case', { 'www-authenticate': 'bearer ERROR=insufficient_scope' }],
    [
      'step-up authentication',
      { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication", acr_values="gold"' },
    ],
    [
      'in one of several headers',
      [
        ['WWW-Authenticate', 'Basic realm="x"'],
        ['WWW-Authenticate', 'Bearer error="insufficient_scope"'],
      ],
    ],
  ])('with a challenge that no new token can meet goes to the caller: %s', async (_, headers) => {
    expect(await sendings(headers)).toEqual([1, 1]);
  });

  it.each<[string, HeadersInit]>([
    ['says nothing', {}],
    ['says invalid_token', { 'WWW-Authenticate': 'Bearer error="invalid_token"' }],
    ['has a custom error', { 'WWW-Authenticate': 'Bearer error="token_expired"' }],
    ['quotes an error', { 'WWW-Authenticate': 'Bearer realm="say \\", error=insufficient_scope"' }],
    ['never closes a quotation', { 'WWW-Authenticate': 'Bearer realm="x, error=insufficient_scope' }],
    ['has a parameter of a similar name', { 'WWW-Authenticate': 'Bearer no-error="insufficient_scope"' }],
    [
      'mentions the scope only in the description',
      { 'WWW-Authenticate': 'Bearer realm="not insufficient_scope"' },
    ],
    [
      'has one of each, in two schemes',
      { 'WWW-Authenticate': 'Bearer error="insufficient_scope", DPoP error="invalid_token"' },
    ],
  ])('with a challenge that %s is a refusal', async (_, headers) => {
    const [byFetch] = await sendings(headers);
    expect(byFetch).toBe(2);
  });
});
