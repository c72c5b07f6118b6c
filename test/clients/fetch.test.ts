import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { type AnswerView, type Backend, SessionError, type TokenSet } from '../../src/index.js';
import { ORIGIN, outcome } from '../support/app.js';
import { createFetchApp } from '../support/fetch-app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const ECHO = `${ORIGIN}/echo`;

interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** A custom backend. Its tokens are `old`, then `new-1`, `new-2` and so on. */
function handmade(changes: Partial<Backend> = {}): Backend {
  let serial = 0;
  return {
    readTokens: (body) => body as TokenSet,
    refresh: async () => ({ accessToken: `new-${++serial}`, refreshToken: 'r' }),
    ...changes,
  };
}

/** An API that refuses the first token with 401, records the requests, and returns the request body. */
async function createApi(changes: Partial<Backend> = {}) {
  const seen: Seen[] = [];
  const app = createFetchApp({ session: { backend: handmade(changes) } });
  network.use(
    http.all(ECHO, async ({ request }) => {
      const { method, url } = request;
      const headers = Object.fromEntries(request.headers);
      const body = await request.text();
      seen.push({ method, url, headers, body });
      const isOld = headers.authorization === 'Bearer old' || url.includes('token=old');
      return HttpResponse.json({ body }, { status: isOld ? 401 : 200, headers: { 'X-Answer': 'yes' } });
    }),
  );
  await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
  return { ...app, seen };
}

/** Multipart boundaries are random, so they are replaced before the comparison. */
function expectSameTwice(seen: Seen[]) {
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new-1']);
  const [first, second] = seen.map(({ headers: { authorization, ...headers }, ...call }) => {
    const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
    const text = JSON.stringify({ ...call, headers });
    return boundary ? text.replaceAll(boundary, 'boundary') : text;
  });
  expect(second).toBe(first);
}

function streamOf(text: string): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

const bodies: [string, () => BodyInit | undefined, string][] = [
  ['text', () => 'plain ä', 'plain ä'],
  ['URLSearchParams', () => new URLSearchParams({ a: '1', b: 'ä' }), 'a=1&b=%C3%A4'],
  ['a Blob', () => new Blob(['blob-content'], { type: 'text/plain' }), 'blob-content'],
  ['an ArrayBuffer', () => new TextEncoder().encode('buffer').buffer, 'buffer'],
  ['a typed array', () => new TextEncoder().encode('array'), 'array'],
  ['nothing', () => undefined, ''],
];

