import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
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

const inBrowser = globalThis.location !== undefined;

/** axios with a token that the test sets. */
function plain(config: AxiosRequestConfig): AxiosInstance {
  const api = axios.create({ baseURL: ORIGIN, ...(config as object) });
  api.interceptors.request.use((config) => {
    config.headers.set('Authorization', GOOD);
    return config;
  });
  return api;
}

/** axios with a session. */
async function withSession(config: AxiosRequestConfig, state: State): Promise<AxiosInstance> {
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: async () => ({ accessToken: 'new' }) },
  });
  onTestFinished(() => session.dispose());
  await signIn(session, state);
  const api = axios.create({ baseURL: ORIGIN, ...(config as object) });
  attachSession(api, session);
  return api;
}

/** The config of a response or an error, without what a session may change. */
function describeConfig({ config }: { config?: AxiosRequestConfig }): unknown {
  if (!config) return undefined;
  const { headers, adapter, signal, cancelToken, ...rest } = config;
  const others = JSON.parse(JSON.stringify(headers ?? {}));
  // With a session, the config keeps neither the token nor the changes that adapters make for sending.
  const changed = ['Authorization', 'Accept-Encoding', 'User-Agent', 'Content-Length', 'Content-Type'];
  for (const name of changed) delete others[name];
  const functions = Object.keys(rest).filter((name) => typeof rest[name as 'url'] === 'function');
  return { ...JSON.parse(JSON.stringify(rest)), headers: others, functions: functions.sort() };
}

async function describeResponse(response: AxiosResponse): Promise<unknown> {
  const { status, statusText, headers, data, request } = response;
  return {
    ...{ status, statusText, headers: { ...headers }, config: describeConfig(response) },
    ...{
      data: await contentOf(data),
      keys: keysOf(response),
      request: request?.constructor.name,
    },
  };
}

/**
 * Omits `request`: with a session it exists but is not enumerable, because Node's request would show the token in a
 * log.
 */
function keysOf(value: object): string[] {
  return Object.keys(value)
    .filter((name) => name !== 'request')
    .sort();
}

async function describeError(error: AxiosError): Promise<unknown> {
  const { name, message, code, status, response, request } = error;
  const described = {
    ...{
      name,
      message,
      code,
      status,
      class: error.constructor.name,
      isAxiosError: axios.isAxiosError(error),
    },
    ...{ isCancel: axios.isCancel(error), hasCause: 'cause' in error },
    ...{ config: describeConfig(error as { config?: AxiosRequestConfig }) },
    response: response && (await describeResponse(response)),
  };
  // A cancelled request has no `request` if it was not sent yet.
  if (isEnded(error)) return described;
  return { ...described, keys: keysOf(error), request: request?.constructor.name };
}

/** Cancelled by a timeout or by the caller. */
function isEnded(error: AxiosError): boolean {
  return axios.isCancel(error) || /^(ECONNABORTED|ETIMEDOUT)$/.test(String(error.code));
}

type Act = (api: AxiosInstance) => Promise<AxiosResponse>;

async function run(api: AxiosInstance, act: Act) {
  const sent = createServer();
  const result = await act(api).then(describeResponse, describeError);
  return { result, sent: comparable(sent) };
}

function form(): FormData {
  const form = new FormData();
  form.append('field', 'ä');
  form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }));
  return form;
}

/** Called once for each instance, so that two instances share nothing. */
const aborting =
  (
    act: (api: AxiosInstance, config: AxiosRequestConfig) => Promise<AxiosResponse>,
    when: 'before' | 'during',
  ): Act =>
  (api) => {
    const controller = new AbortController();
    if (when === 'before') controller.abort();
    else setTimeout(() => controller.abort(), 100);
    return act(api, { signal: controller.signal });
  };

