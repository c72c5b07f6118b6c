import axios, {
  type AxiosAdapter,
  type AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
} from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import type { AnswerView, Backend, SessionError, TokenSet } from '../../src/index.js';
import { ORIGIN, outcome } from '../support/app.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';
import { responding } from './responding.js';

mockNetwork();

/** Sends a request with a valid token. */
async function get(config: AxiosRequestConfig, backend: Partial<Backend> = {}): Promise<unknown> {
  const app = createHandmade(backend);
  await app.session.signIn({ accessToken: 'good' });
  return outcome(app.api.get(ECHO, config));
}

describe('a backend sees', () => {
  /** The view of a response with these parts. */
  async function viewOf(parts: Partial<AxiosResponse>): Promise<AnswerView> {
    const refuses = vi.fn((_: AnswerView) => false);
    await get({ adapter: responding(parts) }, { refuses });
    return refuses.mock.calls[0]![0];
  }

  it.each<[string, unknown, unknown]>([
    ['JSON', '{"code":7}', { code: 7 }],
    ['text that is not JSON', 'seven', 'seven'],
    ['an ArrayBuffer', new TextEncoder().encode('{"code":7}').buffer, { code: 7 }],
    ['bytes', new TextEncoder().encode('{"code":7}'), { code: 7 }],
    ['an object of a mock', { code: 7 }, { code: 7 }],
    ['nothing', undefined, undefined],
    ['a stream of Node, which is not read', { pipe() {} }, undefined],
    ['a stream of WHATWG, which is not read', new ReadableStream(), undefined],
  ])('the body of a response: %s', async (_, data, body) => {
    expect((await viewOf({ data })).body()).toEqual(body);
  });

  it('the headers of a response in any case, and `null` for a missing header', async () => {
    const { headers } = await viewOf({ headers: { 'x-kind': 'json', 'X-Left': 5, 'x-none': null as never } });
    const names = ['X-Kind', 'x-left', 'x-none', 'x-absent'];
    expect(names.map((name) => headers.get(name))).toEqual(['json', '5', null, null]);
  });

  it('the status of a response', async () => {
    expect(await viewOf({ status: 418 })).toMatchObject({ status: 418 });
  });

  it('nothing if there was no response', async () => {
    const refuses = vi.fn(() => true);
    await get({ adapter: responding({ status: 0 }) }, { refuses });
    await get({ adapter: () => Promise.reject(new Error('lost')) }, { refuses });
    await get({ adapter: () => Promise.reject() }, { refuses });
    expect(refuses).not.toHaveBeenCalled();
  });

  it.each<[AxiosRequestConfig['responseType'], number]>([
    [undefined, 0],
    ['json', 0],
    ['text', 0],
    ['arraybuffer', 0],
    ['blob', 1],
    ['stream', 1],
  ])('a body from `readBody` only if the body is not loaded yet: %s', async (responseType, calls) => {
    const readBody = vi.fn(async () => '{"code":7}');
    const refuses = vi.fn((_: AnswerView) => false);
    await get(
      { adapter: responding({ data: 'x' }), ...(responseType && { responseType }) },
      { readBody, refuses },
    );
    expect(readBody).toHaveBeenCalledTimes(calls);
    expect(refuses.mock.calls[0]![0].body()).toEqual(calls ? { code: 7 } : 'x');
  });
});

describe('a body that `readBody` reads', () => {
  const config = { responseType: 'blob' } as const;

  it('may be the body of an error', async () => {
    const refuses = vi.fn((_: AnswerView) => false);
    const failing: AxiosAdapter = async (config) => {
      const response = await responding({ status: 403 })(config);
      throw new axios.AxiosError('refused', 'ERR_BAD_REQUEST', config, null, response);
    };
    const error = await get({ ...config, adapter: failing }, { readBody: async () => 'why', refuses });
    expect(error).toMatchObject({ code: 'ERR_BAD_REQUEST' });
    expect(refuses.mock.calls[0]![0].body()).toBe('why');
  });

  it('may break off: the caller still gets the response', async () => {
    const readBody = () => Promise.reject(new Error('broken off'));
    const adapter = responding({ data: 'half' });
    expect(await get({ ...config, adapter }, { readBody })).toMatchObject({ data: 'half' });
  });

  it.each([[undefined], [new Error('lost')]])(
    'is not read if the adapter rejects with %s',
    async (reason) => {
      const readBody = vi.fn(async () => '');
      expect(await get({ ...config, adapter: () => Promise.reject(reason) }, { readBody })).toBe(reason);
      expect(readBody).not.toHaveBeenCalled();
    },
  );

  it('belongs to one attempt, not to the next one', async () => {
    const app = createHandmade({
      readBody: async (response) => String((response as unknown as AxiosResponse).data),
      refuses: ({ body }) => body() === 'refused',
    });
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
    let sent = 0;
    const adapter: AxiosAdapter = async (config) => {
      if (sent++) throw new Error('lost');
      return responding({ data: 'refused' })(config);
    };
    const answer = outcome(app.api.get(ECHO, { ...config, adapter }));
    await app.refreshesBegun(1);
    app.refreshes[0]!.resolve({ accessToken: 'new' });
    expect(await answer).toEqual(new Error('lost'));
    // If the second attempt were taken for a refusal too, the session would not refresh again.
    sent = 0;
    void outcome(app.api.get(ECHO, { ...config, adapter }));
    await app.refreshesBegun(2);
  });
});