describe('guarantee 4 with fetch: a replay differs only in the token', () => {
  describe.each([
    ['an address', (init: RequestInit) => [ECHO, init]],
    ['a URL', (init: RequestInit) => [new URL(ECHO), init]],
    ['a Request', (init: RequestInit) => [new Request(ECHO, init)]],
    ['a Request as the init of an address', (init: RequestInit) => [ECHO, new Request(ECHO, init)]],
    ['a Request and an init', (init: RequestInit) => [new Request(ECHO, { method: 'PUT' }), init]],
  ] as [string, (init: RequestInit) => Parameters<typeof fetch>][])('with %s', (_, args) => {
    it.each(bodies)('and a body of %s', async (_, body, text) => {
      const { call, seen } = await createApi();
      const answer = await call(
        ...args({ method: 'POST', body: body() ?? null, headers: { 'X-Extra': 'kept' } }),
      );
      expectSameTwice(seen);
      expect(seen[1]).toMatchObject({ method: 'POST', body: text, headers: { 'x-extra': 'kept' } });
      expect(await answer.json()).toEqual({ body: text });
      expect(answer.headers.get('x-answer')).toBe('yes');
    });

    it('and a FormData with fields and a file', async () => {
      const { call, seen } = await createApi();
      const form = new FormData();
      form.append('field', 'value');
      form.append('file', new File(['file-content'], 'a.txt', { type: 'text/plain' }));
      await call(...args({ method: 'POST', body: form }));
      expectSameTwice(seen);
      expect(seen[1]!.body).toContain('file-content');
    });
  });

  it('the caller gets the second response unread, whatever its status', async () => {
    const { call, session } = await createApi();
    network.use(http.get(`${ORIGIN}/never`, () => HttpResponse.json({ never: true }, { status: 401 })));
    const answer = await call(`${ORIGIN}/never`);
    expect([answer.status, answer.bodyUsed, await answer.json()]).toEqual([401, false, { never: true }]);
    expect(session.status).toBe('signed-in');
  });

  it('the refused response is cancelled before the refresh', async () => {
    const refused = new Response('refused', { status: 401 });
    const cancelled = vi.spyOn(refused.body!, 'cancel');
    const { session } = await createApi({
      refresh: async () => {
        await new Promise((resolve) => setTimeout(resolve));
        expect(cancelled).toHaveBeenCalledOnce();
        return { accessToken: 'new' };
      },
    });
    const send = vi.fn(async () => new Response('good')).mockResolvedValueOnce(refused);
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send });
    expect(await (await call(ECHO)).text()).toBe('good');
  });

  it.each([{ pipe() {} }, { pipe() {}, destroy: vi.fn() }])(
    'a refused Node stream, which some libraries return as the body, is cancelled too: %o',
    async (body) => {
      const { session } = await createApi();
      const refused = { status: 401, headers: new Headers(), body } as never;
      const send = vi.fn(async () => new Response('good')).mockResolvedValueOnce(refused);
      const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send });
      expect(await (await call(ECHO)).text()).toBe('good');
      if (body.destroy) expect(body.destroy).toHaveBeenCalledOnce();
    },
  );

  it('changes that the caller makes to the headers after the call are ignored, as with fetch', async () => {
    const { call, seen } = await createApi();
    const headers = new Headers({ 'X-Extra': 'at first' });
    const url = new URL(ECHO);
    const answer = call(url, { headers });
    headers.set('X-Extra', 'too late');
    url.pathname = '/elsewhere';
    await answer;
    expectSameTwice(seen);
    expect(seen[0]!.headers['x-extra']).toBe('at first');
    expect(headers.has('authorization')).toBe(false);
  });

  it('the token replaces a header of the same name, but not with { session: false }', async () => {
    const { call, seen } = await createApi();
    await call(ECHO, { headers: { authorization: 'Basic abc' } });
    await call(ECHO, { session: false, headers: { authorization: 'Basic abc' } });
    const sent = ['Bearer old', 'Bearer new-1', 'Basic abc'];
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(sent);
  });

  it('a Request’s headers stay without the token, and its body is used up, as with fetch', async () => {
    const { call, seen } = await createApi();
    const request = new Request(ECHO, { method: 'POST', body: 'once', headers: { 'X-Extra': 'mine' } });
    await call(request);
    expectSameTwice(seen);
    expect(request.headers.has('authorization')).toBe(false);
    expect(request.bodyUsed).toBe(true);
    expect(await outcome(call(request))).toBeInstanceOf(TypeError);
    expect(seen.length).toBe(2);
  });

  it.each([
    ['a stream', () => streamOf('streamed')] as const,
    // Browsers would convert the object to a string.
    ...(globalThis.location ? [] : [['an async iterable', chunks] as const]),
  ])('%s cannot be sent again: the call rejects and does not send an empty body', async (_, body) => {
    const { call, seen, session } = await createApi();
    const init = { method: 'POST', body: body(), duplex: 'half' } as unknown as RequestInit;
    const error = (await outcome(call(ECHO, init))) as Error;
    expect(error).toMatchObject({ name: 'SessionError', code: 'request_not_replayable' });
    expect(seen.map(({ body }) => body)).toEqual(['streamed']);
    await expect.poll(() => session.getAccessToken()).toBe('new-1');
  });

  it('a stream that was not sent yet waits for the refresh unread', async () => {
    const { call, session, seen } = await createApi();
    await session.signIn({ accessToken: 'stale', refreshToken: 'r', expiresAt: 1 });
    await call(ECHO, { method: 'POST', body: streamOf('streamed'), duplex: 'half' } as RequestInit);
    expect(seen.map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ['Bearer new-1', 'streamed'],
    ]);
  });

  it('a stream inside a Request is sent again from its copy', async () => {
    const { call, seen } = await createApi();
    const init = { method: 'POST', body: streamOf('streamed'), duplex: 'half' } as RequestInit;
    await call(new Request(ECHO, init));
    expectSameTwice(seen);
    expect(seen[1]!.body).toBe('streamed');
  });
});

async function* chunks() {
  yield new TextEncoder().encode('streamed');
}

