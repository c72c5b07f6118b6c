import axios, { type AxiosAdapter, AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { HttpResponse, http } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import {
  type Carry,
  envelopeBackend,
  isSessionError,
  type SessionError,
  type TokenSet,
} from '../../src/index.js';
import { type AppOptions, createApp, ORIGIN, outcome } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

interface Seen {
  method: string;
  url: string;
  authorization: string | null;
  contentType: string | null;
  contentLength: string | null;
  extra: string | null;
  body: string;
}

/** An API that refuses the first token with 401, records the requests, and returns the request body. */
async function createApi(options: AppOptions = {}) {
  const seen: Seen[] = [];
  let serial = 0;
  const app = createApp({
    ...options,
    session: {
      backend: {
        readTokens: (body) => body as TokenSet,
        refresh: async () => ({ accessToken: `new-${++serial}`, refreshToken: 'r' }),
      },
      ...options.session,
    },
  });
  network.use(
    http.all(`${ORIGIN}/echo`, async ({ request }) => {
      const header = (name: string) => request.headers.get(name);
      const body = await request.text();
      seen.push({
        method: request.method,
        url: request.url,
        authorization: header('authorization'),
        contentType: header('content-type'),
        contentLength: header('content-length'),
        extra: header('x-extra'),
        body,
      });
      if (header('authorization') === 'Bearer old')
        return HttpResponse.json({ refused: true }, { status: 401 });
      return HttpResponse.json({ body }, { headers: { 'X-Answer': 'yes' } });
    }),
  );
  await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
  return { ...app, seen };
}

function fail(): never {
  throw new Error('not to be called');
}

function bytesNotToBeRead(): Uint8Array {
  return Object.assign(new Uint8Array(8), { toString: fail });
}

/** The two sendings differ only in the token. Multipart boundaries are random, so they are replaced. */
function expectSameTwice(seen: Seen[]) {
  expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new-1']);
  const [first, second] = seen.map((call) => {
    const boundary = /boundary=(\S+)/.exec(call.contentType ?? '')?.[1] ?? /^--(\S+)/.exec(call.body)?.[1];
    const text = JSON.stringify({ ...call, authorization: null });
    return boundary ? text.replaceAll(boundary, 'boundary') : text;
  });
  expect(second).toBe(first);
}

const adapters: [string, AxiosRequestConfig['adapter']][] = [
  ['the default adapter', undefined],
  ['the fetch adapter', 'fetch'],
  ...(globalThis.location
    ? ([['the xhr adapter', 'xhr']] as [string, 'xhr'][])
    : ([['the http adapter', 'http']] as [string, 'http'][])),
  ['a list of adapters', ['xhr', 'http', 'fetch']],
  ['a custom adapter', (config) => axios.getAdapter('fetch')(config)],
];

describe.each(adapters)('guarantee 4 with %s: a replay differs only in the token', (_, adapter) => {
  const config = adapter === undefined ? {} : { adapter };
  const bodies: [string, () => unknown, string | RegExp][] = [
    ['JSON', () => ({ a: 1, ä: '中' }), '{"a":1,"ä":"中"}'],
    ['text', () => 'plain', 'plain'],
    ['URLSearchParams', () => new URLSearchParams({ a: '1', b: 'ä' }), 'a=1&b=%C3%A4'],
    ['a Blob', () => new Blob(['blob-content'], { type: 'text/plain' }), 'blob-content'],
    ['an ArrayBuffer', () => new TextEncoder().encode('buffer').buffer, 'buffer'],
    ['nothing', () => undefined, ''],
  ];

  it.each(bodies)('with a body of %s', async (_, body, text) => {
    const { api, seen } = await createApi();
    const { data } = await api.post('/echo', body(), { ...config, headers: { 'X-Extra': 'kept' } });
    expectSameTwice(seen);
    expect(data.body).toBe(text);
    expect(seen[1]!.extra).toBe('kept');
  });

  it('with a FormData with fields and a file', async () => {
    const { api, seen } = await createApi();
    const form = new FormData();
    form.append('field', 'value');
    form.append('file', new File(['file-content'], 'a.txt', { type: 'text/plain' }));
    await api.post('/echo', form, config);
    expectSameTwice(seen);
    expect(seen[1]!.body).toContain('file-content');
  });

  it('with params, which are serialized once per request', async () => {
    const { api, seen } = await createApi();
    await api.get('/echo', { ...config, params: { a: [1, 2], b: 'ä' } });
    expectSameTwice(seen);
  });

  it.each(['text', 'json', 'blob', 'arraybuffer'] as const)(
    'for a responseType of %s',
    async (responseType) => {
      if (responseType === 'blob' && adapter !== 'fetch' && !globalThis.location) return; // Node's http adapter does not support blobs
      const { api, seen } = await createApi();
      const { data } = await api.post('/echo', 'x', { ...config, responseType });
      expectSameTwice(seen);
      const text = await new Response(responseType === 'json' ? JSON.stringify(data) : data).text();
      expect(JSON.parse(text)).toEqual({ body: 'x' });
    },
  );

  it('the caller gets the second response, whatever its status', async () => {
    const { api, session } = await createApi();
    network.use(http.get(`${ORIGIN}/never`, () => HttpResponse.json({ never: true }, { status: 401 })));
    const error = (await outcome(api.get('/never', config))) as AxiosError;
    expect(error.response).toMatchObject({ status: 401, data: { never: true } });
    expect(isSessionError(error.cause)).toBe(false);
    expect(JSON.stringify([error, error.cause])).not.toMatch(/old|new-1/);
    expect(session.status).toBe('signed-in');
  });

  it('a stream cannot be sent again: the request rejects and does not send an empty body', async () => {
    const { api, seen, session } = await createApi();
    if (adapter !== 'fetch') return;
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('streamed'));
        controller.close();
      },
    });
    const error = (await outcome(
      api.post('/echo', stream, { ...config, headers: { 'Content-Type': 'text/plain' } }),
    )) as AxiosError;
    if (error.code === 'ERR_NETWORK') return; // this browser streams only over HTTP/2
    expect(error.cause).toMatchObject({ code: 'request_not_replayable' });
    expect(seen.length).toBe(1);
    await expect.poll(() => session.getAccessToken()).toBe('new-1');
  });
});

