import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Backend,
  blacklist,
  cookieBackend,
  createSession,
  envelopeBackend,
  httpBackend,
  logout,
  oauth2Backend,
  revocation,
  type SessionEvent,
  signOutBy,
  simpleJwtBackend,
  type TokenPlace,
  type TokenSet,
} from '../../src/index.js';
import { stubEndpoints, stubFetch } from '../support/fetch-stub.js';
import { stubPage } from '../support/stub-page.js';

const ORIGIN = 'https://api.test';
const url = `${ORIGIN}/refresh`;
const end = `${ORIGIN}/end`;
const HELD: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1' };

/** A user who signs out. `refresh` and `end` are the responses of the server's endpoints. */
async function signOut(
  backend: Backend,
  { refresh = () => Response.error(), end: endBy }: { refresh?: () => Response; end: () => Response },
  held = HELD,
) {
  const { [url]: refreshes = [], [end]: seen = [] } = stubEndpoints({ [url]: refresh, [end]: endBy });
  const session = createSession({ backend });
  onTestFinished(() => session.dispose());
  const failures: string[] = [];
  session.subscribe((event: SessionEvent) => {
    if (event.type === 'revoke-failed') failures.push(event.error.message);
  });
  await session.ready;
  await session.signIn(held);
  refreshes.length = 0;
  await session.signOut();
  return { seen, refreshes, failures };
}

const done = () => new Response(null, { status: 204 });
const parts = async (request: Request | undefined) => ({
  method: request?.method,
  address: request?.url,
  headers: Object.fromEntries(request?.headers ?? []),
  body: await request?.clone().text(),
});

describe('revocation (RFC 7009)', () => {
  const backend = (options = {}) =>
    oauth2Backend({
      url,
      clientId: 'app',
      signOut: revocation(end),
      headers: { 'X-Tenant': 'seven' },
      ...options,
    });

  it('revokes the refresh token with a form that is sent even if the page closes', async () => {
    const { seen, failures } = await signOut(backend(), {
      end: () => new Response(null, { status: 200 }),
    });
    expect(await parts(seen[0])).toMatchObject({
      method: 'POST',
      headers: { 'content-type': expect.stringMatching(/urlencoded/), 'x-tenant': 'seven' },
      body: 'token=refresh-1&token_type_hint=refresh_token&client_id=app',
    });
    expect(seen[0]?.headers.has('authorization')).toBe(false);
    expect(seen[0]?.keepalive).toBe(true);
    expect(failures).toEqual([]);
  });

  it('revokes the access token if there is no refresh token', async () => {
    const { seen } = await signOut(backend(), { end: done }, { accessToken: 'access-1' });
    expect(await seen[0]?.text()).toBe('token=access-1&token_type_hint=access_token&client_id=app');
  });

  it.each([
    ['a refused client', () => Response.json({ error: 'invalid_client' }, { status: 401 }), 'status 401'],
    [
      'an unsupported token type',
      () => Response.json({ error: 'unsupported_token_type' }, { status: 400 }),
      'status 400',
    ],
    ['a redirect', () => Response.redirect(ORIGIN, 302), 'a redirect'],
    ['no network', () => Response.error(), 'could not be reached'],
    ['a page', () => new Response('<!doctype html>'), 'status 200, not JSON'],
  ])('fails with an event for %s', async (_, answer, message) => {
    const { failures, refreshes } = await signOut(backend(), { end: answer });
    expect(failures).toEqual([expect.stringContaining(message)]);
    expect(failures.join()).not.toContain('refresh-1');
    expect(refreshes).toEqual([]);
  });

  it('is sent again after Retry-After', async () => {
    let calls = 0;
    const busy = new Response(null, { status: 503, headers: { 'Retry-After': '0' } });
    const { seen, failures } = await signOut(backend(), { end: () => (calls++ ? done() : busy) });
    expect(seen.length).toBe(2);
    expect(failures).toEqual([]);
  });
});

