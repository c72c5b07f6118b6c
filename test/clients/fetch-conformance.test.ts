import { describe, expect, it, onTestFinished } from 'vitest';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { createSession, type TokenSet } from '../../src/index.js';
import { ORIGIN } from '../support/app.js';
import {
  comparable,
  contentOf,
  createServer,
  GOOD,
  isEndedEarly,
  STATES,
  type State,
  signIn,
} from '../support/conformance.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

type Fetch = typeof globalThis.fetch;
type Act = (fetch: Fetch) => Promise<unknown>;

/** fetch with a token that the test sets. */
const plain: Fetch = async (input, init) => {
  const request = new Request(input, init);
  request.headers.set('Authorization', GOOD);
  return fetch(request);
};

async function withSession(state: State): Promise<Fetch> {
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: async () => ({ accessToken: 'new' }) },
  });
  onTestFinished(() => session.dispose());
  await signIn(session, state);
  return createSessionFetch(session, { origins: [ORIGIN] });
}

async function describeResponse(response: unknown): Promise<unknown> {
  if (!(response instanceof Response)) return contentOf(response);
  const { status, statusText, ok, type, url, redirected, bodyUsed } = response;
  const headers = Object.fromEntries(response.headers);
  const text = bodyUsed ? undefined : await response.text();
  return {
    status,
    statusText,
    ok,
    type,
    url,
    redirected,
    bodyUsed,
    headers,
    text,
    class: response.constructor.name,
  };
}

function describeError(error: Error): unknown {
  return {
    name: error?.name,
    message: error?.message,
    class: error?.constructor.name,
    isError: error instanceof Error,
  };
}

async function run(fetch: Fetch, act: Act) {
  const sent = createServer();
  const result = await act(fetch).then(describeResponse, describeError);
  return { result, sent: comparable(sent) };
}

const url = (path: string) => `${ORIGIN}/${path}`;
const post = (body: BodyInit, init: RequestInit = {}): RequestInit => ({ method: 'POST', body, ...init });

function form(): FormData {
  const form = new FormData();
  form.append('field', 'ä');
  form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
  return form;
}

const bodies: [string, () => BodyInit][] = [
  ['text', () => 'plain ä'],
  ['URLSearchParams', () => new URLSearchParams({ a: '1', b: 'ä' })],
  ['a FormData', form],
  ['a Blob', () => new Blob(['blob'], { type: 'text/plain' })],
  ['a Blob without a type', () => new Blob(['blob'])],
  ['an ArrayBuffer', () => new TextEncoder().encode('bytes').buffer],
  ['a typed array', () => new TextEncoder().encode('bytes')],
  ['a DataView', () => new DataView(new TextEncoder().encode('[bytes]').buffer, 1, 5)],
  ['an array, which becomes text', () => ['a', 'b'] as never],
  ['an object, which becomes text', () => ({ a: 1 }) as never],
];

const aborted = (reason?: unknown): AbortSignal => AbortSignal.abort(reason);
const later = (reason?: unknown): AbortSignal => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 100);
  return controller.signal;
};

