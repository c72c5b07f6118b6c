import { HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { type OAuth2Options, oauth2Backend, type SessionError } from '../../src/index.js';
import recording from '../fixtures/wire/oidc.txt?raw';
import { ORIGIN, outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';
import { mockEndpoint, sessionOf } from '../support/token-endpoint.js';
import { Wire } from '../support/wire.js';

mockNetwork();

const [, opaque = '', jwt = ''] = recording.split('########');
const wire = new Wire(opaque);
const url = `${ORIGIN}/token`;

async function signedIn(options: Partial<OAuth2Options> = {}) {
  const endpoint = mockEndpoint(url);
  const { session, ends } = sessionOf(oauth2Backend({ url, clientId: 'app', ...options }));
  await session.signIn({ access_token: 'first', refresh_token: 'secret-1', token_type: 'Bearer' });
  const fail = async (answer: () => Response) => {
    endpoint.answerWith(answer);
    return (await outcome(session.refresh())) as SessionError;
  };
  return { ...endpoint, session, ends, fail };
}

const error = (code: unknown, status = 400) => HttpResponse.json({ error: code }, { status });

describe('oauth2Backend requests tokens', () => {
  it('with a form, as in RFC 6749 §6', async () => {
    const { session, seen, answerWith } = await signedIn();
    answerWith(() => wire.answer('refresh ok'));
    await session.refresh();
    expect(seen[0]?.method).toBe('POST');
    expect(seen[0]?.headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/);
    expect(seen[0]?.headers.get('accept')).toBe('application/json');
    expect(seen[0]?.headers.has('authorization')).toBe(false);
    expect(await seen[0]?.text()).toBe('grant_type=refresh_token&client_id=app&refresh_token=secret-1');
  });

  it('with a scope, additional parameters and headers', async () => {
    const { session, seen, answerWith } = await signedIn({
      scope: 'openid orders',
      parameters: { audience: 'https://api.test', grant_type: 'password', client_id: 'other' },
      headers: { 'X-Tenant': 'seven' },
    });
    answerWith(() => wire.answer('refresh ok'));
    await session.refresh();
    const form = Object.fromEntries(new URLSearchParams(await seen[0]?.text()));
    expect(form).toEqual({
      audience: 'https://api.test',
      scope: 'openid orders',
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: 'secret-1',
    });
    expect(seen[0]?.headers.get('x-tenant')).toBe('seven');
  });

  it('with repeated parameters (RFC 8707)', async () => {
    const { session, seen, answerWith } = await signedIn({
      parameters: { resource: ['https://a.test', 'https://b.test'], audience: 'api' },
    });
    answerWith(() => wire.answer('refresh ok'));
    await session.refresh();
    const form = new URLSearchParams(await seen[0]?.text());
    expect(form.getAll('resource')).toEqual(['https://a.test', 'https://b.test']);
    expect(form.getAll('audience')).toEqual(['api']);
    expect(form.getAll('refresh_token')).toEqual(['secret-1']);
  });

  it('with the newest refresh token; a response without one keeps the old one (§6)', async () => {
    const { session, seen, answerWith } = await signedIn();
    answerWith(() => HttpResponse.json({ access_token: 'second', token_type: 'bearer' }));
    await session.refresh();
    answerWith(() => HttpResponse.json({ access_token: 'third', refresh_token: 'secret-2' }));
    await session.refresh();
    await session.refresh();
    const sent = await Promise.all(
      seen.map(async (request) => new URLSearchParams(await request.text()).get('refresh_token')),
    );
    expect(sent).toEqual(['secret-1', 'secret-1', 'secret-2']);
  });

  it('never without a refresh token: the scope offline_access was not granted', async () => {
    const { session, seen } = await signedIn();
    await session.signIn({ access_token: 'alone', expires_in: 0.000_001 });
    expect(await outcome(session.refresh())).toMatchObject({ code: 'refresh_rejected' });
    expect(seen).toEqual([]);
  });
});

describe('oauth2Backend reads', () => {
  it.each([
    ['opaque', opaque],
    ['JWT', jwt],
  ])('the response of oidc-provider with %s access tokens', async (_, block) => {
    fakeClock();
    const body = await new Wire(block).answer('first token set', 'aa.bb.cc', 'dd.ee.ff').text();
    const tokens = oauth2Backend({ url, clientId: 'app' }).readTokens(JSON.parse(body || '{}'));
    expect(tokens).toMatchObject({
      accessToken: expect.stringMatching(/^[\w.-]+$/),
      refreshToken: expect.stringMatching(/^[\w-]{43}$/),
      expiresAt: Date.now() + 3_000,
      scope: expect.stringContaining('orders'),
      token_type: 'Bearer',
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER', undefined, null, ''])('token_type %j', (token_type) => {
    const { readTokens } = oauth2Backend({ url, clientId: 'app' });
    expect(readTokens({ access_token: 'a', token_type }).accessToken).toBe('a');
  });

  it.each(['DPoP', 'mac', 'N_A'])(
    'no token of type %s, because it must not be used as a bearer token (§7.1)',
    (type) => {
      const { readTokens } = oauth2Backend({ url, clientId: 'app' });
      expect(() => readTokens({ access_token: 'secret', token_type: type })).toThrow(
        `"token_type" must be Bearer, got ${type}`,
      );
    },
  );

  it('a token type that the application allows under another name', () => {
    const { readTokens } = oauth2Backend({ url, clientId: 'app', tokenType: 'BearerToken' });
    expect(readTokens({ access_token: 'a', token_type: 'bearertoken' }).accessToken).toBe('a');
    expect(() => readTokens({ access_token: 'a', token_type: 'DPoP' })).toThrow('must be BearerToken');
  });

  it('expires_in, even as a string', () => {
    fakeClock();
    const { readTokens } = oauth2Backend({ url, clientId: 'app' });
    expect(readTokens({ access_token: 'a', expires_in: '60' }).expiresAt).toBe(Date.now() + 60_000);
  });

  it('no fields that the session uses itself', () => {
    const { readTokens } = oauth2Backend({ url, clientId: 'app' });
    const taken = {
      expiresAt: '2030-01-01',
      receivedAt: 'now',
      sessionId: 's',
      generation: 7,
      refreshToken: 'x',
    };
    expect(readTokens({ access_token: 'a', ...taken, user: 'kevin' })).toEqual({
      accessToken: 'a',
      user: 'kevin',
    });
  });

  it.each([
    [
      'an axios response',
      { data: { access_token: 'secret' }, status: 200, config: {} },
      'pass response.data',
    ],
    ['a promise without await', Promise.resolve({ access_token: 'secret' }), 'got a promise: await it'],
    [
      'a response whose body was not read',
      Response.json({ access_token: 'secret' }),
      'got a response: pass await response.json()',
    ],
    [
      'an error',
      { error: 'invalid_grant', error_description: 'secret' },
      'an object with error, error_description',
    ],
    ['a list', ['secret'], 'got undefined'],
    ['an invalid refresh token', { access_token: 'a', refresh_token: 7 }, '"refresh_token" must be'],
  ])('%s as an error that shows no token', (_, body, message) => {
    const { readTokens } = oauth2Backend({ url, clientId: 'app' });
    expect(() => readTokens(body)).toThrow(message);
    expect(() => readTokens(body)).not.toThrow('secret');
  });
});

describe('oauth2Backend treats as a refusal', () => {
  it.each([
    'refresh reused (already rotated)',
    'the successor after the reuse: the whole grant is revoked',
    'refresh garbage',
    'refresh after the revocation',
  ])('invalid_grant: %s', async (name) => {
    const { session, ends, fail } = await signedIn();
    expect(await fail(() => wire.answer(name))).toMatchObject({
      code: 'refresh_rejected',
      message: `${url} refused with status 400: invalid_grant`,
    });
    expect(session.status).toBe('signed-out');
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('invalid_grant with another status', async () => {
    const { session, fail } = await signedIn();
    await fail(() => error('invalid_grant', 403));
    expect(session.status).toBe('signed-out');
  });

  it('errors that the application adds, even with status 200', async () => {
    const { session, fail } = await signedIn({ rejected: ['invalid_grant', 'bad_refresh_token'] });
    await fail(() => error('bad_refresh_token', 200));
    expect(session.status).toBe('signed-out');
  });
});

describe('oauth2Backend keeps the session', () => {
  it.each([
    ['refresh from an unknown client', 'invalid_client', 'check "clientId"'],
    ['refresh token missing', 'invalid_request', 'check "parameters"'],
    ['refresh with a JSON body', 'invalid_request', 'check "parameters"'],
  ])('if the configuration is wrong: %s', async (name, code, remedy) => {
    const { session, ends, fail } = await signedIn();
    const thrown = await fail(() => wire.answer(name));
    expect(thrown.code).toBe('refresh_unavailable');
    expect(thrown.message).toContain(`${code}: that is about the client, not the user`);
    expect(thrown.message).toContain(remedy);
    expect(session.status).toBe('signed-in');
    expect(ends).toEqual([]);
  });

  it.each([
    ['unauthorized_client', 'the grant type refresh_token'],
    ['unsupported_grant_type', 'the grant type refresh_token'],
    ['invalid_scope', 'check "scope"'],
    ['invalid_target', 'answered status 400: invalid_target'],
    ['temporarily_unavailable', 'answered status 400: temporarily_unavailable'],
    ['constructor', 'answered status 400: constructor'],
    ['eyJhbGciOi.secret', 'answered status 400: an error of another form'],
    [{ secret: 1 }, 'answered status 400: an error of another form'],
  ])('and its error says what to do about %j', async (code, message) => {
    const { session, fail } = await signedIn();
    const thrown = await fail(() => error(code));
    expect(thrown).toMatchObject({ code: 'refresh_unavailable', message: expect.stringContaining(message) });
    expect(thrown.message).not.toContain('secret');
    expect(session.status).toBe('signed-in');
  });

  it.each([
    ['a server error', () => wire.answer('refresh while the server has a fault')],
    ['a server error with a description', () => error('invalid_grant', 503)],
    ['a proxy’s 401', () => HttpResponse.html('<h1>Who are you?</h1>', { status: 401 })],
    ['a bare 400', () => new HttpResponse(null, { status: 400 })],
    ['a captive portal', () => HttpResponse.html('<!doctype html><title>Welcome</title>')],
  ])('through %s', async (_, answer) => {
    const { session, ends, fail } = await signedIn();
    expect(await fail(answer)).toMatchObject({ code: 'refresh_unavailable' });
    expect(session.status).toBe('signed-in');
    expect(ends).toEqual([]);
  });

  it('through a redirect, and its error names the usual cause', async () => {
    const { session, fail } = await signedIn();
    const error = await fail(() => HttpResponse.redirect(`${ORIGIN}/login`, 302));
    expect(error).toMatchObject({
      code: 'refresh_unavailable',
      message: `${url} answered a redirect: "url" may lack its last slash`,
    });
    expect(session.status).toBe('signed-in');
  });

  it('and respects Retry-After', async () => {
    const { fail } = await signedIn();
    const busy = () => HttpResponse.json({}, { status: 429, headers: { 'Retry-After': '7' } });
    expect(await fail(busy)).toMatchObject({ code: 'refresh_unavailable', retryAfter: 7_000 });
  });
});

it.each([
  [{ url: '', clientId: 'app' }, '"url" must be the URL of the refresh endpoint'],
  [undefined as never, '"url" must be the URL of the refresh endpoint, got undefined'],
  [{ url, clientId: '' }, '"clientId" must be'],
  [{ url, clientId: 7 as never }, '"clientId" must be'],
])('oauth2Backend throws for %j', (options, message) => {
  expect(() => oauth2Backend(options)).toThrow(message);
});