// The fetch adapter of axios 1.7 always calls the global fetch.
describe.skipIf(axios.VERSION.startsWith('1.7.'))(
  'a form, which axios’s fetch adapter would parse before a backend can see it',
  () => {
    /** What the caller gets, and the body that the backend sees. */
    async function load(answer: () => Response, responseType = 'formdata') {
      const refuses = vi.fn((_: AnswerView) => false);
      const config = {
        adapter: 'fetch',
        responseType,
        env: { fetch: async () => answer() },
      } as AxiosRequestConfig;
      const result = await get(config, { refuses });
      return { result, seen: refuses.mock.calls[0]![0].body() };
    }
    const form = () => {
      const form = new FormData();
      form.append('name', 'kevin');
      return new Response(form);
    };

    it.each(['formdata', 'FormData'])('is parsed for the caller afterwards: %s', async (responseType) => {
      const { result, seen } = await load(form, responseType);
      const { data, config } = result as AxiosResponse;
      expect([...data]).toEqual([['name', 'kevin']]);
      expect(seen).toContain('kevin');
      expect(config.responseType).toBe(responseType);
    });

    it('is shown to the backend as text if it is no form, and the caller gets the adapter’s error', async () => {
      const { result, seen } = await load(() => Response.json({ code: 7 }));
      expect(seen).toEqual({ code: 7 });
      expect(result).toMatchObject({
        ...{ isAxiosError: true, name: 'TypeError', config: { url: ECHO, responseType: 'formdata' } },
        request: expect.any(Request),
      });
    });

    it('arrives with the bytes of its files', async () => {
      const bytes = new Uint8Array([0xff, 0x00, 0xfe]);
      const { result } = await load(() => {
        const form = new FormData();
        form.append('file', new File([bytes], 'a.bin'));
        return new Response(form);
      });
      const file = (result as AxiosResponse<FormData>).data.get('file') as File;
      expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
    });

    it('is not expected for another responseType', async () => {
      const { result } = await load(() => new Response('text'), 'blob');
      expect(await ((result as AxiosResponse).data as Blob).text()).toBe('text');
    });

    it('is not expected without a responseType', async () => {
      expect(await get({ adapter: responding({ data: 'x' }), responseType: null as never })).toMatchObject({
        data: 'x',
      });
    });

    it('is parsed by the adapter if it is not the fetch adapter', async () => {
      const seen: unknown[] = [];
      const adapter: AxiosAdapter = async (config) => {
        seen.push(config.responseType);
        return responding({ data: 'of a mock' })(config);
      };
      expect(await get({ adapter, responseType: 'formdata' })).toMatchObject({ data: 'of a mock' });
      expect(seen).toEqual(['formdata']);
    });
  },
);