const cases: [string, Act][] = [
  ['GET', (api) => api.get('/echo')],
  ['HEAD', (api) => api.head('/echo')],
  ['OPTIONS', (api) => api.options('/text')],
  ['DELETE with a body', (api) => api.delete('/echo', { data: { a: 1 } })],
  ['POST of JSON', (api) => api.post('/echo', { a: [1, { b: 'ä' }], c: null, d: undefined })],
  ['POST of an array', (api) => api.post('/echo', [1, 2])],
  [
    'POST of a number as JSON',
    (api) => api.post('/echo', 7, { headers: { 'Content-Type': 'application/json' } }),
  ],
  ['POST of text', (api) => api.post('/echo', 'plain ä')],
  [
    'POST of text as JSON',
    (api) => api.post('/echo', 'text', { headers: { 'Content-Type': 'application/json' } }),
  ],
  ['POST of nothing', (api) => api.post('/echo')],
  ['POST of null', (api) => api.post('/echo', null)],
  ['PUT of URLSearchParams', (api) => api.put('/echo', new URLSearchParams({ a: '1', b: 'ä' }))],
  ['PATCH of a FormData', (api) => api.patch('/echo', form())],
  [
    'POST of a FormData as JSON',
    (api) =>
      api.post('/echo', form(), {
        headers: { 'Content-Type': 'application/json' },
        formSerializer: { dots: true },
      }),
  ],
  ['POST of a Blob', (api) => api.post('/echo', new Blob(['blob'], { type: 'text/plain' }))],
  ['POST of an ArrayBuffer', (api) => api.post('/echo', new TextEncoder().encode('bytes').buffer)],
  ['POST of a typed array', (api) => api.post('/echo', new TextEncoder().encode('bytes'))],
  [
    'an urlencoded object',
    (api) =>
      api.post(
        '/echo',
        { a: 1, b: [1, 2] },
        { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
      ),
  ],
  [
    'params',
    (api) => api.get('/echo?x=1', { params: { a: [1, 2], b: { c: 'ä' }, d: new Date(0), e: null } }),
  ],
  [
    'paramsSerializer',
    (api) =>
      api.get('/echo', {
        params: { a: [1, 2] },
        paramsSerializer: { indexes: null, encode: (text) => text },
      }),
  ],
  ['URLSearchParams as params', (api) => api.get('/echo', { params: new URLSearchParams({ q: 'a b' }) })],
  ['a fragment in the address', (api) => api.get('/echo#top', { params: { a: 1 } })],
  ['an absolute address', (api) => api.get(`${ORIGIN}/echo`)],
  ['an absolute address below baseURL', (api) => api.get('/echo', { allowAbsoluteUrls: false })],
  [
    'headers of all kinds',
    (api) =>
      api.get('/echo', {
        headers: {
          'X-A': 'a',
          'x-b': 1 as never,
          Accept: 'text/plain',
          'X-None': undefined,
          'X-Null': null as never,
        },
      }),
  ],
  ['no content type', (api) => api.post('/echo', { a: 1 }, { headers: { 'Content-Type': false as never } })],
  [
    'basic auth, which replaces the token',
    (api) => api.get('/echo', { auth: { username: 'u', password: 'p' } }),
  ],
  [
    'transformRequest',
    (api) =>
      api.post(
        '/echo',
        { a: 1 },
        {
          transformRequest: [
            (data, headers) => {
              headers.set('X-T', '1');
              return `t:${JSON.stringify(data)}`;
            },
          ],
        },
      ),
  ],
  [
    'a transformRequest that throws',
    (api) =>
      api.post(
        '/echo',
        {},
        {
          transformRequest: () => {
            throw new TypeError('no');
          },
        },
      ),
  ],
  ['transformResponse', (api) => api.get('/text', { transformResponse: [(data) => ({ data })] })],
  [
    'a transformResponse that throws',
    (api) =>
      api.get('/text', {
        transformResponse: () => {
          throw new TypeError('no');
        },
      }),
  ],
  ['broken JSON', (api) => api.get('/broken')],
  [
    'broken JSON as an error',
    (api) => api.get('/broken', { responseType: 'json', transitional: { silentJSONParsing: false } }),
  ],
  ...(['text', 'json', 'arraybuffer'] as const).map((responseType): [string, Act] => [
    `a responseType of ${responseType}`,
    (api) => api.get('/bytes', { responseType }),
  ]),
  ['no content', (api) => api.get('/empty')],
  ...[400, 403, 404, 409, 429, 500, 503].map((status): [string, Act] => [
    `status ${status}`,
    (api) => api.post(`/status/${status}`, { a: 1 }),
  ]),
  ['validateStatus', (api) => api.get('/status/404', { validateStatus: (status) => status === 404 })],
  ['validateStatus null', (api) => api.get('/status/500', { validateStatus: null })],
  ['a validateStatus that refuses success', (api) => api.get('/echo', { validateStatus: () => false })],
  ['a network error', (api) => api.get('/lost')],
  ['a timeout', (api) => api.get('/slow', { timeout: 300 })],
  ['a timeout with a message', (api) => api.get('/slow', { timeout: 300, timeoutErrorMessage: 'too slow' })],
  [
    'a timeout that is distinguished from an abort',
    (api) => api.get('/slow', { timeout: 300, transitional: { clarifyTimeoutError: true } }),
  ],
  ['a signal that is already aborted', aborting((api, config) => api.get('/echo', config), 'before')],
  ['a signal that aborts during the request', aborting((api, config) => api.get('/slow', config), 'during')],
  [
    'a cancelToken',
    (api) =>
      api.get('/slow', {
        cancelToken: new axios.CancelToken((cancel) => setTimeout(() => cancel('enough'), 100)),
      }),
  ],
  [
    'a cancelToken that is already cancelled',
    (api) => api.get('/echo', { cancelToken: new axios.CancelToken((cancel) => cancel('at once')) }),
  ],
  ['an unknown protocol', (api) => api.get('foo://x/')],
  ['an unknown adapter', (api) => api.get('/echo', { adapter: 'none' as never })],
  [
    'a request interceptor that throws',
    (api) => {
      api.interceptors.request.use(() => {
        throw new AxiosError('mine', 'E_MINE');
      });
      return api.get('/echo');
    },
  ],
  [
    'response interceptors',
    (api) => {
      // Changes the response in place, because a copy loses `request`, which is not enumerable with a session.
      api.interceptors.response.use((response) => Object.assign(response, { data: [response.data] }));
      return api.get('/echo');
    },
  ],
];

const nodeCases: [string, Act][] = [
  ['a redirect', (api) => api.get('/redirect')],
  ['a redirect that is not followed', (api) => api.get('/redirect', { maxRedirects: 0 })],
  ['maxContentLength', (api) => api.get('/bytes', { maxContentLength: 100 })],
  ['maxBodyLength', (api) => api.post('/echo', 'x'.repeat(100), { maxBodyLength: 10 })],
  ['responseEncoding', (api) => api.get('/text', { responseEncoding: 'latin1' })],
];
/** In Node, axios converts such a form to a stream, which cannot be sent again. */
const formCases: [string, Act][] = [
  ['postForm', (api) => api.postForm('/echo', { a: 1, list: ['x', 'y'], deep: { b: 'ä' } })],
  [
    'putForm with a serializer',
    (api) => api.putForm('/echo', { 'json{}': { a: 1 }, list: [1] }, { formSerializer: { indexes: null } }),
  ],
];

const fetchCases: [string, Act][] = [
  ...(inBrowser ? formCases : []),
  ['a responseType of stream', (api) => api.get('/bytes', { responseType: 'stream' })],
  ['a responseType of blob', (api) => api.get('/bytes', { responseType: 'blob' })],
  ['a responseType of formdata', (api) => api.get('/form', { responseType: 'formdata' })],
  ['fetchOptions', (api) => api.get('/echo', { fetchOptions: { cache: 'no-store' } } as AxiosRequestConfig)],
];

const browserCases: [string, Act][] = [
  ...formCases,
  ['a responseType of blob', (api) => api.get('/bytes', { responseType: 'blob' })],
  ['withCredentials', (api) => api.get('/echo', { withCredentials: true })],
  [
    'the XSRF header',
    (api) => {
      // biome-ignore lint/suspicious/noDocumentCookie: axios reads it there
      document.cookie = 'XSRF-TOKEN=abc';
      return api.get('/echo', { withXSRFToken: true });
    },
  ],
];

const adapters: [string, [string, Act][]][] = [
  inBrowser ? ['xhr', [...cases, ...browserCases]] : ['http', [...cases, ...nodeCases]],
  ['fetch', [...cases, ...fetchCases]],
];

describe.each(adapters)(
  'axios with a session behaves like axios with a token: %s adapter',
  (adapter, cases) => {
    it.each(cases)('%s', async (name, act) => {
      const expected = await run(plain({ adapter }), act);
      for (const state of STATES) {
        const { result, sent } = await run(await withSession({ adapter }, state), act);
        expect(result, state).toEqual(expected.result);
        if (isEndedEarly(result)) continue;
        // The refused sending also differs only in the token.
        for (const [index, call] of sent.entries()) {
          const last = expected.sent[Math.max(0, expected.sent.length - sent.length + index)];
          expect(call, `${state}, sending ${index + 1}`).toEqual(last ?? expected.sent[0]);
        }
        // With basic auth there is no token to refuse.
        const isRefused = state === 'refused' && !name.startsWith('basic auth');
        const most = expected.sent.length + Number(isRefused);
        expect(sent.length, state).toBeLessThanOrEqual(most);
        if (!('class' in (result as object))) expect(sent.length, state).toBe(most);
      }
    });

    it.each(STATES)('progress of uploads and downloads, %s', async (state) => {
      const tell = async (api: AxiosInstance) => {
        createServer();
        const up: number[] = [];
        const down: number[] = [];
        await api.post('/bytes', 'x'.repeat(5_000), {
          onUploadProgress: ({ loaded }) => up.push(loaded),
          onDownloadProgress: ({ loaded }) => down.push(loaded),
        });
        return [up.at(-1), down.at(-1)];
      };
      expect(await tell(await withSession({ adapter }, state))).toEqual(await tell(plain({ adapter })));
    });
  },
);
