import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Carry } from '../../src/backends/backend.js';
import { refusesBy } from '../../src/backends/codes.js';
import type { Call } from '../../src/backends/http.js';
import { withAccessToken } from '../../src/backends/place.js';
import { readAnswer, readExisting } from '../../src/backends/read-answer.js';
import { readCookie } from '../../src/backends/readable-cookie.js';
import { refusesByStatus } from '../../src/backends/refuses.js';
import { stepUpOf } from '../../src/backends/step-up.js';
import { type AnswerView, readBody, SessionError, stepUpCodes, type TokenSet } from '../../src/index.js';
import { outcome } from '../support/outcome.js';

afterEach(() => void vi.unstubAllGlobals());

const view = (status: number, headers: Record<string, string> = {}, body?: unknown): AnswerView => ({
  status,
  headers: new Headers(headers),
  body: () => body,
});

/** A backend that reads the body of every response. */
const curious: Backend = {
  readTokens: (body) => body as TokenSet,
  refresh: () => Promise.reject(),
  refuses: ({ body }) => body() === 7,
};
const JSON_TYPE = { 'content-type': 'application/json' };

describe('the argument of signIn', () => {
  const failing = (reason: unknown): Backend => ({
    ...curious,
    readTokens: () => {
      throw reason;
    },
  });
  const error = new SessionError('invalid_token_response', 'why');

  it('is read by the backend', () => {
    expect(readAnswer({ ...curious, readTokens: () => ({ accessToken: 'a' }) }, {})).toEqual({
      accessToken: 'a',
    });
  });

  it('may be a token set, even if the backend cannot read it', () => {
    expect(readAnswer(failing(error), { accessToken: 'a' })).toEqual({ accessToken: 'a' });
  });

  it('must be a response or a token set: the error of the backend says why it is neither', async () => {
    expect(await outcome((async () => readAnswer(failing(error), {}))())).toBe(error);
  });

  it('must be read as a token set', () => {
    expect(() => readAnswer({ ...curious, readTokens: () => ({}) as TokenSet }, {})).toThrow('"accessToken"');
  });

  it('may make the application’s `readTokens` throw', async () => {
    const told = await outcome((async () => readAnswer(failing(new TypeError('a bug')), {}))());
    expect(told).toMatchObject({
      ...{ code: 'invalid_token_response', message: '"readTokens" failed: a bug' },
      cause: { name: 'TypeError', message: 'a bug' },
    });
  });
});

describe('tokens from before this SDK was used', () => {
  it.each([[null], [undefined]])('may be missing: %s', (existing) => {
    expect(readExisting(curious, existing)).toBeUndefined();
  });

  it.each([{}, { accessToken: '' }, { accessToken: null }])('may be only a refresh token: %j', (more) => {
    const existing = { refreshToken: 'r', ...more };
    expect(readExisting(curious, existing)).toEqual({ refreshToken: 'r', accessToken: '' });
  });

  it('may be a token set', () => {
    const tokens = { accessToken: 'a', refreshToken: 'r' };
    expect(readExisting(curious, tokens)).toEqual(tokens);
  });

  it('are rejected if no request could carry them', () => {
    const backend = { ...curious, readTokens: () => assert.fail('no login answer') };
    expect(() => readExisting(backend, { accessToken: 'two words' })).toThrow('"accessToken" must be');
  });

  it.each([[{}], [{ refreshToken: 7 }], [['r']], ['r'], [7]])(
    'are rejected if they have another form: %j',
    (existing) => {
      expect(() => readExisting(curious, existing)).toThrow(SessionError);
    },
  );
});