describe('behaves like fetch:', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('invalid arguments reject and never throw', async () => {
    const { call, server } = createFetchApp();
    for (const args of [
      ['http://['],
      [ECHO, { headers: { 'bad name': 'x' } }],
      [ECHO, { method: 'bad method' }],
    ] as Parameters<typeof fetch>[]) {
      let answer: Promise<Response> | undefined;
      expect(() => {
        answer = call(...args);
      }).not.toThrow();
      expect(await outcome(answer!)).toBeInstanceOf(TypeError);
    }
    expect(server.stats.requests).toBe(0);
  });

  it('with a fresh token the request is sent before the call returns, as keepalive requires', async () => {
    const { session } = await createApi();
    const send = vi.fn(async () => new Response());
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send });
    const answer = call(ECHO, { method: 'POST', body: 'left', keepalive: true });
    expect(send).toHaveBeenCalledExactlyOnceWith(ECHO, expect.objectContaining({ keepalive: true }));
    await answer;
  });

  it('unknown fields of the init are passed on', async () => {
    const { session } = await createApi();
    const send = vi.fn(async (..._args: Parameters<typeof fetch>) => new Response());
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send });
    const extra = { next: { revalidate: 60 } } as RequestInit;
    await call(ECHO, extra);
    await call(new Request(ECHO), extra);
    for (const [, init] of send.mock.calls) expect(init).toMatchObject(extra);
  });

  it('the policies of a Request are passed on', async () => {
    const { session } = await createApi();
    const sent: Request[] = [];
    const send = async (...args: Parameters<typeof fetch>) => {
      sent.push(new Request(...args));
      return new Response();
    };
    const policies: RequestInit = {
      cache: 'no-store',
      credentials: 'include',
      integrity: 'sha256-abc',
      keepalive: true,
      mode: 'cors',
      redirect: 'error',
      // Node drops some values when it copies a Request.
      ...(globalThis.location && { referrerPolicy: 'origin' }),
    };
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send });
    await call(new Request(ECHO, policies));
    await call(ECHO, policies);
    for (const request of sent) expect(request).toMatchObject(policies);
  });

  it('a streaming response is returned while it is still arriving', async () => {
    const { session, call } = await createApi({
      refuses: ({ body }) => (body() as { code?: number })?.code === 1,
    });
    let more!: (text: string) => void;
    const stream = new ReadableStream({
      start: (controller) => {
        more = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    network.use(
      http.get(ECHO, () => new HttpResponse(stream, { headers: { 'Content-Type': 'text/event-stream' } })),
    );
    more('data: 1\n\n');
    const reader = (await call(ECHO)).body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n');
    more('data: 2\n\n');
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 2\n\n');
    await reader.cancel();
    expect(session.status).toBe('signed-in');
  });

  it('the global fetch is looked up at each call, so that a mock can replace it', async () => {
    const { call } = await createApi();
    const mock = vi.fn(async () => new Response('mocked'));
    vi.stubGlobal('fetch', mock);
    expect(await (await call(ECHO)).text()).toBe('mocked');
    vi.unstubAllGlobals();
    expect(await (await call(ECHO)).json()).toEqual({ body: '' });
  });

  it.each([
    ['"fetch" must be a function, got 7', { fetch: 7 as never }],
    [
      '"origins" takes an array of origins such as https://api.example.com, got api.test',
      { origins: ['api.test'] },
    ],
    ['"exclude" takes an array of paths that begin with a slash', { exclude: ['login'] }],
  ])('an invalid option throws: %s', (message, options) => {
    expect(() => createFetchApp({ fetch: options })).toThrow(message);
  });

  it('an invalid session throws', () => {
    expect(() => createSessionFetch({} as never)).toThrow('"session" must be what createSession() returned');
  });
});

describe('refusals', () => {
  it('with a code in the body are read from a copy of the response', async () => {
    const { server, fetchOrder, logIn } = createFetchApp();
    await logIn();
    server.expireAccessTokens();
    expect(await fetchOrder()).toMatchObject({ code: 1006 });
    expect(server.stats).toMatchObject({ refreshes: 1, ordersRefused: 1, ordersOk: 1 });
  });

  it('a 403 with another meaning goes to the caller unread', async () => {
    const { server, call, logIn } = createFetchApp();
    await logIn();
    server.configure({ orders: () => HttpResponse.json({ detail: 'not yours' }, { status: 403 }) });
    const answer = await call(`${ORIGIN}/order/`);
    expect([answer.bodyUsed, await answer.json()]).toEqual([false, { detail: 'not yours' }]);
    expect(server.stats.refreshes).toBe(0);
  });

  it('with status 200 are recognized by the code in the body', async () => {
    const { call, session } = createFetchApp({ envelope: { refused: { statuses: [200], codes: [40001] } } });
    network.use(
      http.post(`${ORIGIN}/update_token/`, () => HttpResponse.json({ code: 1007, data: { token: 'new' } })),
      http.get(ECHO, ({ request }) =>
        HttpResponse.json({ code: request.headers.get('authorization') === 'old' ? 40001 : 0 }),
      ),
    );
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    expect(await (await call(ECHO)).json()).toEqual({ code: 0 });
  });

  it.each([
    ['not JSON', () => new HttpResponse('<h1>Forbidden</h1>', { status: 403 }), '<h1>Forbidden</h1>'],
    ['no body', () => new HttpResponse(null, { status: 403 }), ''],
    [
      'a download',
      () => new HttpResponse('%PDF', { headers: { 'Content-Type': 'application/pdf' } }),
      undefined,
    ],
    [
      'JSON of another type',
      () => HttpResponse.json(7, { headers: { 'Content-Type': 'application/problem+json' } }),
      7,
    ],
  ])('if the body is %s, the backend sees what can be read', async (_, answer, shown) => {
    const bodies: unknown[] = [];
    const refuses = (view: AnswerView) => {
      bodies.push(view.body());
      return false;
    };
    const { call } = await createApi({ refuses });
    network.use(http.get(ECHO, answer));
    await (await call(ECHO)).text();
    expect(bodies).toEqual([shown]);
  });

  it('a body that the backend does not need is not copied', async () => {
    const copied = vi.spyOn(Response.prototype, 'clone');
    const { session } = await createApi({ refuses: ({ status, body }) => status === 418 && body() !== 0 });
    const send = async () => Response.json({});
    await createSessionFetch(session, { origins: [ORIGIN], fetch: send })(ECHO);
    expect(copied).not.toHaveBeenCalled();
    copied.mockRestore();
  });

  it('the caller gets the error that the backend’s own `refuses` throws', async () => {
    const refuses = () => {
      throw new Error('a bug of the application');
    };
    const { call } = await createApi({ refuses });
    expect(await outcome(call(ECHO))).toEqual(new Error('a bug of the application'));
  });

  it('an opaque response is not judged', async () => {
    const refuses = vi.fn(() => true);
    const { session } = await createApi({ refuses });
    const send = async () => Response.error();
    await createSessionFetch(session, { origins: [ORIGIN], fetch: send })(ECHO, { mode: 'no-cors' });
    expect(refuses).not.toHaveBeenCalled();
  });
});

describe('guarantee 9 with fetch: the token is sent only to allowed origins', () => {
  const OWN = globalThis.location?.origin;

  /** Whether a call carried the token, according to the server. */
  async function sees(args: Parameters<typeof fetch>, options = {}): Promise<boolean> {
    const { session } = await createApi();
    const sent: Request[] = [];
    const send = async (...args: Parameters<typeof fetch>) => {
      sent.push(new Request(...args));
      return new Response();
    };
    await createSessionFetch(session, { fetch: send, ...options })(...args);
    return sent[0]!.headers.has('authorization');
  }

  it.skipIf(!OWN).each(['/orders', 'orders', `${OWN}/orders`, '', '?page=2', '//localhost:1/orders'])(
    'a call to %j carries the token on the page’s own origin',
    async (url) => {
      expect(await sees([url])).toBe(!url.includes('localhost:1'));
    },
  );

  it.skipIf(!OWN)('a call carries no token if the page’s <base> points to another origin', async () => {
    const base = document.head.appendChild(
      Object.assign(document.createElement('base'), { href: 'https://cdn.test/' }),
    );
    expect(await sees(['/orders'])).toBe(false);
    base.remove();
    expect(await sees(['/orders'])).toBe(true);
  });

  it.skipIf(OWN)('outside a browser, only calls to listed origins carry the token', async () => {
    expect(await sees([ECHO])).toBe(false);
    expect(await sees([ECHO], { origins: [ORIGIN] })).toBe(true);
  });

  it.each([
    'https://evil.test/orders',
    'http://api.test/orders',
    `${ORIGIN}.evil.test/orders`,
    `${ORIGIN}:8443/orders`,
    `blob:${ORIGIN}/7b3c`,
    'data:text/plain,hello',
  ])('a call to %j carries no token', async (url) => {
    expect(await sees([url], { origins: [ORIGIN] })).toBe(false);
    expect(await sees([new Request(url)], { origins: [ORIGIN] })).toBe(false);
  });

  it('a call to an excluded path, matched from the root, carries no token', async () => {
    const options = { origins: [ORIGIN], exclude: ['/login', /^\/public\//] };
    for (const path of ['/login/', '/public/7']) expect(await sees([ORIGIN + path], options)).toBe(false);
    for (const path of ['/api/login', '/republic']) expect(await sees([ORIGIN + path], options)).toBe(true);
  });

  it('a call with { session: false } in the init or on the Request carries no token', async () => {
    const options = { origins: [ORIGIN] };
    expect(await sees([ECHO, { session: false }], options)).toBe(false);
    expect(await sees([new Request(ECHO), { session: false }], options)).toBe(false);
    expect(await sees([Object.assign(new Request(ECHO), { session: false })], options)).toBe(false);
    expect(await sees([ECHO, { session: true }], options)).toBe(true);
  });

  it.each([
    ['an address', () => [`${ECHO}?a=b%20c#top`]],
    ['a Request', () => [new Request(`${ECHO}?a=b%20c#top`, { method: 'POST', body: 'kept' })]],
    [
      'a Request without a body',
      () => [new Request(`${ECHO}?a=b%20c#top`, { headers: { 'X-Extra': 'kept' } })],
    ],
  ] as [string, () => Parameters<typeof fetch>][])(
    'the token in the query of %s changes nothing else',
    async (_, args) => {
      const { call, seen } = await createApi({ carry: { query: 'token' } });
      await call(...args());
      expect(seen.map(({ url }) => url.replace('#top', ''))).toEqual([
        `${ECHO}?a=b%20c&token=old`,
        `${ECHO}?a=b%20c&token=new-1`,
      ]);
      expect(seen[1]!.headers.authorization).toBeUndefined();
      const request = new Request(...args());
      expect(seen[1]).toMatchObject({ method: request.method, body: await request.text() });
      expect(seen[1]!.headers['x-extra']).toBe(request.headers.get('x-extra') ?? undefined);
    },
  );

  it('errors contain no token', async () => {
    const { call, session } = await createApi({ refresh: () => Promise.reject(new Error('down')) });
    await session.signIn({ accessToken: 'secret', refreshToken: 'refresh-secret', expiresAt: 1 });
    const error = (await outcome(call(ECHO))) as SessionError;
    expect(error).toBeInstanceOf(SessionError);
    expect(JSON.stringify([error, error.cause, String(error.stack)])).not.toContain('secret');
  });
});

describe('a backend that refreshes through session fetch', () => {
  it.each([
    ['an address', (init: RequestInit) => [`${ORIGIN}/refresh`, init]],
    ['a Request', (init: RequestInit) => [new Request(`${ORIGIN}/refresh`, init)]],
  ] as [string, (init: RequestInit) => Parameters<typeof fetch>][])(
    'does not wait for itself, with %s',
    async (_, args) => {
      for (const init of [
        { body: JSON.stringify({ refresh: 'r-1' }), headers: { 'Content-Type': 'application/json' } },
        { body: new URLSearchParams({ refresh: 'r-1' }) },
        { headers: { 'X-Refresh': 'r-1' } },
      ]) {
        const app = createFetchApp({
          session: {
            refreshTimeout: 2_000,
            backend: handmade({
              refresh: async () => (await app.call(...args({ method: 'POST', ...init }))).json(),
            }),
          },
        });
        network.use(
          http.post(`${ORIGIN}/refresh`, () => HttpResponse.json({ accessToken: 'new', refreshToken: 'r2' })),
          http.get(`${ORIGIN}/whoami`, ({ request }) =>
            HttpResponse.json(request.headers.get('authorization')),
          ),
        );
        await app.session.signIn({ accessToken: 'old', refreshToken: 'r-1', expiresAt: 1 });
        expect(await (await app.call(`${ORIGIN}/whoami`)).json()).toBe('Bearer new');
      }
    },
  );

  it('other requests wait meanwhile, and their binary bodies are not read, because they may be large', async () => {
    const { promise, resolve } = Promise.withResolvers<TokenSet>();
    const refresh = vi.fn(() => promise);
    const { call, session, seen } = await createApi({ refresh });
    await session.signIn({ accessToken: 'expired', refreshToken: 'r', expiresAt: 1 });
    const refreshed = session.refresh();
    await expect.poll(() => refresh.mock.calls.length).toBe(1);
    const body = new TextEncoder().encode('bytes');
    const read = vi.spyOn(body, 'toString');
    const answer = call(ECHO, { method: 'POST', body });
    resolve({ accessToken: 'new' });
    expect((await answer).status).toBe(200);
    expect(seen).toMatchObject([{ body: 'bytes', headers: { authorization: 'Bearer new' } }]);
    expect(read).not.toHaveBeenCalled();
    await refreshed;
  });
});