describe("guarantee 4: the application's axios works as before", () => {
  it('interceptors and transforms run once, and response interceptors see only the last response, whenever they were added', async () => {
    const ran: string[] = [];
    const once =
      <T, R>(name: string, act: (value: T) => R) =>
      (value: T): R => {
        ran.push(name);
        return act(value);
      };
    const app = await createApi();
    const api = axios.create({
      baseURL: ORIGIN,
      transformRequest: [once('transformRequest', (data) => JSON.stringify(data))],
      transformResponse: [once('transformResponse', (text: string) => JSON.parse(text))],
    });
    api.interceptors.request.use(once('request', (config) => config));
    api.interceptors.response.use(once('before', (response) => response.data));
    attachSession(api, app.session);
    api.interceptors.request.use(once('later request', async (config) => config));
    api.interceptors.response.use(once('after', (data) => data));
    expect(await api.post('/echo', { once: 1 })).toEqual({ body: '{"once":1}' });
    expect(ran).toEqual([
      'later request',
      'request',
      'transformRequest',
      'transformResponse',
      'before',
      'after',
    ]);
    expectSameTwice(app.seen);
  });

  it('response interceptors see neither the refusal nor a failed refresh as a response', async () => {
    const statuses: unknown[] = [];
    const { api, session } = await createApi({
      session: {
        backend: { readTokens: (body) => body as TokenSet, refresh: () => Promise.reject(new Error('down')) },
      },
    });
    api.interceptors.response.use(undefined, (error: AxiosError) => {
      statuses.push(error.response?.status);
      if (error.response?.status === 401) void session.signOut();
      return Promise.reject(error);
    });
    await outcome(api.get('/echo'));
    expect(statuses).toEqual([undefined]);
    expect(session.status).toBe('signed-in');
  });

  it('an interceptor may return a copy of the config', async () => {
    const { api, seen } = await createApi();
    api.interceptors.request.use((config) => ({ ...config }));
    api.interceptors.request.handlers!.reverse();
    await api.get('/echo');
    expectSameTwice(seen);
  });

  it('a config that the application sends again is a new request', async () => {
    const { api, seen } = await createApi();
    network.use(http.get(`${ORIGIN}/flaky`, () => HttpResponse.error(), { once: true }));
    network.use(
      http.get(`${ORIGIN}/flaky`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
    );
    network.use(http.get(`${ORIGIN}/flaky`, () => HttpResponse.error(), { once: true }));
    await api.get('/echo');
    const error = (await outcome(api.get('/flaky'))) as AxiosError;
    expect(error.response).toBeUndefined();
    expect((await api(error.config!)).data).toBe('Bearer new-1');
    expect(seen.length).toBe(2);
  });

  it('a mock of the application answers instead of the network', async () => {
    const { api } = await createApi();
    const mock: AxiosAdapter = async (config) =>
      ({
        data: config.headers.get('Authorization'),
        status: 200,
        statusText: 'OK',
        headers: {},
        config,
      }) as AxiosResponse;
    api.defaults.adapter = mock;
    expect((await api.get('/echo')).data).toBe('Bearer old');
  });

  it('validateStatus decides what is an error, after the session has checked for a refusal', async () => {
    const { api, seen } = await createApi();
    const { status } = await api.get('/echo', { validateStatus: () => true });
    expect(status).toBe(200);
    expectSameTwice(seen);
  });

  it("the response's config is the application's own, without the token", async () => {
    const { api } = await createApi();
    const response = await api.get('/echo', { headers: { 'X-Extra': 'mine' } });
    expect(response.config.headers.get('X-Extra')).toBe('mine');
    expect(response.config.headers.has('Authorization')).toBe(false);
    expect(response.headers['x-answer']).toBe('yes');
  });

  it.each(['throws', 'rejects'])(
    'the config of an error has no token in a header or the URL if an adapter %s',
    async (how) => {
      for (const carry of [{ scheme: 'Bearer' }, { query: 'token' }] satisfies Carry[]) {
        const { api } = await createApi({ session: { backend: envelopeBackend({ url: '/', carry }) } });
        const seen: string[] = [];
        api.defaults.adapter = (config) => {
          seen.push(`${config.url} ${config.headers.get('Authorization')}`);
          const error = new AxiosError('broken', 'E_BROKEN', config);
          if (how === 'throws') throw error;
          return Promise.reject(error);
        };
        const error = (await outcome(api.get('/echo'))) as AxiosError;
        expect(seen.join()).toMatch(/old/);
        expect(error.config!.url).toBe('/echo');
        expect(JSON.stringify(error)).not.toMatch(/old/);
      }
    },
  );

  it('the token replaces a header of the same name on the instance', async () => {
    const { api, seen } = await createApi({ axios: { headers: { authorization: 'Bearer left-over' } } });
    await api.get('/echo');
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new-1']);
  });

  it('the token replaces the instance’s header also for a custom adapter that reads the headers', async () => {
    const adapter: AxiosAdapter = async (config) =>
      ({ data: { ...config.headers }, status: 200, statusText: 'OK', headers: {}, config }) as AxiosResponse;
    const { api } = await createApi({ axios: { adapter, headers: { authorization: 'Bearer left-over' } } });
    const { data } = await api.get('/echo');
    expect(data).toMatchObject({ Authorization: 'Bearer old' });
    expect(data).not.toHaveProperty('authorization');
  });

  it.each<[string, AxiosRequestConfig]>([
    ['a URL object as address', { url: new URL(`${ORIGIN}/echo`) as never }],
    ['no adapter, so axios uses its own', { url: '/echo', adapter: null as never }],
  ])('accepts what axios accepts: %s', async (_, config) => {
    const backend = envelopeBackend({ url: '/', carry: { query: 'token' } });
    const { api, seen } = await createApi({ session: { backend } });
    const answer = await api.request(config);
    await api.request(answer.config);
    expect(seen.map(({ url }) => url)).toEqual([`${ORIGIN}/echo?token=old`, `${ORIGIN}/echo?token=old`]);
  });

  it('{ session: false } keeps the request’s own Authorization header', async () => {
    const { api, seen } = await createApi();
    await api.get('/echo', { session: false, headers: { Authorization: 'Basic abc' } });
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Basic abc']);
  });

  it('upload progress is reported', async () => {
    const { api, seen } = await createApi();
    const loaded: number[] = [];
    await api.post('/echo', 'x'.repeat(10_000), { onUploadProgress: (event) => loaded.push(event.loaded) });
    expect(seen.length).toBe(2);
    if (globalThis.location) expect(loaded.length).toBeGreaterThanOrEqual(0);
  });

  it('refusals are read from bodies of every type', async () => {
    for (const responseType of [
      'json',
      'text',
      'arraybuffer',
      ...(globalThis.location ? (['blob'] as const) : []),
    ] as const) {
      const { server, api, logIn } = createApp();
      await logIn();
      server.expireAccessTokens();
      await api.get('/order/', { responseType });
      expect(server.stats).toMatchObject({ refreshes: 1, ordersRefused: 1, ordersOk: 1 });
    }
  });

  it('a backend that destructures the response can read the refusal', async () => {
    const { api, session } = createApp({
      session: {
        backend: {
          readTokens: (body) => body as TokenSet,
          refresh: async () => ({ accessToken: 'new' }),
          refuses: ({ status, body, headers }) =>
            status === 200 && headers.get('X-Kind') === 'json' && (body() as { code: number }).code === 7,
        },
      },
    });
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const code = ({ request }: { request: Request }) =>
      request.headers.get('authorization')?.endsWith('old') ? 7 : 1;
    network.use(
      http.get(`${ORIGIN}/coded`, (info) =>
        HttpResponse.json({ code: code(info) }, { headers: { 'X-Kind': 'json' } }),
      ),
    );
    expect((await api.get('/coded')).data).toEqual({ code: 1 });
  });

  it.each([
    ['of WHATWG', { getReader: () => {} }, 'cancel'],
    ['of Node', { pipe: () => {} }, 'destroy'],
  ])('cancels a refused stream %s before the refresh', async (_, stream, how) => {
    const cancelled = vi.fn(async () => {});
    const refused = { status: 401, data: Object.assign(stream, { [how]: cancelled }) };
    const { api, session } = createApp({
      session: {
        backend: {
          readTokens: (body) => body as TokenSet,
          refresh: async () => {
            expect(cancelled).toHaveBeenCalledOnce();
            return { accessToken: 'new' };
          },
        },
      },
    });
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    api.defaults.adapter = async (config) => {
      const answer =
        config.headers.get('Authorization') === 'Bearer old' ? refused : { status: 200, data: 'good' };
      return { ...answer, statusText: '', headers: {}, config } as AxiosResponse;
    };
    expect((await api.get('/file', { responseType: 'stream' })).data).toBe('good');
  });

  it('a Blob in the refused request is not mistaken for the body of the response', async () => {
    const { server, api, logIn } = createApp({ envelope: { refused: { statuses: [200, 403] } } });
    await logIn();
    for (const refreshes of [1, 2]) {
      server.expireAccessTokens();
      await api.get('/order/', { adapter: 'fetch', responseType: 'blob' });
      expect(server.stats.refreshes).toBe(refreshes);
    }
  });
});

describe('a backend that refreshes through the same instance', () => {
  it('does not wait for its own refresh', async () => {
    const app = createApp({
      session: {
        refreshTimeout: 2_000,
        backend: {
          readTokens: (body) => body as TokenSet,
          async refresh({ refreshToken }): Promise<TokenSet> {
            await Promise.resolve();
            return (await app.api.post('/refresh', { refresh: refreshToken })).data;
          },
        },
      },
    });
    network.use(
      http.post(`${ORIGIN}/refresh`, () => HttpResponse.json({ accessToken: 'new', refreshToken: 'r2' })),
      http.get(`${ORIGIN}/whoami`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
    );
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r-1', expiresAt: 1 });
    const answers = await Promise.all([app.api.get('/whoami'), app.api.get('/whoami')]);
    expect(answers.map(({ data }) => data)).toEqual(['Bearer new', 'Bearer new']);
  });

  it('does not wait for its own refresh if that is refused', async () => {
    const app = createApp({
      session: {
        refreshTimeout: 2_000,
        backend: {
          readTokens: (body) => body as TokenSet,
          refresh: async ({ refreshToken }): Promise<TokenSet> =>
            (await app.api.post('/refresh', new URLSearchParams({ refresh: refreshToken! }))).data,
        },
      },
    });
    network.use(http.post(`${ORIGIN}/refresh`, () => HttpResponse.json({}, { status: 401 })));
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r+/=1', expiresAt: 1 });
    const error = (await outcome(app.api.get('/whoami'))) as AxiosError;
    expect((error.cause as SessionError).code).toBe('refresh_unavailable');
    expect(app.session.status).toBe('signed-in');
  });
});

describe.skipIf(globalThis.location)('guarantee 9 when Node’s adapter follows a redirect', () => {
  const secret = { accessToken: 'secret', refreshToken: 'r' };

  /** What the target of a redirect receives. */
  async function follow(to: string, carry: Carry, config: AxiosRequestConfig = {}) {
    const backend = { readTokens: () => secret, refresh: async () => secret, carry };
    const { session, api } = createApp({ session: { backend } });
    await session.signIn(secret);
    const seen: Headers[] = [];
    network.use(
      http.get(`${ORIGIN}/moved`, () => HttpResponse.redirect(to)),
      http.get(to, ({ request }) => {
        seen.push(request.headers);
        return HttpResponse.json({});
      }),
    );
    await api.get('/moved', { adapter: 'http', headers: { 'X-Extra': 'kept' }, ...config });
    expect(seen[0]!.get('x-extra')).toBe('kept');
    return seen[0]!;
  }

  it.each([
    ['https://evil.test/', { header: 'X-Token', scheme: '' }],
    ['https://deep.api.test/', { header: 'authorization' }],
    [`${ORIGIN}:8443/`, () => ({ headers: { 'x-token': 'secret', 'X-Other': 'secret' } })],
  ] as [string, Carry][])('the token is not sent to %s, in any header', async (to, carry) => {
    expect(JSON.stringify([...(await follow(to, carry))])).not.toContain('secret');
  });

  it('the token is sent on the same origin', async () => {
    const headers = await follow(`${ORIGIN}/here`, { header: 'X-Token', scheme: '' });
    expect(headers.get('x-token')).toBe('secret');
  });

  it('the application’s beforeRedirect is called as before, and does not see a token that is removed', async () => {
    const beforeRedirect = vi.fn();
    beforeRedirect.mockImplementation((to) => {
      expect(JSON.stringify(to.headers)).not.toContain('secret');
      to.headers['X-Own'] = to.hostname;
    });
    const headers = await follow('https://evil.test/', { header: 'X-Token' }, { beforeRedirect });
    expect(headers.get('x-own')).toBe('evil.test');
    expect(beforeRedirect.mock.calls).toEqual([
      expect.arrayContaining([expect.objectContaining({ statusCode: 302 })]),
    ]);
  });
});

describe('a request that is made during a refresh is sent after it', () => {
  it.each<[string, AxiosRequestConfig]>([
    ['params that contain a BigInt', { params: { id: 7n } }],
    ['params that cannot be converted to JSON', { params: { toJSON: fail } }],
    ['a body that cannot be converted to text', { data: Object.create(null) }],
    ['a body of bytes, which are not read', { data: bytesNotToBeRead() }],
  ])('also with %s', async (_, config) => {
    const { promise, resolve } = Promise.withResolvers<TokenSet>();
    const refresh = vi.fn(() => promise);
    const backend = { readTokens: (body: unknown) => body as TokenSet, refresh };
    const { session, api } = createApp({ session: { backend } });
    await session.signIn({ accessToken: 'old', refreshToken: 'r', expiresAt: 1 });
    const refreshed = session.refresh();
    await expect.poll(() => refresh.mock.calls.length).toBe(1);
    const adapter: AxiosAdapter = async (config) => {
      const data = config.headers.get('Authorization');
      return { data, status: 200, statusText: '', headers: {}, config };
    };
    const answer = api.request({ ...config, url: '/echo', adapter, transformRequest: (data) => data });
    resolve({ accessToken: 'new' });
    expect((await answer).data).toBe('Bearer new');
    await refreshed;
  });
});

it('attaching imports nothing and starts nothing by itself', async () => {
  const setTimeout = vi.spyOn(globalThis, 'setTimeout');
  createApp();
  expect(setTimeout).not.toHaveBeenCalled();
  setTimeout.mockRestore();
});
