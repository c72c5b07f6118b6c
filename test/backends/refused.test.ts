import { describe, expect, it } from 'vitest';
import {
  cookieBackend,
  envelopeBackend,
  httpBackend,
  oauth2Backend,
  type Refused,
  simpleJwtBackend,
} from '../../src/index.js';

const url = 'https://api.test/refresh';

describe.each([
  [
    'oauth2Backend',
    (refused?: Refused) => oauth2Backend({ url, clientId: 'app', ...(refused && { refused }) }),
  ],
  ['simpleJwtBackend', (refused?: Refused) => simpleJwtBackend({ url, ...(refused && { refused }) })],
  ['cookieBackend', (refused?: Refused) => cookieBackend({ url, ...(refused && { refused }) })],
  ['envelopeBackend', (refused?: Refused) => envelopeBackend({ url, ...(refused && { refused }) })],
  ['httpBackend', (refused?: Refused) => httpBackend({ url, ...(refused && { refused }) })],
])('%s decides whether a response refuses the access token', (name, make) => {
  const isRefused = (refused: Refused, status: number, body: unknown) =>
    make(refused).refuses?.({ status, headers: new Headers(), body: () => body });

  it.each<[string, Refused, number, unknown, boolean]>([
    ['a code', { statuses: [200], codes: [1003] }, 200, { code: '1003' }, true],
    ['another code', { statuses: [200], codes: [1003] }, 200, { code: 0 }, false],
    ['a code in another status', { statuses: [200], codes: [1003] }, 403, { code: 1003 }, false],
    ['a code in 403, the default', { codes: [1003] }, 403, { code: 1003 }, true],
    [
      'a code somewhere else',
      { codes: ['expired'], field: 'error.type' },
      403,
      { error: { type: 'expired' } },
      true,
    ],
    [
      'GraphQL',
      { statuses: [200], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' },
      200,
      { data: null, errors: [{ message: 'no' }, { extensions: { code: 'UNAUTHENTICATED' } }] },
      true,
    ],
    [
      'GraphQL, of several answers',
      { statuses: [200], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' },
      200,
      [{ data: {} }, { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }],
      true,
    ],
    [
      'GraphQL with another error',
      { statuses: [200], codes: ['UNAUTHENTICATED'], field: 'errors[].extensions.code' },
      200,
      { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
      false,
    ],
    ['401, whatever the body', { codes: [1] }, 401, undefined, true],
    ['no body', { codes: [1] }, 403, undefined, false],
    ['a text body', { codes: [1] }, 403, 'Forbidden', false],
    ['null', { codes: [1] }, 403, null, false],
  ])('with %s', (_, refused, status, body, expected) => {
    expect(isRefused(refused, status, body)).toBe(expected);
  });

  it('with a status alone, unless its challenge shows that a new token cannot help', () => {
    const refused = { statuses: [403], ...(name === 'envelopeBackend' && { codes: undefined as never }) };
    const of = (challenge: string) =>
      make(refused).refuses?.({
        status: 403,
        headers: new Headers({ 'WWW-Authenticate': challenge }),
        body: () => undefined,
      });
    expect(of('Bearer error="insufficient_scope"')).toBe(false);
    expect(of('Bearer error="invalid_token"')).toBe(true);
  });

  it('with a status alone, without reading the body', () => {
    const never = () => expect.fail('the body must not be read');
    const refused = { statuses: [419], ...(name === 'envelopeBackend' && { codes: undefined as never }) };
    expect(make(refused).refuses?.({ status: 419, headers: new Headers(), body: never })).toBe(true);
    expect(make(refused).refuses?.({ status: 403, headers: new Headers(), body: never })).toBe(false);
  });
});