describe('a request is sent', () => {
  /** What the adapter gets. */
  async function sent(config: AxiosRequestConfig, backend: Partial<Backend> = {}) {
    const seen: AxiosRequestConfig[] = [];
    const adapter: AxiosAdapter = async (config) => {
      seen.push({ ...config, headers: { ...config.headers } });
      return responding()(config);
    };
    await get({ adapter, ...config }, backend);
    return seen[0]!;
  }

  it('with the token instead of a header of the same name, whatever its case', async () => {
    const { headers } = await sent({ headers: { authorization: 'Basic abc', 'X-Extra': 'kept' } });
    expect(headers).toMatchObject({ Authorization: 'Bearer good', 'X-Extra': 'kept' });
    expect(headers).not.toHaveProperty('authorization');
  });

  it('with the token in its URL', async () => {
    const { url, baseURL } = await sent({ url: '/echo?a=1' }, { carry: { query: 'token' } });
    expect({ url, baseURL }).toEqual({ url: `${ECHO}?token=good`, baseURL: '' });
  });

  it.each([
    ['its method', { method: 'delete' }, 'delete'],
    ['GET, if an interceptor has dropped its method', {}, 'get'],
  ])('with the headers for %s', async (_, { method }: { method?: string }, expected) => {
    const forMethod = vi.fn(() => ({ headers: { 'X-CSRF': 'yes' } }));
    const app = createHandmade({ carry: () => ({ forMethod }) });
    await app.session.signIn({ accessToken: 'good' });
    app.api.interceptors.request.use((config) => {
      const { method: _, ...rest } = config;
      return method ? config : rest;
    });
    await app.api.request({ url: ECHO, adapter: responding(), ...(method && { method }) });
    expect(forMethod.mock.calls).toEqual([[expected]]);
  });

  it('with the body as it was at the call, even after a wait', async () => {
    const app = createHandmade();
    await app.session.signIn(staleTokensOf('alice'));
    const bodies: unknown[] = [];
    const adapter: AxiosAdapter = async (config) => {
      bodies.push(String(config.data));
      return responding()(config);
    };
    const data = new URLSearchParams({ n: '1' });
    const answer = app.api.post(ECHO, data, { adapter, transformRequest: (data) => data });
    await app.refreshesBegun(1);
    data.set('n', '2');
    app.refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    await answer;
    expect(bodies).toEqual(['n=1']);
  });

  it('by an adapter that throws synchronously, and rejects with the error', async () => {
    const error = new Error('broken');
    const throwing = () => {
      throw error;
    };
    expect(await get({ adapter: throwing })).toBe(error);
  });
});

describe('the body of a refused response', () => {
  /** Sends a request that is refused with this body, and waits for the refresh. */
  async function refuse(data: unknown) {
    const app = createHandmade();
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const adapter = responding({ status: 401, data });
    const answer = outcome(app.api.get(ECHO, { adapter, responseType: 'stream' }));
    await app.refreshesBegun(1);
    app.refreshes[0]!.reject(new Error('down'));
    await answer;
  }

  it.each(['getReader', 'pipe'])('is cancelled if it is a stream with %s', async (kind) => {
    const [cancel, destroy] = [vi.fn(async () => {}), vi.fn()];
    await refuse({ [kind]: () => {}, cancel, destroy });
    expect(cancel).toHaveBeenCalledOnce();
    expect(destroy).toHaveBeenCalledOnce();
  });

  it('is left alone if it is not a stream, whatever its fields are called', async () => {
    const destroy = vi.fn();
    await refuse({ destroy });
    expect(destroy).not.toHaveBeenCalled();
  });
});

describe('the config of a response', () => {
  it('contains no changes that an adapter makes, and the second attempt starts without them', async () => {
    const app = createHandmade();
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const seen: AxiosRequestConfig[] = [];
    const adapter: AxiosAdapter = async (config) => {
      seen.push({ ...config, headers: { ...config.headers } });
      const status = config.headers.get('Authorization') === 'Bearer old' ? 401 : 200;
      config.headers.set('X-Adapter', 'was here');
      const [url, data, none] = ['/other', 'other', undefined as never];
      Object.assign(config, {
        adapter: none,
        url,
        data,
        baseURL: '/other',
        timeout: 7,
        responseType: 'text',
      });
      Object.assign(config, { beforeRedirect: () => {} });
      return responding({ status })(config);
    };
    const beforeRedirect = () => {};
    const answer = app.api.post('/echo', 'mine', {
      adapter,
      beforeRedirect,
      timeout: 0,
      responseType: 'json',
    });
    await app.refreshesBegun(1);
    app.refreshes[0]!.resolve({ accessToken: 'new' });
    const { config } = await answer;
    const mine = { url: '/echo', data: 'mine', baseURL: ORIGIN, timeout: 0, responseType: 'json' };
    expect(config).toMatchObject({ ...mine, beforeRedirect });
    expect(config.headers.has('X-Adapter')).toBe(false);
    expect(config.adapter).toBeTypeOf('function');
    const [first, second] = seen.map(({ headers, beforeRedirect, adapter, ...rest }) => rest);
    expect(second).toEqual(first);
    expect(first).toMatchObject(mine);
  });

  it('keeps the timeout unchanged if the request is sent at once', async () => {
    const seen: unknown[] = [];
    const adapter: AxiosAdapter = async (config) => {
      seen.push(config.timeout);
      return responding()(config);
    };
    await get({ adapter, timeout: 1_000.5 });
    expect(seen).toEqual([1_000.5]);
  });
});

