import fc from 'fast-check';
import {
  type Backend,
  cookieBackend,
  envelopeBackend,
  httpBackend,
  logout,
  oauth2Backend,
  revocation,
  simpleJwtBackend,
} from '../../src/index.js';
import { jwtOf } from '../support/jwt.js';
import { URL_OF_TOKENS as url } from './tabs.js';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz_'];
const DIGITS = [...'0123456789'];
const from = (characters: string[]) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 8, maxLength: 24 });

/** Tokens of different forms: opaque, all letters like an OAuth 2.0 error, all digits like a code or a time, a JWT. */
export const token: fc.Arbitrary<string> = fc.oneof(
  from([...LETTERS, ...LETTERS.map((letter) => letter.toUpperCase()), ...DIGITS, '.', '-', '~']),
  from(LETTERS),
  from(DIGITS),
  fc.uuid(),
  fc.record({ sub: fc.string(), exp: fc.integer(), iat: fc.integer() }).map(jwtOf),
);

/** The tokens of one session: its first tokens, and those in responses. */
export interface Tokens {
  access: string;
  refresh: string;
  newAccess: string;
  newRefresh: string;
}
export const tokens: fc.Arbitrary<Tokens> = fc.record({
  access: token,
  refresh: token,
  newAccess: token,
  newRefresh: token,
});

/** A server's responses. `echo` is a token, which the server puts wherever possible. */
export interface Wire {
  shape: (echo: string) => unknown;
  status: number;
  headers: (echo: string) => Record<string, string>;
  which: keyof Tokens;
  isLost: boolean;
}

const FIELDS = [
  ...['error', 'error_description', 'error_uri', 'code', 'detail', 'message', 'msg', 'token_type', 'scope'],
  ...['expires_in', 'token_time', 'refresh_expires_in', 'generation', 'status', 'name', 'reason', 'user'],
];
/** The refusals that the backends under test recognize. */
const REFUSALS = ['invalid_grant', 'token_not_valid', 1008, '1008', 'session_gone'];

const shape: fc.Arbitrary<Wire['shape']> = fc.oneof(
  fc
    .subarray(FIELDS)
    .map(
      (names) => (echo: string) =>
        Object.fromEntries(
          names.map((name) => [name, name.includes('expires') && /^\d+$/.test(echo) ? Number(echo) : echo]),
        ),
    ),
  fc.constantFrom(...REFUSALS).map((code) => (echo: string) => ({
    ...{ code: [echo, code], error: code, detail: echo, message: echo, error_description: echo },
  })),
  fc.constantFrom(...REFUSALS).map((code) => (echo: string) => ({ code, error: [code, echo], detail: echo })),
  fc.constantFrom(...REFUSALS).map((code) => (echo: string) => [{ code: echo }, { code, error: code }]),
  fc.constant((echo: string) => ({ [echo]: echo })),
  fc.constant((echo: string) => ({
    code: 1007,
    data: { token: echo, refresh_token: echo, token_time: echo },
  })),
  fc.constant((echo: string) => ({ access: echo, refresh: echo, access_token: echo, refresh_token: echo })),
  fc.constant((echo: string) => ({ access_token: { echo }, token: [echo] })),
  fc.constant((echo: string) => echo),
  fc.constant((echo: string) => `<h1>${echo}</h1>`),
);

export const wire: fc.Arbitrary<Wire> = fc.record({
  shape,
  status: fc.constantFrom(200, 200, 201, 400, 400, 401, 401, 403, 404, 409, 429, 500, 503),
  headers: fc.constantFrom<Wire['headers']>(
    () => ({}),
    (echo) => ({ 'Retry-After': echo, Date: echo }),
    (echo) => ({ 'WWW-Authenticate': `Bearer error="${echo}"`, 'X-Token': echo }),
  ),
  which: fc.constantFrom('access', 'refresh', 'newAccess', 'newRefresh'),
  isLost: fc.boolean().map((is) => is && Math.random() < 0.2),
});

export function answerOf({ shape, status, headers, which, isLost }: Wire, held: Tokens): Response {
  const echo = held[which];
  if (isLost) throw Object.assign(new TypeError(`Failed with ${echo}`), { name: echo, cause: echo });
  const body = shape(echo);
  const isText = typeof body === 'string';
  return new Response(isText ? body : JSON.stringify(body), { status, headers: headers(echo) });
}

const rejected = ['invalid_grant', 'session_gone'];

/** Every backend of the package, each with the options that read responses. */
export const BACKENDS: Record<string, () => Backend> = {
  envelope: () => envelopeBackend({ url, signOut: logout(`${url}/out`) }),
  'envelope, own codes': () =>
    envelopeBackend({ url, rejected: [1008, ...rejected], fields: { code: 'error' } }),
  oauth2: () => oauth2Backend({ url, clientId: 'app', signOut: revocation(`${url}/out`) }),
  'oauth2, own errors': () => oauth2Backend({ url, clientId: 'app', rejected }),
  'simple-jwt': () => simpleJwtBackend({ url, signOut: logout(`${url}/out`) }),
  cookie: () => cookieBackend({ url, rejected: [400, 401], signOut: logout(`${url}/out`) }),
  'cookie only': () => cookieBackend({ url, accessToken: 'cookie' }),
  'cookie, own function': () =>
    // In JavaScript, it could return a part of the response.
    cookieBackend({ url, rejected: (_, body) => (body as { detail: string } | undefined)?.detail as never }),
  http: () => httpBackend({ url, rejected: { statuses: [400, 401] }, signOut: logout(`${url}/out`) }),
  'http, by code': () =>
    httpBackend({ url, success: { codes: [1007] }, rejected: { codes: [1008, ...rejected], field: 'code' } }),
};
