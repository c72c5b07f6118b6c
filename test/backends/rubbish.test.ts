import { describe, expect, it } from 'vitest';
import { createSession, envelopeBackend, oauth2Backend } from '../../src/index.js';
import { ORIGIN } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const oauth2 = oauth2Backend({ url: `${ORIGIN}/token`, clientId: 'app' });
const envelope = envelopeBackend({ url: `${ORIGIN}/update_token/` });

/** A JWT with these claims and a fake signature. */
const jwt = (claims: string) => `e30.${btoa(claims).replace(/=+$/, '')}.x`;

/** The time until expiry in ms; `undefined` if unknown. */
function lifetimeOf(answer: Record<string, unknown>): number | undefined {
  const { expiresAt } = oauth2.readTokens({ access_token: 'a', ...answer });
  return expiresAt === undefined ? undefined : expiresAt - Date.now();
}

describe('invalid lifetimes in a response', () => {
  it.each([
    [60, 60_000],
    ['60', 60_000],
    ['60.5', 60_500],
    [1e-320, 0],
    // Later than the last possible `Date`, so there is no expiry.
    [1e308, undefined],
    [9e12, undefined],
    [Number.POSITIVE_INFINITY, undefined], // JSON's 1e999
    // Ignored.
    ...[0, -60, '-60', '', ' ', '0x10', '1e3', 'never', true, null, [60], { seconds: 60 }].map((rubbish) => [
      rubbish,
      undefined,
    ]),
  ])('expires_in %j gives %j ms', (expires_in, lifetime) => {
    fakeClock();
    expect(lifetimeOf({ expires_in })).toBe(lifetime);
  });

  it.each([
    ['{"exp":1e308}'],
    ['{"exp":1e999}'],
    ['{"exp":-1e308}'],
    ['{"exp":"never"}'],
    ['{"exp":null,"iat":true}'],
    ['{"exp":[1]}'],
    ['{"iat":1e308}'],
    ['[]'],
    ['7'],
  ])('claims %s are ignored', (claims) => {
    expect(lifetimeOf({ access_token: jwt(claims) })).toBeUndefined();
  });

  it.each(['1e308', '-1e308', '"yesterday"', 'null'])('an iat of %s is ignored', (iat) => {
    fakeClock();
    const exp = Math.ceil(Date.now() / 1_000) + 60;
    const lifetime = lifetimeOf({ access_token: jwt(`{"exp":${exp},"iat":${iat}}`) });
    expect(lifetime).toBe(exp * 1_000 - Date.now());
  });

  it.each([0, 1e308, -1e308, 'soon', '', true, null, {}, [1]])('token_time %j is ignored', (token_time) => {
    const tokens = envelope.readTokens({ code: 1001, data: { token: 'a', token_time } });
    expect(tokens).not.toHaveProperty('expiresAt');
  });

  it.each([1e308, 'never', 0, null, [1]])(
    'expires_in %j does not prevent the sign-in',
    async (expires_in) => {
      const session = createSession({ backend: oauth2 });
      await session.signIn({ access_token: 'a', expires_in });
      expect(await session.getAccessToken()).toBe('a');
      session.dispose();
    },
  );
});

describe('invalid tokens in a response', () => {
  it.each([undefined, null, '', ' ', 'a b', 7, true, {}, [], ['a']])(
    'access_token %j is an error',
    (access_token) => {
      expect(() => oauth2.readTokens({ access_token })).toThrow('"access_token" must be a non-empty string');
    },
  );

  it.each(['', 7, true, {}, [], 'é'])('refresh_token %j is an error', (refresh_token) => {
    expect(() => oauth2.readTokens({ access_token: 'a', refresh_token })).toThrow('"refresh_token" must be');
  });

  it('refresh_token null counts as absent', () => {
    expect(oauth2.readTokens({ access_token: 'a', refresh_token: null })).toEqual({ accessToken: 'a' });
  });

  it.each([undefined, null, 7, 'a', [], true])('%j is an error', (body) => {
    expect(() => oauth2.readTokens(body)).toThrow('"access_token" must be a non-empty string');
    expect(() => envelope.readTokens(body)).toThrow('Expected an answer with code 1001 or 1007 and tokens');
  });
});
