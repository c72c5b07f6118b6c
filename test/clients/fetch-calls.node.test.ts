import { afterEach, describe, expect, it, type Mock, vi } from 'vitest';
import { createSessionFetch, type SessionFetchOptions } from '../../src/clients/fetch.js';
import {
  type AnswerView,
  type Backend,
  createSession,
  SessionError,
  type TokenSet,
} from '../../src/index.js';
import { ORIGIN } from '../support/origin.js';
import { outcome } from '../support/outcome.js';

const ECHO = `${ORIGIN}/echo`;

afterEach(() => void vi.unstubAllGlobals());

type Send = Mock<(input: RequestInfo | URL, init?: RequestInit) => Promise<Response>>;

/** Session fetch over a `fetch` whose responses the test sets. The token is `old`, and `new` after a refresh. */
function createCall(
  answer: (input: RequestInfo | URL, init: RequestInit) => unknown = () => new Response('good'),
  { tokens, ...backend }: Partial<Backend> & { tokens?: TokenSet } = {},
  options: Partial<SessionFetchOptions> = {},
) {
  const refresh = vi.fn(async (): Promise<TokenSet> => ({ accessToken: 'new', refreshToken: 'r' }));
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh, ...backend },
  });
  void session.signIn(tokens ?? { accessToken: 'old', refreshToken: 'r' });
  const send: Send = vi.fn(async (input, init = {}) => answer(input, init) as Response);
  const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send as typeof fetch, ...options });
  return { call, send, session, refresh };
}

const sentInit = (send: Send) => send.mock.calls[0]![1] as RequestInit & Record<string, unknown>;

describe('a token in another header than Authorization', () => {
  const carry = { header: 'X-Token' };
  const redirecting = (status: number, type = 'default') => ({
    status,
    type,
    headers: new Headers(),
    body: null,
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect of status %i', async (status) => {
    const { call, send } = createCall(() => redirecting(status), { carry });
    await expect(call(ECHO)).rejects.toEqual(
      new TypeError(
        "fetch would send the header X-Token to the redirect's target. Request that address directly, or set redirect: 'follow'",
      ),
    );
    expect(sentInit(send).redirect).toBe('manual');
  });

  it('adds only `headers` and `redirect` to the init', async () => {
    const { call, send } = createCall(undefined, { carry });
    await call(ECHO);
    expect(Object.keys(sentInit(send)).sort()).toEqual(['headers', 'redirect']);
  });

  it('does not follow a redirect whose status a browser hides', async () => {
    const { call } = createCall(() => redirecting(0, 'opaqueredirect'), { carry });
    await expect(call(ECHO)).rejects.toBeInstanceOf(TypeError);
  });

  it.each([200, 300, 304, 404])('returns a response of status %i', async (status) => {
    const { call } = createCall(() => redirecting(status), { carry });
    expect((await call(ECHO)).status).toBe(status);
  });

  it.each(['follow', 'error', 'manual'] as const)(
    'keeps the redirect mode of the call: %s',
    async (redirect) => {
      const { call, send } = createCall(() => redirecting(302), { carry });
      expect((await call(ECHO, { redirect })).status).toBe(302);
      expect(sentInit(send).redirect).toBe(redirect);
    },
  );

  it.each(['error', 'manual'] as const)('keeps the redirect mode of a Request: %s', async (redirect) => {
    const { call, send } = createCall(() => redirecting(302), { carry });
    expect((await call(new Request(ECHO, { redirect }))).status).toBe(302);
    expect(sentInit(send).redirect).toBeUndefined();
  });

  it('keeps the referrer of a Request, which fetch would drop', async () => {
    const { call, send } = createCall(undefined, { carry });
    await call(new Request(ECHO));
    // In Node, a Request loses these values.
    expect(sentInit(send)).toEqual({
      ...{ redirect: 'manual', referrer: expect.any(String), referrerPolicy: expect.any(String) },
    });
  });
});

it.each([
  ['Authorization', { header: 'Authorization' }],
  ['authorization, in any case', { header: 'AUTHORIZATION' }],
  ['the query', { query: 'token' }],
])('a token in %s follows redirects, as fetch does', async (_, carry) => {
  const { call, send } = createCall(() => ({ status: 302, headers: new Headers() }), { carry });
  expect((await call(ECHO)).status).toBe(302);
  expect(sentInit(send).redirect).toBeUndefined();
});