describe('a cookie for scripts', () => {
  it.each([
    ['b=2', 'b', '2'],
    ['a=1; b=2;c=3', 'b', '2'],
    ['a=1; b=2;c=3', 'c', '3'],
    ['a=1', 'b', ''],
    ['ab=1', 'b', ''],
    ['b=x=y', 'b', 'x=y'],
    ['b=', 'b', ''],
    ['b=%7B%22a%22%3A1%7D', 'b', '{"a":1}'],
    ['b=100%', 'b', '100%'],
    ['b=%E4%B8%AD', 'b', '%E4%B8%AD'],
    ['b=a%0Ab', 'b', 'a%0Ab'],
    ['b=%C3%A4%09', 'b', 'ä\t'],
  ])('of %j: %s', (cookie, name, value) => {
    vi.stubGlobal('document', { cookie });
    expect(readCookie(name)).toBe(value);
  });

  it.each([
    ['there is no document', undefined],
    ['a library has set a shim as document', {}],
  ])('is empty if %s', (_, document) => {
    vi.stubGlobal('document', document);
    expect(readCookie('undefined')).toBe('');
    expect(readCookie('a')).toBe('');
  });

  it('is empty if the page is not allowed to read it', () => {
    const denied = () => {
      throw new DOMException('insecure', 'SecurityError');
    };
    vi.stubGlobal('document', Object.defineProperty({}, 'cookie', { get: denied }));
    expect(readCookie('a')).toBe('');
  });
});

describe('a step-up challenge', () => {
  const header = (parameters: string) => ({
    'www-authenticate': `Basic realm="x", Bearer error="insufficient_user_authentication"${parameters}`,
  });

  it.each<[string, object]>([
    ['', { acrValues: [] }],
    [', acr_values="gold  silver", max_age=5', { acrValues: ['gold', 'silver'], maxAge: 5 }],
    [', max_age="0"', { acrValues: [], maxAge: 0 }],
    [', max_age="-1"', { acrValues: [] }],
    [', max_age="soon"', { acrValues: [] }],
  ])('is read as RFC 9470 says: %s', (parameters, expected) => {
    const challenge = stepUpOf(curious, view(401, header(parameters)))!;
    const { parameters: told, ...rest } = challenge;
    expect(rest).toStrictEqual({ code: 'insufficient_user_authentication', ...expected });
    expect(told).toMatchObject({ error: 'insufficient_user_authentication' });
  });

  it.each([
    [403, header('')],
    [401, {}],
    [401, { 'www-authenticate': 'Bearer error="invalid_token"' }],
  ])('is not found in status %i with the headers %j', (status, headers) => {
    expect(stepUpOf(curious, view(status, headers))).toBeUndefined();
  });

  it('is the one that the backend returns, if it returns one', () => {
    const challenge = { code: 'otp', acrValues: [], parameters: {} };
    const backend = { ...curious, stepUp: () => challenge };
    expect(stepUpOf(backend, view(401, header('')))).toBe(challenge);
  });

  it.each<[string, Parameters<typeof stepUpCodes>[0], number, unknown, object | undefined]>([
    ['a code', { codes: ['otp'] }, 403, { code: 'otp' }, { code: 'otp', acrValues: [] }],
    ['a code in 401', { codes: ['otp'] }, 401, { code: 'otp' }, { code: 'otp', acrValues: [] }],
    ['a code in another status', { codes: ['otp'] }, 200, { code: 'otp' }, undefined],
    [
      'a code in a status of its own',
      { codes: [7], statuses: [200] },
      200,
      { code: '7' },
      { code: '7', acrValues: [] },
    ],
    ['another code', { codes: ['otp'] }, 403, { code: 'no' }, undefined],
    [
      'a code somewhere else',
      { codes: ['otp'], field: 'error.type' },
      403,
      { error: { type: 'otp' } },
      { code: 'otp', acrValues: [] },
    ],
    ['no body', { codes: ['otp'] }, 403, undefined, undefined],
    ['a list', { codes: ['otp'], field: '[].code' }, 403, [{ code: 'otp' }], undefined],
  ])('is recognized by %s in the body', (_, options, status, body, expected) => {
    const challenge = stepUpCodes(options)(view(status, {}, body));
    if (!expected) return expect(challenge).toBeUndefined();
    expect(challenge).toEqual({ ...expected, parameters: body });
  });

  it('has no parameters if the body is a list', () => {
    const stepUp = stepUpCodes({ codes: ['otp'] });
    expect(stepUp(view(403, {}, [{ code: 'otp' }]))).toEqual({ code: 'otp', acrValues: [], parameters: {} });
  });

  it('throws if `codes` is no list', () => {
    expect(() => stepUpCodes({ codes: 'otp' as never })).toThrow(
      new TypeError('"codes" must be an array, got a string'),
    );
  });
});