const cases: [string, Act][] = [
  ['an address', (fetch) => fetch(url('echo'))],
  ['a URL', (fetch) => fetch(new URL(url('echo')))],
  ['an object that is an address', (fetch) => fetch({ toString: () => url('echo') } as never)],
  ['a Request', (fetch) => fetch(new Request(url('echo'), { headers: { 'X-A': 'a' } }))],
  [
    'a Request and an init',
    (fetch) => fetch(new Request(url('echo'), post('first')), { method: 'PUT', body: 'second' }),
  ],
  [
    'a Request and headers',
    (fetch) => fetch(new Request(url('echo'), { headers: { 'X-A': 'a' } }), { headers: { 'X-B': 'b' } }),
  ],
  ['a Request as the init', (fetch) => fetch(url('echo'), new Request(url('text'), post('x')))],
  [
    'a Request that is used twice',
    async (fetch) => {
      const request = new Request(url('echo'), post('x'));
      await fetch(request);
      return fetch(request);
    },
  ],
  [
    'a Request without a body that is used twice',
    async (fetch) => {
      const request = new Request(url('echo'));
      await fetch(request);
      return fetch(request);
    },
  ],
  ...['HEAD', 'DELETE', 'OPTIONS', 'PATCH'].map((method): [string, Act] => [
    method,
    (fetch) => fetch(url('text'), { method }),
  ]),
  ...bodies.map(([kind, body]): [string, Act] => [
    `a body of ${kind}`,
    (fetch) => fetch(url('echo'), post(body())),
  ]),
  ...bodies.map(([kind, body]): [string, Act] => [
    `a Request with a body of ${kind}`,
    (fetch) => fetch(new Request(url('echo'), post(body()))),
  ]),
  ['headers as an object', (fetch) => fetch(url('echo'), { headers: { 'X-A': 'a', accept: 'text/plain' } })],
  [
    'headers as pairs, one twice',
    (fetch) =>
      fetch(url('echo'), {
        headers: [
          ['X-A', 'a'],
          ['x-a', 'b'],
        ],
      }),
  ],
  ['headers as Headers', (fetch) => fetch(url('echo'), { headers: new Headers({ 'X-A': 'a' }) })],
  [
    'an init of null and undefined',
    (fetch) => fetch(url('echo'), { body: null, headers: undefined, signal: null } as never),
  ],
  ...[200, 404, 409, 500, 503].map((status): [string, Act] => [
    `status ${status}`,
    (fetch) => fetch(url(`status/${status}`)),
  ]),
  ['no content', (fetch) => fetch(url('empty'))],
  ['a network error', (fetch) => fetch(url('lost'))],
  ['a redirect', (fetch) => fetch(url('redirect'))],
  ['a redirect that is an error', (fetch) => fetch(url('redirect'), { redirect: 'error' })],
  ['a signal that is already aborted', (fetch) => fetch(url('echo'), { signal: aborted() })],
  ['a signal with a reason', (fetch) => fetch(url('echo'), { signal: aborted(new RangeError('mine')) })],
  ['a signal of a Request', (fetch) => fetch(new Request(url('echo'), { signal: aborted() }))],
  ['a signal that aborts during the request', (fetch) => fetch(url('slow'), { signal: later() })],
  [
    'a signal that aborts with a reason during the request',
    (fetch) => fetch(url('slow'), { signal: later(new RangeError('mine')) }),
  ],
  ['a signal that times out', (fetch) => fetch(url('slow'), { signal: AbortSignal.timeout(200) })],
  ['keepalive', (fetch) => fetch(url('echo'), post('x', { keepalive: true }))],
  [
    'policies',
    (fetch) =>
      fetch(url('echo'), {
        cache: 'no-store',
        credentials: 'omit',
        mode: 'cors',
        referrerPolicy: 'no-referrer',
      }),
  ],
  [
    'a body that streams',
    async (fetch) =>
      (await fetch(url('bytes')))
        .body!.getReader()
        .read()
        .then(({ value }) => ({ isEmpty: !value?.length })),
  ],
  ['a clone', async (fetch) => (await fetch(url('text'))).clone()],
  ['an invalid address', (fetch) => fetch('http://[')],
  ['an invalid method', (fetch) => fetch(url('echo'), { method: 'bad method' })],
  ['a GET with a body', (fetch) => fetch(url('echo'), { body: 'x' })],
  ['an invalid header', (fetch) => fetch(url('echo'), { headers: { 'bad name': 'x' } })],
];

/** The message comes from the platform and may contain the function's name. */
const WORDED = /invalid|GET with a body|used twice/;

describe('session fetch behaves like fetch with a token', () => {
  it.each(cases)('%s', async (name, act) => {
    const expected = await run(plain, act);
    for (const state of STATES) {
      const { result, sent } = await run(await withSession(state), act);
      if (WORDED.test(name))
        expect({ ...(result as object), message: '' }, state).toEqual({
          ...(expected.result as object),
          message: '',
        });
      else expect(result, state).toEqual(expected.result);
      if (isEndedEarly(result)) continue;
      const most = expected.sent.length + Number(state === 'refused');
      expect(sent.length, state).toBeLessThanOrEqual(most);
      for (const [index, call] of sent.entries()) {
        const last = expected.sent[Math.max(0, expected.sent.length - sent.length + index)];
        expect(call, `${state}, sending ${index + 1}`).toEqual(last);
      }
      if (!('isError' in (result as object))) expect(sent.length, state).toBe(most);
    }
  });
});