describe('a Request of another implementation', () => {
  /** As polyfill packages define it. The platform's fetch would convert it to a string and use that as the URL. */
  class ForeignRequest {
    readonly url: string = ECHO;
    readonly headers: Headers = new Headers({ 'X-Extra': 'kept' });
    readonly body: string | null = null;
    constructor(more: object = {}) {
      Object.assign(this, more);
    }
    get [Symbol.toStringTag]() {
      return 'Request';
    }
  }
  const fields = {
    ...{ method: 'PUT', redirect: 'error', credentials: 'include', mode: 'cors', cache: 'no-store' },
    ...{ integrity: 'sha256-abc', keepalive: true, referrer: `${ORIGIN}/page`, referrerPolicy: 'origin' },
    signal: new AbortController().signal,
  };

  it('is sent as its URL and an init with all its fields', async () => {
    const { call, send } = createCall();
    const body = { body: 'text', arrayBuffer: async () => new TextEncoder().encode('text').buffer };
    await call(new ForeignRequest({ ...fields, ...body }) as unknown as Request);
    const [input, init] = send.mock.calls[0] as [string, RequestInit];
    expect(input).toBe(ECHO);
    expect(init).toMatchObject(fields);
    expect(new TextDecoder().decode(init.body as ArrayBuffer)).toBe('text');
    expect(Object.fromEntries(init.headers as Headers)).toEqual({
      'x-extra': 'kept',
      authorization: 'Bearer old',
    });
  });

  it('is recognized even if its toString() returns a URL', async () => {
    const { call, send } = createCall();
    const text = { toString: () => `${ORIGIN}/other` };
    await call(new ForeignRequest({ ...fields, ...text }) as unknown as Request);
    expect(send.mock.calls[0]![0]).toBe(ECHO);
    expect(sentInit(send).method).toBe('PUT');
  });

  it('is sent without fields that it does not have', async () => {
    const { call, send } = createCall();
    await call(new ForeignRequest() as unknown as Request);
    expect(Object.keys(sentInit(send))).toEqual(['headers']);
  });

  it('can be overridden by an init', async () => {
    const { call, send } = createCall();
    await call(new ForeignRequest(fields) as unknown as Request, { method: 'PATCH' });
    expect(sentInit(send)).toMatchObject({ ...fields, method: 'PATCH' });
  });

  it('is recognized even if the platform has no Request', async () => {
    vi.stubGlobal('Request', undefined);
    const { call, send } = createCall();
    await call(new ForeignRequest() as unknown as Request);
    expect(send.mock.calls[0]![0]).toBe(ECHO);
  });
});

it.each([undefined, null])('an init of %s is ignored, as with fetch', async (init) => {
  const { call, send } = createCall();
  await call(ECHO, init as never);
  expect(new Headers(sentInit(send).headers).get('authorization')).toBe('Bearer old');
});

describe('an init, as with fetch,', () => {
  it.each<[string, RequestInit]>([
    ['may inherit its members', Object.create({ method: 'PUT', body: 'x', headers: { 'X-A': 'a' } })],
    [
      'may be an object of a class with getters',
      new (class {
        get method() {
          return 'PUT';
        }
        get body() {
          return 'x';
        }
        get headers() {
          return { 'X-A': 'a' };
        }
      })(),
    ],
  ])('%s', async (_, init) => {
    const { call, send } = createCall();
    await call(ECHO, init);
    const { method, body, headers } = sentInit(send);
    expect([method, body, new Headers(headers).get('x-a')]).toEqual(['PUT', 'x', 'a']);
  });

  it('may inherit what a stream needs', async () => {
    const { call, send } = createCall();
    const stream = { body: new Blob(['x']).stream(), duplex: 'half' };
    await call(ECHO, Object.create({ method: 'PUT', ...stream }));
    expect(sentInit(send)).toMatchObject({ duplex: 'half' });
  });
});

describe('a subclass of Request', () => {
  class Named extends Request {
    get [Symbol.toStringTag]() {
      return 'Named';
    }
  }

  it('is a request', async () => {
    const { call, send } = createCall();
    await call(new Named(ECHO, { method: 'PUT' }));
    const sent = send.mock.calls[0]![0] as Request;
    expect(sent).toMatchObject({ url: ECHO, method: 'PUT' });
    expect(sent.headers.get('authorization')).toBe('Bearer old');
  });

  /** A request to `real` whose `url` claims that it goes to `told`. */
  function lie(real: string, told: string): Request {
    class Liar extends Request {
      override get url() {
        return told;
      }
    }
    return new Liar(real);
  }
  const targetOf = (send: Send) => send.mock.calls[0]![0] as Request;

  it('is sent to its real address, whatever its `url` says', async () => {
    const { call, send } = createCall();
    await call(lie(ECHO, 'https://evil.test/'));
    expect(Reflect.get(Request.prototype, 'url', targetOf(send))).toBe(ECHO);
    expect(targetOf(send).headers.has('authorization')).toBe(true);
  });

  it('carries no token if its real address is on another origin, whatever its `url` says', async () => {
    const { call, send } = createCall();
    await call(lie('https://evil.test/', ECHO));
    expect(targetOf(send).headers.has('authorization')).toBe(false);
  });
});