describe('the body of a response that has to be read', () => {
  const read = (data: unknown, backend: Backend = curious, answer = view(403)) => {
    const response = { data };
    return readBody.call(backend, response, answer).then((text) => ({ text, data: response.data }));
  };

  it('may be a Blob', async () => {
    const blob = new Blob(['ä']);
    expect(await read(blob)).toEqual({ text: 'ä', data: blob });
  });

  it('may be a stream, which the caller can still read', async () => {
    const { text, data } = await read(new Response('ä').body);
    expect(text).toBe('ä');
    expect(await new Response(data as ReadableStream).text()).toBe('ä');
  });

  it('may be a stream that cannot be iterated, as in some browsers', async () => {
    const stream = Object.defineProperty(new Response('ä').body!, Symbol.asyncIterator, { value: undefined });
    const { text, data } = await read(stream);
    expect(text).toBe('ä');
    expect(await new Response(data as ReadableStream).text()).toBe('ä');
  });

  it('may be a stream of Node, which the caller can still read', async () => {
    const { text, data } = await read(
      Readable.from([Buffer.from('a'), Buffer.from('ä')], { objectMode: false }),
    );
    expect(text).toBe('aä');
    expect(data).toBeInstanceOf(Readable);
    expect((data as Readable).readableObjectMode).toBe(false);
    const parts: Buffer[] = [];
    for await (const part of data as Readable) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe('aä');
  });

  it.each([['text'], [{ code: 7 }], [undefined], [null]])('may be loaded already: %j', async (data) => {
    expect(await read(data)).toEqual({ text: undefined, data });
  });

  it.each<[string, Backend, number, Record<string, string>, boolean]>([
    ['an error', curious, 403, {}, true],
    ['an error of any type', curious, 500, { 'content-type': 'text/html' }, true],
    ['JSON', curious, 200, JSON_TYPE, true],
    [
      'JSON with a custom type',
      curious,
      299,
      { 'content-type': 'application/problem+json; charset=utf-8' },
      true,
    ],
    ['JSON in upper case', curious, 200, { 'content-type': 'APPLICATION/JSON' }, true],
    ['a download', curious, 200, { 'content-type': 'application/pdf' }, false],
    ['a download of no type', curious, 200, {}, false],
    ['a redirect', curious, 300, {}, true],
    ['an informational status', curious, 199, {}, true],
    ['a type that only looks like JSON', curious, 200, { 'content-type': 'application/jsonish' }, false],
    ['the invalid type json', curious, 200, { 'content-type': 'json' }, false],
    ['events', curious, 403, { 'content-type': 'TEXT/EVENT-STREAM' }, false],
    ['JSON lines', curious, 403, { 'content-type': 'application/jsonl' }, false],
    ['a stream, by a parameter', curious, 403, { 'content-type': 'text/plain;  stream=watch' }, false],
    [
      'a response that ends, with another parameter',
      curious,
      403,
      { 'content-type': 'text/plain; streams=1' },
      true,
    ],
    ['anything, for a backend that never reads bodies', { ...curious, refuses: () => false }, 403, {}, false],
    [
      'anything, for a backend with no refusals of its own',
      { ...curious, refuses: undefined } as never,
      403,
      {},
      false,
    ],
    [
      'anything, for a backend that looks for a step-up',
      { ...curious, refuses: () => false, stepUp: ({ body }: AnswerView) => void body() } as Backend,
      403,
      {},
      true,
    ],
    [
      'anything, for a backend that looks for nothing but a step-up',
      { ...curious, refuses: undefined, stepUp: ({ body }: AnswerView) => void body() } as never,
      403,
      {},
      true,
    ],
    [
      'a body after a status that decides already',
      { ...curious, refuses: ({ status, body }: AnswerView) => status === 401 && body() === 7 },
      403,
      {},
      false,
    ],
  ])('is read only if the backend needs it: %s', async (_, backend, status, headers, isRead) => {
    const { text } = await read(new Blob(['x']), backend, view(status, headers));
    expect(text).toBe(isRead ? 'x' : undefined);
  });

  it('is read if `refuses` throws without it, and `refuses` is called again', async () => {
    const refuses = ({ body }: AnswerView) => (body() as { code: number }).code === 7;
    expect((await read(new Blob(['x']), { ...curious, refuses })).text).toBe('x');
  });

  it('is read after the backend has seen the status and the headers', async () => {
    const refuses = vi.fn((_: AnswerView) => false);
    await read(new Blob(['x']), { ...curious, refuses }, view(403, { 'x-kind': 'json' }));
    const [seen] = refuses.mock.calls[0]!;
    expect([seen.status, seen.headers.get('x-kind')]).toEqual([403, 'json']);
    expect(seen.body).toThrow('Not read yet');
  });
});

