import axios, {
  type AxiosError,
  type AxiosRequestConfig,
  type AxiosResponse,
  type ResponseType,
} from 'axios';
import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { type Backend, createSession, readBody, type TokenSet } from '../../src/index.js';
import { ORIGIN, outcome } from '../support/app.js';
import { createFetchApp, type FetchApp } from '../support/fetch-app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const FILE = `${ORIGIN}/file`;
const form = () => {
  const form = new FormData();
  form.append('name', 'kevin');
  return form;
};

/** An API that refuses the first token with this status and a code in the body. The test sets the other responses. */
async function createApi(status: number, good: () => Response): Promise<FetchApp> {
  const app = createFetchApp({ envelope: { refused: { statuses: [status], codes: [1003] } } });
  network.use(
    http.post(`${ORIGIN}/update_token/`, () => HttpResponse.json({ code: 1007, data: { token: 'new' } })),
    http.get(FILE, ({ request }) =>
      request.headers.get('authorization') === 'old' ? HttpResponse.json({ code: 1003 }, { status }) : good(),
    ),
  );
  await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
  return app;
}

async function textOf(data: unknown): Promise<string> {
  if (data instanceof FormData) return String(data.get('name'));
  if (typeof data === 'object' && data && Symbol.asyncIterator in data && !('getReader' in data)) {
    const parts: Uint8Array[] = [];
    for await (const part of data as AsyncIterable<Uint8Array>) parts.push(part);
    return new Blob(parts as BlobPart[]).text();
  }
  return new Response(data as BodyInit).text();
}

const inBrowser = globalThis.location !== undefined;
const adapters = ['fetch', inBrowser ? 'xhr' : 'http'] as const;
const types: [ResponseType | 'FormData' | undefined, () => Response, string][] = [
  [undefined, () => HttpResponse.text('good'), 'good'],
  ['text', () => HttpResponse.text('good'), 'good'],
  ['json', () => HttpResponse.json('good'), 'good'],
  ['arraybuffer', () => HttpResponse.text('good'), 'good'],
  ['blob', () => HttpResponse.text('good'), 'good'],
  ['stream', () => HttpResponse.text('good'), 'good'],
  ['formdata', () => HttpResponse.formData(form()), 'kevin'],
  ['FormData', () => HttpResponse.formData(form()), 'kevin'],
];

/** Node's HTTP adapter supports neither a blob nor a form; all adapters except fetch treat a form as text. */
const isKnown = (adapter: string, type: unknown) =>
  adapter === 'fetch' ||
  !/formdata|stream|blob/i.test(String(type)) ||
  (!inBrowser && type === 'stream') ||
  (inBrowser && type === 'blob');

describe.each(adapters)('a refusal with a code in the body: %s adapter', (adapter) => {
  describe.each([200, 201, 403, 500])('with status %s', (status) => {
    it.each(types.filter(([type]) => isKnown(adapter, type)))(
      'is recognized for a responseType of %s',
      async (responseType, good, text) => {
        for (const validateStatus of [undefined, () => true, (status: number) => status > 299]) {
          const { api } = await createApi(status, good);
          const config = { adapter, responseType, ...(validateStatus && { validateStatus }) };
          const answer = api.get(FILE, config as AxiosRequestConfig);
          const { data, config: given } = await answer.catch(
            (error: AxiosError) => error.response as AxiosResponse,
          );
          expect(await textOf(data)).toBe(text);
          expect(given.responseType).toBe(responseType);
        }
      },
    );
  });

  it.each(types.filter(([type]) => isKnown(adapter, type)))(
    'another code goes to the caller, who can read it, for a responseType of %s',
    async (responseType) => {
      const { api } = await createApi(200, () => HttpResponse.json({ code: 5 }));
      const answer = await outcome(api.get(FILE, { adapter, responseType } as AxiosRequestConfig));
      if (/formdata/i.test(String(responseType))) {
        expect(answer).toMatchObject({ name: 'TypeError', isAxiosError: true, config: { responseType } });
      } else {
        const { data } = answer as AxiosResponse;
        expect(await textOf(typeof data === 'object' && 'code' in data ? JSON.stringify(data) : data)).toBe(
          '{"code":5}',
        );
      }
    },
  );
});