describe('a token in the query of a Request', () => {
  const carry = { query: 'token' };

  it('changes nothing else of the Request', async () => {
    const { call, send } = createCall(undefined, { carry });
    const init: RequestInit = {
      ...{ method: 'PUT', body: 'text', headers: { 'X-Extra': 'kept' }, mode: 'same-origin' },
      ...{ credentials: 'include', cache: 'no-store', redirect: 'error', integrity: 'sha256-abc' },
      ...{ keepalive: true, referrer: `${ORIGIN}/page`, referrerPolicy: 'origin' },
    };
    const controller = new AbortController();
    await call(new Request(`${ECHO}?a=1`, { ...init, signal: controller.signal }));
    const sent = send.mock.calls[0]![0] as Request;
    expect(sent.url).toBe(`${ECHO}?a=1&token=old`);
    const plain = new Request(new Request(ECHO, init));
    for (const name of [
      'method',
      'mode',
      'credentials',
      'cache',
      'redirect',
      'integrity',
      'keepalive',
      'referrer',
    ] as const)
      expect([name, sent[name]]).toEqual([name, plain[name]]);
    expect(sent.headers.get('x-extra')).toBe('kept');
    expect(await sent.text()).toBe('text');
    controller.abort();
    expect(sent.signal.aborted).toBe(true);
  });

  it('adds no body to a Request without one', async () => {
    const { call, send } = createCall(undefined, { carry });
    await call(new Request(ECHO));
    const sent = send.mock.calls[0]![0] as Request;
    expect([sent.method, sent.body]).toEqual(['GET', null]);
  });

  it('keeps the init of the call', async () => {
    const { call, send } = createCall(undefined, { carry });
    await call(ECHO, { method: 'PUT', headers: { 'X-Extra': 'kept' } });
    expect(send.mock.calls[0]![0]).toBe(`${ECHO}?token=old`);
    expect(sentInit(send).method).toBe('PUT');
    expect(new Headers(sentInit(send).headers).get('x-extra')).toBe('kept');
  });
});

describe('a token that depends on the method', () => {
  const forMethod = vi.fn((method: string) => ({ headers: { 'X-Method': method } }));
  it.each([
    ['an address', ECHO, undefined, 'GET'],
    ['an init', ECHO, { method: 'PUT' }, 'PUT'],
    ['a Request', new Request(ECHO, { method: 'PATCH' }), undefined, 'PATCH'],
    ['a Request and an init', new Request(ECHO, { method: 'PATCH' }), { method: 'DELETE' }, 'DELETE'],
  ])('gets the method of %s', async (_, input, init, method) => {
    const { call, send } = createCall(undefined, { carry: () => ({ forMethod }) });
    await call(input, init);
    const [sent, sentWith] = send.mock.calls[0]!;
    expect(new Request(sent, { ...sentWith, redirect: 'follow' }).headers.get('x-method')).toBe(method);
  });
});

