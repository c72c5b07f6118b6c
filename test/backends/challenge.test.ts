import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import { type Challenge, challengesOf } from '../../src/backends/challenge.js';
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
import '../support/setup.js';

const challenge = (scheme: string, parameters: Challenge['parameters'] = {}): Challenge => ({
  scheme,
  parameters,
});

describe('the challenges of WWW-Authenticate', () => {
  it.each<[string | null, Challenge[]]>([
    [null, []],
    ['', []],
    [' , ,', []],
    ['Bearer', [challenge('bearer')]],
    ['Bearer realm="api"', [challenge('bearer', { realm: 'api' })]],
    [
      'BEARER Realm="api", ERROR=invalid_token',
      [challenge('bearer', { realm: 'api', error: 'invalid_token' })],
    ],
    ['Bearer error = "a" ,  scope="b c"', [challenge('bearer', { error: 'a', scope: 'b c' })]],
    ['Bearer error="say \\"no\\", \\\\ twice"', [challenge('bearer', { error: 'say "no", \\ twice' })]],
    ['Bearer realm=""', [challenge('bearer', { realm: '' })]],
    [
      'Basic realm="a, Bearer error=b", Bearer error="invalid_token", Digest nonce=x, qop="auth,auth-int"',
      [
        challenge('basic', { realm: 'a, Bearer error=b' }),
        challenge('bearer', { error: 'invalid_token' }),
        challenge('digest', { nonce: 'x', qop: 'auth,auth-int' }),
      ],
    ],
    ['Negotiate, Basic realm="x"', [challenge('negotiate'), challenge('basic', { realm: 'x' })]],
    ['Negotiate YWJj/+==, Bearer error=e', [challenge('negotiate'), challenge('bearer', { error: 'e' })]],
    ['NTLM abc=', [challenge('ntlm')]],
    [',, Bearer ,error="e",,', [challenge('bearer', { error: 'e' })]],
    ['Bearer error="first", error="second"', [challenge('bearer', { error: 'first' })]],
    ['error="of no scheme"', []],
    ['Bearer error="never closed', [challenge('bearer')]],
    ['Bearer realm="ok", @@@', [challenge('bearer', { realm: 'ok' })]],
  ])('%j', (header, challenges) => {
    expect(challengesOf(header)).toEqual(challenges);
  });

  it('are parsed quickly in a long malformed header', () => {
    const began = performance.now();
    challengesOf(`Bearer ${'a '.repeat(20_000)}`);
    challengesOf(`Bearer a="${'\\'.repeat(40_001)}`);
    challengesOf(`${' ,'.repeat(20_000)}=`);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

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
  /** How often the request is sent. */
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
  ])('that shows that a new token cannot help goes to the caller: %s', async (_, headers) => {
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
  ])('that %s is a refusal', async (_, headers) => {
    const [byFetch] = await sendings(headers);
    expect(byFetch).toBe(2);
  });
});
