import { HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { type SessionError, type SimpleJwtOptions, simpleJwtBackend } from '../../src/index.js';
import { signJwt } from '../../src/testing/jwt.js';
import recording from '../fixtures/wire/simplejwt.txt?raw';
import later from '../fixtures/wire/simplejwt-5.5.txt?raw';
import { ORIGIN, outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';
import { mockEndpoint, sessionOf } from '../support/token-endpoint.js';
import { Wire } from '../support/wire.js';

mockNetwork();

const wire = new Wire(recording);
const wire55 = new Wire(later);
const url = `${ORIGIN}/api/token/refresh/`;
const LIFETIME = 300;

/**
 * An access token that was created `age` seconds ago by a server whose clock is `ahead` seconds ahead; `iat` may be
 * older.
 */
function access({ copiedFrom = 0, ahead = 0 } = {}) {
  const now = Math.floor(Date.now() / 1000) + ahead;
  return signJwt({ token_type: 'access', exp: now + LIFETIME, iat: now - copiedFrom, jti: 'j', user_id: 1 });
}

async function signedIn(options: Partial<SimpleJwtOptions> = {}, ahead = 0) {
  const endpoint = mockEndpoint(url);
  const { session, ends } = sessionOf(simpleJwtBackend({ url, ...options }));
  const login = wire.answer('login ok', 'secret-1', access({ ahead }));
  await session.signIn(await login.json());
  const fail = async (answer: () => Response) => {
    endpoint.answerWith(answer);
    return (await outcome(session.refresh())) as SessionError;
  };
  return { ...endpoint, session, ends, fail };
}

describe('simpleJwtBackend', () => {
  it('sends the refresh token as JSON', async () => {
    const { session, seen, answerWith } = await signedIn({ headers: { 'X-Tenant': 'seven' } });
    answerWith(() => wire.answer('refresh ok', access(), 'secret-2'));
    await session.refresh();
    expect(seen[0]?.method).toBe('POST');
    expect(seen[0]?.headers.get('content-type')).toBe('application/json');
    expect(seen[0]?.headers.get('x-tenant')).toBe('seven');
    expect(await seen[0]?.text()).toBe('{"refresh":"secret-1"}');
  });

  it('continues with the rotated refresh token', async () => {
    const { session, seen, answerWith } = await signedIn();
    answerWith(() => wire.answer('refresh ok', access(), 'secret-2'));
    await session.refresh();
    await session.refresh();
    expect(await seen[1]?.json()).toEqual({ refresh: 'secret-2' });
  });

  it('keeps the refresh token if it is not rotated', async () => {
    const { session, seen, answerWith } = await signedIn();
    answerWith(() => HttpResponse.json({ access: access() }));
    await session.refresh();
    await session.refresh();
    expect(await seen[1]?.json()).toEqual({ refresh: 'secret-1' });
  });

  it('reads the login response, with the fields that a project adds', () => {
    const { readTokens } = simpleJwtBackend({ url });
    expect(readTokens({ access: 'a', refresh: 'r', user: { pk: 1 } })).toEqual({
      accessToken: 'a',
      refreshToken: 'r',
      user: { pk: 1 },
    });
  });

  it.each(['login wrong', 'login missing field'])(
    '%s is an error that names what the response contains',
    async (name) => {
      const { session } = await signedIn();
      const body = await wire.answer(name).json();
      expect(await outcome(session.signIn(body))).toMatchObject({
        code: 'invalid_token_response',
        message: expect.stringMatching(/^"access" must be .* got an object with (detail|password)$/),
      });
    },
  );

  it.each([
    ['refresh reused (rotated away)', wire],
    ['refresh with an access token', wire],
    ['refresh garbage', wire],
    ['refresh expired', wire],
    ['refresh of a user who was deactivated', wire55],
    ['refresh of a user who has changed the password', wire55],
  ])('ends the session: %s', async (name, from) => {
    const { session, ends, fail } = await signedIn();
    const thrown = await fail(() => from.answer(name));
    expect(thrown.code).toBe('refresh_rejected');
    expect(session.status).toBe('signed-out');
    expect(ends).toEqual(['refresh_rejected']);
  });

  it.each([
    ['refresh missing', () => wire.answer('refresh missing')],
    ['a wrong path', () => HttpResponse.json({ detail: 'Not found.' }, { status: 404 })],
    ['a gateway’s 401', () => HttpResponse.json({ message: 'Unauthorized' }, { status: 401 })],
    ['a gateway’s 401 with a list', () => HttpResponse.json({ detail: [{ msg: 'no' }] }, { status: 401 })],
    ['a proxy’s 401', () => HttpResponse.html('<h1>401</h1>', { status: 401 })],
    ['a bare 401', () => new HttpResponse(null, { status: 401 })],
    ['a 403', () => HttpResponse.json({ detail: 'CSRF', code: 'token_not_valid' }, { status: 403 })],
    ['a 500', () => HttpResponse.json({ detail: 'oops', code: 'token_not_valid' }, { status: 500 })],
    ['throttling', () => HttpResponse.json({ detail: 'Request was throttled.' }, { status: 429 })],
  ])('keeps the session through %s', async (_, answer) => {
    const { session, ends, fail } = await signedIn();
    expect(await fail(answer)).toMatchObject({ code: 'refresh_unavailable' });
    expect(session.status).toBe('signed-in');
    expect(ends).toEqual([]);
  });

  it.each([
    ['order garbage', wire, true],
    ['order expired', wire, true],
    ['order no token', wire, true],
    ['order fresh', wire, false],
    ['order of a user who was deactivated', wire55, true],
  ])('%s is a refused access token: %j', (name, from, refused) => {
    const { status, headers } = from.answer(name);
    const { refuses = ({ status }) => status === 401 } = simpleJwtBackend({ url });
    expect(refuses({ status, headers, body: () => undefined })).toBe(refused);
  });

  it('throws for invalid options', () => {
    expect(() => simpleJwtBackend({ url: '' })).toThrow('"url" must be the URL of the refresh endpoint');
    // @ts-expect-error they are required
    expect(() => simpleJwtBackend()).toThrow('"url" must be');
  });
});

describe('simpleJwtBackend knows the lifetime', () => {
  const skews = [0, 180, -180, 18_000, -18_000];

  it.each(skews)(
    'from the sign-in, if a refresh copies an old iat, with the server %i s ahead',
    async (ahead) => {
      const clock = fakeClock();
      const { session, seen, answerWith } = await signedIn({}, ahead);
      // The first refresh makes the times below independent of the sign-in's token.
      answerWith(() => wire.answer('refresh ok', access({ copiedFrom: 280, ahead }), 'secret'));
      await session.refresh();
      for (let lifetime = 1; lifetime <= 3; lifetime++) {
        await clock.tick(200_000);
        await session.getAccessToken();
        expect(seen.length).toBe(lifetime);
        await clock.tick(90_000);
        await session.getAccessToken();
        expect(seen.length).toBe(lifetime + 1);
      }
    },
  );

  it('anew from each sign-in', async () => {
    const clock = fakeClock();
    const { session, seen, answerWith } = await signedIn();
    answerWith(() => wire.answer('refresh ok', access(), 'secret'));
    await session.refresh();
    const now = Math.floor(Date.now() / 1000);
    await session.signIn({ access: signJwt({ exp: now + 3_600, iat: now }), refresh: 'secret' });
    await clock.tick(3_000_000);
    await session.getAccessToken();
    expect(seen.length).toBe(1);
  });

  it('of no token without times, so that token is used until it is refused', async () => {
    const clock = fakeClock();
    const { session, seen, answerWith } = await signedIn();
    answerWith(() => HttpResponse.json({ access: signJwt({ user_id: 1 } as never) }));
    await session.refresh();
    await clock.tick(10_000_000);
    await session.getAccessToken();
    expect(seen.length).toBe(1);
  });
});