describe('a backend’s request that also carries the access token', () => {
  const url = 'https://api.test/logout';
  const tokens = { accessToken: 'a' };

  it.each<[string, Carry, TokenSet, Call, object]>([
    ['in a header', {}, tokens, {}, { url, headers: { Authorization: 'Bearer a' } }],
    ['in the query', { query: 't' }, tokens, {}, { url: `${url}?t=a`, headers: {} }],
    [
      'in an existing query',
      { query: 't' },
      tokens,
      { url: `${url}?x=1` },
      { url: `${url}?x=1&t=a`, headers: {} },
    ],
    [
      'in addition to other headers',
      {},
      tokens,
      { method: 'PUT', headers: { 'X-Extra': 'kept' } },
      { url, method: 'PUT', headers: { Authorization: 'Bearer a', 'X-Extra': 'kept' } },
    ],
    [
      'unless the header is already set',
      {},
      tokens,
      { headers: { Authorization: 'x' } },
      { url, headers: { Authorization: 'x' } },
    ],
    [
      'at its own URL',
      {},
      tokens,
      { url: `${url}?x=1` },
      { url: `${url}?x=1`, headers: { Authorization: 'Bearer a' } },
    ],
    ['unless there is no token', { query: 't' }, { accessToken: '' }, {}, { url, headers: {} }],
  ])('carries it %s', (_, carry, held, call, expected) => {
    expect(withAccessToken(carry, held, url, call)).toStrictEqual(expected);
  });
});

it('a backend without `refuses` treats only status 401 as a refusal', () => {
  expect([200, 401, 403].map((status) => refusesBy()(view(status)))).toEqual([false, true, false]);
});

describe('a 401 is a refusal, unless its challenge shows that a new token cannot help', () => {
  const isRefusal = (header?: string) =>
    refusesByStatus(view(401, header === undefined ? {} : { 'www-authenticate': header }));

  it.each([
    [undefined],
    ['Bearer'],
    ['Bearer error="invalid_token"'],
    ['Bearer error=invalid_token'],
    ['Bearer error=""'],
    ['Bearer error="insufficient_scope", Bearer error="invalid_token"'],
    ['Bearer my-error="insufficient_scope"'],
    ['Bearer realm="x error=insufficient_scope"'],
    ['Bearer realm="say \\" error=insufficient_scope"'],
    ['Bearer realm="never closed error=insufficient_scope'],
    ['Bearer error_description="insufficient_scope"'],
    ['Bearer errors=insufficient_scope'],
    ['Bearer error="insufficient_scope of another kind"'],
    ['Bearer error="\\insufficient_scope"'],
  ])('is a refusal with %j', (header) => {
    expect(isRefusal(header)).toBe(true);
  });

  it.each([
    ['Bearer error="insufficient_scope"'],
    ['Bearer error=insufficient_scope'],
    ['Bearer error="insufficient_user_authentication"'],
    ['BEARER ERROR = "insufficient_scope"'],
    ['Bearer error  =  insufficient_scope, realm="x"'],
    ['Bearer realm="x",error=insufficient_scope'],
    ['error="insufficient_scope"'],
    ['Bearer realm="", error="insufficient_scope"'],
    ['Bearer realm="a \\"b\\" error=invalid_token", error="insufficient_scope"'],
    ['Bearer error="insufficient_scope", error="insufficient_user_authentication"'],
  ])('is no refusal with %j', (header) => {
    expect(isRefusal(header)).toBe(false);
  });

  it('is the only status that is a refusal', () => {
    expect(refusesByStatus(view(403))).toBe(false);
  });
});
