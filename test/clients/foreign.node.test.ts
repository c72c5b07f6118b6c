import nodeFetch, {
  Headers as NodeHeaders,
  Request as NodeRequest,
  type Response as NodeResponse,
} from 'node-fetch';
import { describe, expect, it } from 'vitest';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { type Backend, createSession, type TokenSet } from '../../src/index.js';
import { serve } from '../support/http.js';

interface Seen {
  method: string;
  url: string;
  token: string | null;
  extra: string | null;
  body: string;
}

const LONG = 'x'.repeat(200_000);

/**
 * An API over real HTTP that refuses the token `old` with a code in the body, and session fetch over another
 * implementation.
 */
async function createApi(fetch: unknown, changes: Partial<Backend> = {}) {
  const seen: Seen[] = [];
  const origin = await serve(async (request) => {
    const { method, headers, url } = request;
    const token = headers.get('authorization')?.replace('Bearer ', '') ?? null;
    seen.push({ method, url, token, extra: headers.get('x-extra'), body: await request.text() });
    if (new URL(url).pathname === '/forbidden')
      return Response.json({ code: 5, text: LONG }, { status: 403 });
    if (new URL(url).pathname === '/file') return new Response(LONG);
    return Response.json(
      { code: token === 'old' ? 1003 : 1, text: LONG },
      { status: token === 'old' ? 403 : 200 },
    );
  });
  const session = createSession({
    backend: {
      readTokens: (body) => body as TokenSet,
      refresh: async () => ({ accessToken: 'new' }),
      refuses: ({ status, body }) => status !== 404 && (body() as { code?: number })?.code === 1003,
      ...changes,
    },
  });
  await session.signIn({ accessToken: 'old', refreshToken: 'r' });
  const options = { origins: [origin], ...(fetch ? { fetch: fetch as typeof globalThis.fetch } : {}) };
  return { seen, origin, session, call: createSessionFetch(session, options) };
}

describe('session fetch over node-fetch', () => {
  it('reads a long response to look for a code, and returns it unread', async () => {
    const { call, origin, session } = await createApi(nodeFetch);
    await session.signIn({ accessToken: 'good', refreshToken: 'r' });
    const answer = await call(`${origin}/forbidden`);
    expect(answer).toMatchObject({
      status: 403,
      url: `${origin}/forbidden`,
      redirected: false,
      bodyUsed: false,
    });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(await answer.json()).toEqual({ code: 5, text: LONG });
    expect(typeof (answer as unknown as NodeResponse).body!.pipe).toBe('function');
  });

  it('sends a refused request again', async () => {
    const { call, origin, seen } = await createApi(nodeFetch);
    const body = new URLSearchParams({ n: '1' });
    expect(await (await call(origin, { method: 'POST', body })).json()).toEqual({ code: 1, text: LONG });
    expect(seen.map(({ token, body }) => [token, body])).toEqual([
      ['old', 'n=1'],
      ['new', 'n=1'],
    ]);
  });

  it('does not read a download', async () => {
    const { call, origin } = await createApi(nodeFetch);
    const answer = await call(`${origin}/file`);
    expect(answer.constructor.name).toBe('Response');
    expect(await answer.text()).toBe(LONG);
  });
});

it('session fetch reads a response without clone, as native modules return it', async () => {
  class NativeResponse {
    readonly #response: Response;
    readonly status: number;
    readonly ok: boolean;
    readonly headers: Headers;
    constructor(response: Response) {
      if (!(response instanceof Response)) throw new TypeError('Illegal constructor');
      this.#response = response;
      ({ status: this.status, ok: this.ok, headers: this.headers } = response);
    }
    arrayBuffer = () => this.#response.arrayBuffer();
    text = () => this.#response.text();
  }
  const native = async (...args: Parameters<typeof fetch>) => new NativeResponse(await fetch(...args));
  const { call, origin, seen } = await createApi(native);
  expect(await (await call(origin)).json()).toEqual({ code: 1, text: LONG });
  expect(seen.map(({ token }) => token)).toEqual(['old', 'new']);
});

it('session fetch shows the backend no body if a response cannot be read', async () => {
  const { call, origin } = await createApi(async () => ({ status: 403, headers: new Headers(), body: null }));
  expect((await call(origin)).status).toBe(403);
});

it.each([
  ['of 200', 200, ['old']],
  ['that refuses the token', 401, ['old', 'new']],
])(
  'session fetch accepts a response without headers, as mocks return it: one %s',
  async (_, status, tokens) => {
    const sent: (string | null)[] = [];
    const mock = async (_url: string, { headers }: RequestInit) => {
      const token = new Headers(headers).get('authorization')!.replace('Bearer ', '');
      sent.push(token);
      return { ok: true, status: token === 'old' ? status : 200, json: async () => token };
    };
    const { call, origin } = await createApi(mock, { refuses: ({ status: code }) => code === 401 });
    expect(await (await call(origin)).json()).toBe(tokens.at(-1));
    expect(sent).toEqual(tokens);
  },
);

describe.each([
  ['node-fetch', nodeFetch],
  ["the platform's fetch", undefined],
])('a Request of node-fetch, sent by %s', (_, fetch) => {
  it.each([
    ['POST', LONG],
    ['PUT', 'short'],
    ['GET', null],
  ])('keeps its method, headers and body: %s', async (method, body) => {
    const { call, origin, seen } = await createApi(fetch);
    const request = new NodeRequest(`${origin}/who?a=1`, { method, body, headers: { 'X-Extra': 'kept' } });
    const answer = await call(request as unknown as Request);
    expect(answer.status).toBe(200);
    await answer.text();
    const sent = { method, url: `${origin}/who?a=1`, extra: 'kept', body: body ?? '' };
    expect(seen).toEqual([
      { ...sent, token: 'old' },
      { ...sent, token: 'new' },
    ]);
  });

  it('can be overridden by an init, and by { session: false }', async () => {
    const { call, origin, seen } = await createApi(fetch);
    const request = () => new NodeRequest(origin, { method: 'POST', body: 'x' }) as unknown as Request;
    await (await call(request(), { headers: { 'X-Extra': 'init' }, body: 'y' })).text();
    expect(seen.at(-1)).toMatchObject({ method: 'POST', extra: 'init', body: 'y', token: 'new' });
  });

  it('is used up, as with fetch', async () => {
    const { call, origin } = await createApi(fetch);
    const request = new NodeRequest(origin, { method: 'POST', body: 'x' });
    await (await call(request as unknown as Request)).text();
    expect(request.bodyUsed).toBe(true);
    await expect(call(request as unknown as Request)).rejects.toBeInstanceOf(TypeError);
  });

  it('carries the token in the query', async () => {
    const { call, origin, seen } = await createApi(fetch, {
      carry: { query: 'token' },
      refuses: () => false,
    });
    await (
      await call(new NodeRequest(`${origin}/who`, { method: 'POST', body: 'x' }) as unknown as Request)
    ).text();
    expect(seen).toMatchObject([{ method: 'POST', url: `${origin}/who?token=old`, body: 'x' }]);
  });
});

it('session fetch sends headers of another implementation', async () => {
  const { call, origin, seen, session } = await createApi(undefined);
  await session.signIn({ accessToken: 'good' });
  await (
    await call(origin, { headers: new NodeHeaders({ 'X-Extra': 'kept' }) as unknown as Headers })
  ).text();
  expect(seen).toMatchObject([{ extra: 'kept', token: 'good' }]);
});