describe('logout', () => {
  it('is a POST with the access token, as in other requests, and without a body', async () => {
    const { seen } = await signOut(envelopeBackend({ url, signOut: logout(end) }), { end: done });
    expect(await parts(seen[0])).toMatchObject({
      method: 'POST',
      headers: { authorization: 'access-1' },
      body: '',
    });
    expect(JSON.stringify(await parts(seen[0]))).not.toContain('refresh-1');
    expect(seen[0]?.keepalive).toBe(true);
  });

  it.each([
    [{ json: 'refresh_token' }, { body: '{"refresh_token":"refresh-1"}' }],
    [{ form: 'rt' }, { body: 'rt=refresh-1' }],
    [{ header: 'RefreshAuthorization' }, { headers: { refreshauthorization: 'refresh-1' } }],
    [{ header: 'X-Refresh', scheme: 'Bearer' }, { headers: { 'x-refresh': 'Bearer refresh-1' } }],
    [{ query: 'rt' }, { address: `${end}?rt=refresh-1` }],
  ])('contains the refresh token as the option says: %j', async (refreshToken, expected) => {
    const { seen } = await signOut(envelopeBackend({ url, signOut: logout(end, { refreshToken }) }), {
      end: done,
    });
    expect(await parts(seen[0])).toMatchObject({ headers: { authorization: 'access-1' } });
    expect(await parts(seen[0])).toMatchObject(expected);
  });

  it('can use another method, additional headers, and a refresh token in the query', async () => {
    const backend = httpBackend({
      url,
      carry: { query: 'token' },
      headers: async () => ({ 'X-Tenant': 'seven' }),
      signOut: logout(end, { method: 'DELETE', refreshToken: { query: 'rt' } }),
    });
    const { seen } = await signOut(backend, { end: done });
    expect(await parts(seen[0])).toMatchObject({
      method: 'DELETE',
      address: `${end}?rt=refresh-1&token=access-1`,
      headers: { 'x-tenant': 'seven' },
    });
  });

  it('by GET is never answered from a cache, and has the refresh token in the query or in a header', async () => {
    const backend = (refreshToken: TokenPlace) =>
      envelopeBackend({ url, signOut: logout(end, { method: 'GET', refreshToken }) });
    for (const place of [{ query: 'rt' }, { header: 'X-Refresh' }]) {
      const { seen, failures } = await signOut(backend(place), { end: done });
      expect(seen.map(({ method, cache }) => [method, cache])).toEqual([['GET', 'no-store']]);
      expect(failures).toEqual([]);
    }
    for (const place of [{ json: 'rt' }, { form: 'rt' }])
      expect(() => backend(place)).toThrow(
        new TypeError('"refreshToken" of a GET must be { query } or { header }, as a GET has no body'),
      );
  });

  it.each([
    ['no body', done],
    ['text', () => new Response('OK')],
    ['JSON', () => Response.json({ detail: 'bye' })],
  ])('accepts a response with %s', async (_, answer) => {
    const { failures } = await signOut(envelopeBackend({ url, signOut: logout(end) }), { end: answer });
    expect(failures).toEqual([]);
  });

  it.each([
    ['status 401', () => new Response(null, { status: 401 })],
    ['a code', () => Response.json({ code: '1003' }, { status: 403 })],
  ])('refreshes an access token that is refused by %s, and is sent again', async (_, refusal) => {
    let calls = 0;
    const { seen, failures } = await signOut(
      envelopeBackend({ url, signOut: logout(end, { refreshToken: { json: 'r' } }) }),
      {
        refresh: () => Response.json({ code: 1007, data: { token: 'access-2', refresh_token: 'refresh-2' } }),
        end: () => (calls++ ? done() : refusal()),
      },
    );
    expect(await parts(seen[1])).toMatchObject({
      headers: { authorization: 'access-2' },
      body: '{"r":"refresh-2"}',
    });
    expect(failures).toEqual([]);
  });

  it('succeeds if the refresh token is refused too, because then the session has ended on the server', async () => {
    const { seen, failures } = await signOut(envelopeBackend({ url, signOut: logout(end) }), {
      refresh: () => Response.json({ code: 1008 }),
      end: () => new Response(null, { status: 401 }),
    });
    expect(seen.length).toBe(1);
    expect(failures).toEqual([]);
  });

  it('fails if it is refused even with new tokens, because then the session has not ended on the server', async () => {
    const { seen, failures } = await signOut(envelopeBackend({ url, signOut: logout(end) }), {
      refresh: () => Response.json({ code: 1007, data: { token: 'access-2', refresh_token: 'refresh-2' } }),
      end: () => new Response(null, { status: 401 }),
    });
    expect(seen.length).toBe(2);
    expect(failures).toEqual([expect.stringContaining(`${end} refused with status 401`)]);
  });

  it('fails if that refresh fails in another way', async () => {
    const { failures } = await signOut(envelopeBackend({ url, signOut: logout(end) }), {
      refresh: () => new Response(null, { status: 500 }),
      end: () => new Response(null, { status: 401 }),
    });
    expect(failures).toEqual([expect.stringContaining('status 500')]);
  });

  it('does not refresh after another error of the server', async () => {
    const { failures, refreshes } = await signOut(envelopeBackend({ url, signOut: logout(end) }), {
      end: () => new Response(null, { status: 500 }),
    });
    expect(failures).toEqual([expect.stringContaining('status 500')]);
    expect(refreshes).toEqual([]);
  });

  it.each([
    ['logout', logout('/end')],
    ['logout with a token in the query', logout('/end', { refreshToken: { query: 'rt' } })],
    ['blacklist', blacklist('/end')],
    ['revocation', revocation('/end')],
  ])(
    'is sent to the page’s own origin, even if a <base> of another origin is added later: %s',
    async (_, option) => {
      stubPage('https://app.test/orders/7');
      const backend = httpBackend({ url, signOut: option });
      stubPage('https://app.test/orders/8', 'https://cdn.test/');
      const calls = stubFetch(done);
      const session = createSession({ backend });
      onTestFinished(() => session.dispose());
      await session.signIn(HELD);
      await session.signOut();
      expect(calls.map((call) => call.url.replace(/\?.*/, ''))).toEqual(['https://app.test/end']);
    },
  );

  it('throws for an unknown option', () => {
    expect(() => logout(end, { verb: 'GET' } as never)).toThrow('There is no option "verb"');
  });

  it('throws without a URL', () => {
    expect(() => envelopeBackend({ url, signOut: logout('') })).toThrow(
      '"url" must be the URL of the logout endpoint',
    );
  });
});