describe('the body of a response', () => {
  const needsBody: Partial<Backend> = {
    refuses: ({ body }: AnswerView) => (body() as { code?: number } | undefined)?.code === 7,
  };
  const init = { status: 403, statusText: 'No', headers: { 'Content-Type': 'application/json' } };

  it('of another implementation can still be read, and the response keeps its url and type', async () => {
    vi.stubGlobal('Response', undefined);
    const foreign = {
      ...{ status: 403, statusText: 'No', url: `${ECHO}/moved`, redirected: true, type: 'cors' },
      headers: new Headers(),
      arrayBuffer: async () => new TextEncoder().encode('{"code":5}').buffer,
    };
    class Foreign {
      readonly bytes: ArrayBuffer;
      constructor(bytes: ArrayBuffer, given: ResponseInit) {
        this.bytes = bytes;
        Object.assign(this, given);
      }
    }
    const refuses = vi.fn(({ body }: AnswerView) => !body());
    const { call } = createCall(() => Object.assign(Object.create(Foreign.prototype), foreign), { refuses });
    const answer = (await call(ECHO)) as unknown as Foreign;
    expect(answer).toBeInstanceOf(Foreign);
    const { arrayBuffer, ...rest } = foreign;
    expect(answer).toMatchObject({ ...rest, bytes: await arrayBuffer() });
    expect(Object.getOwnPropertyDescriptor(answer, 'url')!.configurable).toBe(true);
    expect(refuses.mock.results.at(-1)!.value).toBe(false);
  });

  it('that breaks off rejects when the caller reads it', async () => {
    const broken = () =>
      new ReadableStream({ start: (controller) => controller.error(new Error('broken off')) });
    const { call, refresh } = createCall(() => new Response(broken(), init), needsBody);
    const answer = await call(ECHO);
    await expect(answer.text()).rejects.toThrow('broken off');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('that is empty is an empty string for the backend', async () => {
    const refuses = vi.fn(({ body }: AnswerView) => body() === 7);
    const { call } = createCall(() => new Response('', init), { refuses });
    await call(ECHO);
    expect(refuses.mock.calls.at(-1)![0].body()).toBe('');
  });

  it('is not shown to the backend if it does not need it', async () => {
    const refuses = vi.fn(({ status }: AnswerView) => status === 401);
    const { call } = createCall(() => new Response('{}', init), { refuses });
    await call(ECHO);
    expect(refuses.mock.calls.at(-1)![0].body()).toBeUndefined();
  });
});

describe('a call that waits for a refresh', () => {
  /** A call of a user whose token has expired. The refresh does not end. */
  function wait(input: RequestInfo, init?: RequestInit) {
    const { promise, resolve, reject } = Promise.withResolvers<TokenSet>();
    const app = createCall(undefined, {
      tokens: { accessToken: 'old', refreshToken: 'r', expiresAt: 1 },
      refresh: () => promise,
    });
    return { ...app, answer: outcome(app.call(input, init)), resolve, reject };
  }

  it.each([
    ['its init', (signal: AbortSignal): [RequestInfo, RequestInit?] => [ECHO, { signal }]],
    ['its Request', (signal: AbortSignal): [RequestInfo, RequestInit?] => [new Request(ECHO, { signal })]],
  ])('ends when the signal of %s aborts', async (_, args) => {
    const controller = new AbortController();
    const { answer, send } = wait(...args(controller.signal));
    await Promise.resolve();
    controller.abort(new Error('enough'));
    expect(await answer).toEqual(new Error('enough'));
    expect(send).not.toHaveBeenCalled();
  });

  it('overrides the aborted signal of a Request with signal: null', async () => {
    const { answer, resolve } = wait(new Request(ECHO, { signal: AbortSignal.abort() }), { signal: null });
    resolve({ accessToken: 'new' });
    expect(((await answer) as Response).status).toBe(200);
  });

  it.each<[string, (app: ReturnType<typeof wait>) => unknown]>([
    ['signed_out', ({ session }) => session.signOut()],
    ['session_changed', ({ session }) => session.signIn({ accessToken: 'of-another-user' })],
    ['refresh_rejected', ({ reject }) => reject(new SessionError('refresh_rejected', 'no'))],
  ])('rejects with an AbortError if its user is no longer signed in: %s', async (code, change) => {
    const app = wait(ECHO);
    await new Promise((done) => setImmediate(done));
    await change(app);
    expect(await app.answer).toMatchObject({ name: 'AbortError', code });
    expect(app.send).not.toHaveBeenCalled();
  });

  it('rejects with an AbortError that keeps the message and the cause', async () => {
    const { answer, reject } = wait(ECHO);
    const cause = new Error('why');
    reject(new SessionError('refresh_rejected', 'over', { cause }));
    expect(await answer).toMatchObject({ message: 'over', cause });
  });

  it('rejects with a SessionError if the fault is temporary', async () => {
    const { answer, reject } = wait(ECHO);
    reject(new Error('down'));
    expect(await answer).toMatchObject({ name: 'SessionError', code: 'refresh_unavailable' });
  });
});

describe('a call sends its body as it was at the call', () => {
  const post = () => ({ body: new URLSearchParams({ n: '1' }), method: 'POST' });
  const sentBodies = (send: Send) => send.mock.calls.map(([, init]) => String(init!.body));

  it('after waiting for a refresh', async () => {
    const { promise, resolve } = Promise.withResolvers<TokenSet>();
    const tokens = { accessToken: 'old', refreshToken: 'r', expiresAt: 1 };
    const { call, send } = createCall(undefined, { tokens, refresh: () => promise });
    const init = post();
    const answer = call(ECHO, init);
    await new Promise((done) => setImmediate(done));
    init.body.set('n', '2');
    resolve({ accessToken: 'new' });
    await answer;
    expect(sentBodies(send)).toEqual(['n=1']);
  });

  it('after a refusal', async () => {
    const init = post();
    const { call, send } = createCall((_, { headers }) => {
      init.body.set('n', '2');
      const isOld = new Headers(headers).get('authorization') === 'Bearer old';
      return new Response('', { status: isOld ? 401 : 200 });
    });
    await call(ECHO, init);
    expect(sentBodies(send).at(-1)).toBe('n=1');
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('after a Request was read, to find out whether it is the refresh under way', async () => {
    const { promise, resolve } = Promise.withResolvers<TokenSet>();
    const tokens = { accessToken: 'old', refreshToken: 'r', expiresAt: 1 };
    const { call, send, session } = createCall(undefined, { tokens, refresh: () => promise });
    const refreshed = session.refresh();
    await new Promise((done) => setImmediate(done));
    const { body } = post();
    const answer = call(new Request(ECHO, { method: 'POST', body: 'of the Request' }), { body });
    body.set('n', '2');
    resolve({ accessToken: 'new' });
    await Promise.all([answer, refreshed]);
    expect(sentBodies(send)).toEqual(['n=1']);
  });
});

describe('the refresh of a backend that uses session fetch', () => {
  /** How often the backend's refresh request is sent, and whether with a token. */
  async function refreshBy(args: (url: string) => Parameters<typeof fetch>, refreshUrl?: string) {
    const tokens: boolean[] = [];
    const { call, session } = createCall(
      (input, init) => {
        tokens.push(new Request(input, init).headers.has('authorization'));
        return Response.json({ accessToken: 'new' });
      },
      {
        tokens: { accessToken: 'old', refreshToken: 'r/1', expiresAt: 1 },
        refresh: async (): Promise<TokenSet> => (await call(...args(`${ORIGIN}/token`))).json(),
        ...(refreshUrl && { refreshUrl }),
      },
    );
    expect(await session.getAccessToken()).toBe('new');
    return tokens;
  }
  const post = (body: BodyInit, type?: string): RequestInit => ({
    ...{ method: 'POST', body },
    ...(type && { headers: { 'Content-Type': type } }),
  });

  it.each<[string, (url: string) => Parameters<typeof fetch>]>([
    ['the URL', (url) => [`${url}?refresh=r%2F1`]],
    ['the URL of a Request', (url) => [new Request(`${url}?refresh=r%2F1`)]],
    ['a header', (url) => [url, { headers: { 'X-Refresh': 'r/1' } }]],
    ['a header of a Request', (url) => [new Request(url, { headers: { 'X-Refresh': 'r/1' } })]],
    ['the body', (url) => [url, post('{"refresh":"r/1"}')]],
    ['the JSON of a Request', (url) => [new Request(url, post('{"refresh":"r/1"}', 'application/json'))]],
    ['the form of a Request', (url) => [new Request(url, post(new URLSearchParams({ refresh: 'r/1' })))]],
    ['the text of a Request', (url) => [new Request(url, post('r/1'))]],
  ])('does not wait for itself if the refresh token is in %s', async (_, args) => {
    expect(await refreshBy(args)).toEqual([false]);
  });

  it.each<[string, (url: string) => Parameters<typeof fetch>]>([
    ['an address', (url) => [url]],
    ['a Request', (url) => [new Request(url, post('{}', 'application/json'))]],
  ])('does not wait for itself if its URL is the refreshUrl: %s', async (_, args) => {
    expect(await refreshBy(args, `${ORIGIN}/token`)).toEqual([false]);
  });

  it.each([
    ['binary data', post(new Blob(['r/1'], { type: 'application/octet-stream' })), undefined],
    ['data without a type', post(new Blob(['r/1'])), undefined],
    [
      'JSON, if the backend has a refreshUrl',
      post('{"refresh":"r/1"}', 'application/json'),
      `${ORIGIN}/token`,
    ],
  ])('the body of another Request is not read if it is %s', async (_, init, refreshUrl) => {
    const { promise, resolve } = Promise.withResolvers<TokenSet>();
    const { call, session, send } = createCall(undefined, {
      tokens: { accessToken: 'old', refreshToken: 'r/1', expiresAt: 1 },
      refresh: () => promise,
      ...(refreshUrl && { refreshUrl }),
    });
    const refreshed = session.refresh();
    await new Promise((done) => setImmediate(done));
    const text = vi.spyOn(Request.prototype, 'text');
    const answer = call(new Request(ECHO, init));
    await new Promise((done) => setImmediate(done));
    expect(text).not.toHaveBeenCalled();
    text.mockRestore();
    resolve({ accessToken: 'new' });
    await Promise.all([answer, refreshed]);
    expect(send).toHaveBeenCalledOnce();
  });
});