describe.runIf(inBrowser)('a responseType of document', () => {
  const page = () => HttpResponse.html('<title>good</title>');

  it('lets the xhr adapter recognize a refusal by its status', async () => {
    const { api } = await createApi(401, page);
    const { data } = await api.get<Document>(FILE, { adapter: 'xhr', responseType: 'document' });
    expect(data.title).toBe('good');
  });

  it('lets the fetch adapter, which returns text, recognize a refusal by a code in the body', async () => {
    const { api } = await createApi(200, page);
    const { data } = await api.get(FILE, { adapter: 'fetch', responseType: 'document' });
    expect(data).toBe('<title>good</title>');
  });

  it('hides a code in the body from the xhr adapter, because XMLHttpRequest drops a body that is no document', async () => {
    const { api } = await createApi(200, page);
    const { status, data } = await api.get(FILE, { adapter: 'xhr', responseType: 'document' });
    expect([status, data]).toEqual([200, null]);
  });
});

describe('a download', () => {
  it.each(['blob', 'stream'] as const)('as a %s is not read to look for a code', async (responseType) => {
    const { api } = await createApi(200, () =>
      HttpResponse.text('good', { headers: { 'Content-Type': 'text/csv' } }),
    );
    const { data } = await api.get(FILE, { adapter: 'fetch', responseType });
    expect(await textOf(data)).toBe('good');
  });
});

describe('a response that never ends is returned at once', () => {
  const types = [
    'application/json-seq',
    'application/geo+json-seq',
    'application/x-ndjson',
    'application/jsonl',
    'application/stream+json',
    'application/vnd.example.raw-stream+json',
    'application/json;stream=watch',
    'application/jsonlines+json-seq; charset=utf-8',
    'text/event-stream; charset=utf-8',
  ];
  it.each(types.flatMap((type) => [[type, 200] as const, [type, 403] as const]))(
    '%s, status %s',
    async (type, status) => {
      const endless = () =>
        new HttpResponse(
          new ReadableStream({
            start: (controller) => controller.enqueue(new TextEncoder().encode('{"code":1}')),
          }),
          { status, headers: { 'Content-Type': type } },
        );
      const { call, api, session } = await createApi(status, endless);
      await session.signIn({ accessToken: 'good', refreshToken: 'r' });
      const response = await call(FILE);
      const reader = response.body!.getReader();
      expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"code":1}');
      await reader.cancel();
      const { data } = await api.get(FILE, {
        adapter: 'fetch',
        responseType: 'stream',
        validateStatus: () => true,
      });
      await data.cancel();
    },
  );
});

describe('a backend of your own', () => {
  const backend: Backend = {
    readTokens: (body) => body as TokenSet,
    refresh: async () => ({ accessToken: 'new' }),
    refuses: ({ status, body }) => status === 403 && (body() as { code?: number } | undefined)?.code === 1003,
  };
  const adapted = types.filter(([type]) => type && type !== 'arraybuffer');

  /** What the second attempt gets, or the refusal if there was no second attempt. */
  async function load(given: Backend, responseType: unknown): Promise<string> {
    const session = createSession({ backend: given });
    const api = axios.create({ baseURL: ORIGIN, validateStatus: () => true });
    attachSession(api, session);
    network.use(
      http.get(FILE, ({ request }) =>
        request.headers.get('authorization') === 'Bearer old'
          ? HttpResponse.json({ code: 1003 }, { status: 403 })
          : HttpResponse.formData(form()),
      ),
    );
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const config = { adapter: 'fetch', responseType, transformResponse: (data: unknown) => data };
    return textOf((await api.get(FILE, config as AxiosRequestConfig)).data);
  }

  it.each(adapted)('with `readBody` recognizes a refusal for a responseType of %s', async (type) => {
    expect(await load({ ...backend, readBody }, type)).toContain('kevin');
  });

  it.each(['json', 'text', 'arraybuffer', 'formdata'])(
    'needs no `readBody` for a responseType of %s',
    async (type) => {
      expect(await load(backend, type)).toContain('kevin');
    },
  );

  it.each(['blob', 'stream'])(
    'cannot read a %s without `readBody`, so the caller gets the refusal',
    async (type) => {
      expect(await load(backend, type)).toBe('{"code":1003}');
    },
  );
});