it('revocation throws without a URL', () => {
  expect(() => oauth2Backend({ url, clientId: 'app', signOut: revocation('') })).toThrow(
    '"url" must be the URL of the revocation endpoint',
  );
});

describe('blacklist', () => {
  it('sends the refresh token to simplejwt’s blacklist', async () => {
    const { seen, failures } = await signOut(simpleJwtBackend({ url, signOut: blacklist(end) }), {
      end: () => Response.json({}),
    });
    expect(await parts(seen[0])).toMatchObject({ method: 'POST', body: '{"refresh":"refresh-1"}' });
    expect(failures).toEqual([]);
  });
});

describe('signOutBy', () => {
  it('is also an option of the backends: a function of your own tells the server', async () => {
    const told: TokenSet[] = [];
    const backend = envelopeBackend({ url, signOut: signOutBy(async (tokens) => void told.push(tokens)) });
    const { seen, failures } = await signOut(backend, { end: done });
    expect(told).toEqual([expect.objectContaining(HELD)]);
    expect(seen).toEqual([]);
    expect(failures).toEqual([]);
  });
});

describe('a cookie backend', () => {
  it('sends its cookies and the CSRF header with the logout', async () => {
    const backend = cookieBackend({
      url,
      signOut: logout(end),
      csrf: { cookie: 'csrftoken', header: 'X-CSRFToken' },
      headers: { 'X-Tenant': 'seven' },
    });
    Object.assign(globalThis, {
      document: { cookie: 'csrftoken=abc', addEventListener() {}, removeEventListener() {} },
    });
    onTestFinished(() => void Reflect.deleteProperty(globalThis, 'document'));
    const answers = {
      refresh: () => new Response(null, { status: 401 }),
      end: done,
    };
    const { seen } = await signOut(backend, answers, { accessToken: 'access-1' });
    expect(await parts(seen[0])).toMatchObject({
      headers: { authorization: 'Bearer access-1', 'x-csrftoken': 'abc', 'x-tenant': 'seven' },
    });
    expect(seen[0]?.credentials).toBe('include');
  });
});

it('a function that computes headers is called for each request', async () => {
  let serial = 0;
  const backend = simpleJwtBackend({
    url,
    headers: () => ({ 'X-Serial': String(++serial) }),
    signOut: blacklist(end),
  });
  const { refreshes, seen } = await signOut(backend, {
    refresh: () => Response.json({ access: 'access-2', refresh: 'refresh-2' }),
    end: () => Response.json({ detail: 'no' }, { status: serial > 1 ? 200 : 401 }),
  });
  expect([...seen, ...refreshes].map(({ headers }) => headers.get('x-serial')).sort()).toEqual([
    '1',
    '2',
    '3',
  ]);
});