describe('a request that fails because of the session', () => {
  it('rejects with an AxiosError whose cause no log shows', async () => {
    const app = createHandmade();
    await app.session.signIn(staleTokensOf('alice'));
    const answer = outcome(app.api.get(ECHO, { adapter: responding() }));
    await app.refreshesBegun(1);
    app.refreshes[0]!.reject(new Error('down'));
    const error = (await answer) as AxiosError;
    const cause = error.cause as unknown as SessionError;
    expect(error).toMatchObject({ isAxiosError: true, code: 'refresh_unavailable', config: { url: ECHO } });
    expect(error.message).toBe(cause.message);
    expect(Object.getOwnPropertyDescriptor(error, 'cause')).toEqual({
      value: cause,
      enumerable: false,
      configurable: true,
      writable: true,
    });
  });
});

describe('a backend without a refreshUrl that refreshes through the same instance', () => {
  const form = new FormData();
  form.append('refresh', 'r/1');
  it.each<[string, AxiosRequestConfig]>([
    ['its URL', { url: '/token?refresh=r%2F1' }],
    ['its params', { params: { refresh: 'r/1' } }],
    ['its params, next to a value without a JSON form', { params: { refresh: 'r/1', id: 7n } }],
    ['a header', { headers: { 'X-Refresh': 'r/1' } }],
    ['a body of JSON', { data: { refresh: 'r/1' } }],
    ['a form', { data: form }],
    ['an urlencoded body', { data: new URLSearchParams({ refresh: 'r/1' }) }],
  ])(
    'does not wait for itself, if the refresh token is in %s',
    async (_, config) => {
      const tokens: boolean[] = [];
      const adapter: AxiosAdapter = async (config) => {
        tokens.push(config.headers.has('Authorization'));
        return responding({ data: { accessToken: 'new' } })(config);
      };
      const app = createHandmade({
        refresh: async (): Promise<TokenSet> =>
          (await app.api.request({ url: '/token', method: 'post', adapter, ...config })).data,
      });
      await app.session.signIn({ accessToken: 'old', refreshToken: 'r/1', expiresAt: 1 });
      expect(await app.session.getAccessToken()).toBe('new');
      expect(tokens).toEqual([false]);
    },
    3_000,
  );
});

describe('attachSession', () => {
  it('sends a request with a fresh token before the call returns, as axios does', async () => {
    const app = createHandmade();
    await app.session.signIn({ accessToken: tokenOf('alice') });
    const adapter = vi.fn(responding());
    const answer = app.api.get(ECHO, { adapter });
    expect(adapter).toHaveBeenCalledOnce();
    await answer;
  });

  it.each<[string, AxiosInstance]>([
    ['the global axios, which other libraries use too', axios],
    ['that of another copy of axios', Object.assign(axios.create(), { isCancel: axios.isCancel })],
  ])('refuses %s', (_, instance) => {
    const { session } = createHandmade();
    expect(() => attachSession(instance, session)).toThrow(
      new TypeError('"instance" must be your own, from axios.create()'),
    );
  });

  // Older versions change the config that they are given.
  it.skipIf(/^1\.([0-9]|1[0-9])\./.test(axios.VERSION))(
    'takes a config that an interceptor has frozen, as axios does',
    async () => {
      const { api, session, seen, refreshes, refreshesBegun } = createHandmade();
      await session.signIn({ accessToken: 'old', refreshToken: 'r' });
      api.interceptors.request.use((config) => Object.freeze({ ...config }));
      const answer = api.post(ECHO, { a: 1 });
      await refreshesBegun(1);
      refreshes[0]!.resolve({ accessToken: 'new' });
      expect((await answer).data).toEqual({ token: 'new' });
      expect(seen.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
    },
  );

  it('refuses an instance that has a session', () => {
    const { api, session } = createHandmade();
    expect(() => attachSession(api, session)).toThrow(
      new TypeError('A session is attached to this axios instance: call what attachSession() returned'),
    );
  });

  it('returns what detaches the session, and another one can then be attached', async () => {
    const { api, session, detach } = createHandmade();
    await session.signIn({ accessToken: 'good' });
    const seen: boolean[] = [];
    const adapter: AxiosAdapter = async (config) => {
      seen.push(config.headers.has('Authorization'));
      return responding()(config);
    };
    await api.get(ECHO, { adapter });
    detach();
    await api.get(ECHO, { adapter });
    attachSession(api, session);
    await api.get(ECHO, { adapter });
    expect(seen).toEqual([true, false, true]);
  });

  it('returns what may be called twice, and then detaches no session that was attached later', () => {
    const { api, session, detach } = createHandmade();
    detach();
    attachSession(api, session);
    detach();
    expect(() => attachSession(api, session)).toThrow('A session is attached to this axios instance');
  });
});
