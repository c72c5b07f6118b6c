import axios, { type AxiosError, type AxiosRequestConfig } from 'axios';
import { describe, expect, it } from 'vitest';
import { createSessionFetch } from '../../src/clients/fetch.js';
import type { TokenSet } from '../../src/index.js';
import { outcome } from '../support/app.js';
import { createHandmade, ECHO, type HandmadeApp, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const text = (body: string) => new TextEncoder().encode(body);
const bytesOf = (length: number) => new Uint8Array(length).fill(97);

interface Given {
  body: object;
  /** What the caller does to the body after the call. */
  change(): void;
  /** What the server must receive. */
  sent: string | RegExp;
}

/** Bodies that the caller can change. */
const bodies: [string, () => Given][] = [
  [
    'URLSearchParams',
    () => {
      const body = new URLSearchParams({ n: '1' });
      return { body, change: () => body.set('n', '2'), sent: 'n=1' };
    },
  ],
  [
    'a FormData',
    () => {
      const body = new FormData();
      body.append('n', 'first');
      body.append('file', new File(['content'], 'a.txt'));
      const change = () => {
        body.set('n', 'second');
        body.append('more', 'x');
      };
      return { body, change, sent: /first(?![\s\S]*(second|more))[\s\S]*filename="a.txt"[\s\S]*content/ };
    },
  ],
  [
    'an ArrayBuffer',
    () => {
      const bytes = text('one');
      return { body: bytes.buffer, change: () => bytes.set(text('two')), sent: 'one' };
    },
  ],
  [
    'a part of a buffer',
    () => {
      const bytes = text('[one]');
      return { body: bytes.subarray(1, 4), change: () => bytes.fill(0), sent: 'one' };
    },
  ],
  [
    'a DataView',
    () => {
      const bytes = text('[one]');
      return { body: new DataView(bytes.buffer, 1, 3), change: () => bytes.fill(0), sent: 'one' };
    },
  ],
  [
    'a buffer that is transferred to a worker',
    () => {
      const { buffer } = text('one');
      return { body: buffer, change: () => structuredClone(buffer, { transfer: [buffer] }), sent: 'one' };
    },
  ],
  ...(globalThis.location ? [] : [['a Buffer of Node', bufferOfNode] as [string, () => Given]]),
];

function bufferOfNode(): Given {
  const body = globalThis.Buffer.from('one');
  return { body, change: () => body.fill('x'), sent: 'one' };
}

type Send = (app: HandmadeApp, body: unknown) => Promise<unknown>;
const send =
  (config: AxiosRequestConfig = {}): Send =>
  ({ api }, data) =>
    api.post(ECHO, data, { transformRequest: (data) => data, ...config });

const clients: [string, Send][] = [
  ['session fetch', ({ call }, body) => call(ECHO, { method: 'POST', body: body as BodyInit })],
  [
    'session fetch, with a Request and an init',
    ({ call }, body) =>
      call(new Request(ECHO, { method: 'PUT' }), { method: 'POST', body: body as BodyInit }),
  ],
  ['the fetch adapter of axios', send({ adapter: 'fetch' })],
  globalThis.location
    ? ['the xhr adapter of axios', send({ adapter: 'xhr' })]
    : ['the http adapter of axios', send({ adapter: 'http' })],
];

/** axios's adapter for Node rejects views other than a Buffer. */
const isTaken = (client: string, kind: string) =>
  !client.includes('http adapter') || !/part of|DataView|URLSearchParams/.test(kind);

describe.each(clients)(
  'sends the body as it was at the call, even if it changes later: %s',
  (client, send) => {
    describe.each(bodies.filter(([kind]) => isTaken(client, kind)))('%s', (_, give) => {
      it('after waiting for a refresh', async () => {
        const app = createHandmade();
        await app.session.signIn(staleTokensOf('alice'));
        const { body, change, sent } = give();
        const answer = send(app, body);
        await app.refreshesBegun(1);
        change();
        app.refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
        await answer;
        expect(app.seen.map(({ body }) => body)).toEqual([expect.stringMatching(sent)]);
      });

      it('when it is sent again after a refusal', async () => {
        const app = createHandmade();
        await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
        const { body, change, sent } = give();
        const answer = send(app, body);
        await app.refreshesBegun(1);
        change();
        app.refreshes[0]!.resolve({ accessToken: 'new' });
        await answer;
        const [first, second] = app.seen;
        expect(second!.body).toMatch(sent);
        expect(second!.contentType?.replace(/boundary=.*/, '')).toBe(
          first!.contentType?.replace(/boundary=.*/, ''),
        );
      });
    });
  },
);

describe('the query of an axios request', () => {
  it.each<[string, TokenSet]>([
    ['waits for a refresh', staleTokensOf('alice')],
    ['is refused', { accessToken: 'old', refreshToken: 'r' }],
  ])('is sent as it was at the call if the request %s', async (_, tokens) => {
    const { api, session, refreshes, refreshesBegun } = createHandmade();
    await session.signIn(tokens);
    const sent: string[] = [];
    const params = new URLSearchParams({ page: '1' });
    const answer = api.get(ECHO, {
      params,
      adapter: async (config) => {
        sent.push(api.getUri(config));
        const status = config.headers.get('Authorization') === 'Bearer old' ? 401 : 200;
        return { data: '', status, statusText: '', headers: {}, config };
      },
    });
    await refreshesBegun(1);
    params.set('page', '2');
    refreshes[0]!.resolve({ accessToken: 'new' });
    await answer;
    expect(new Set(sent)).toEqual(new Set([`${ECHO}?page=1`]));
  });
});

describe.each(clients)('a buffer of more than 1 MiB: %s', (client, send) => {
  const give = () => (client.includes('http adapter') ? bytesOf(2 ** 20 + 1).buffer : bytesOf(2 ** 20 + 1));

  it('is not sent again after a refusal, because it may have changed', async () => {
    const app = createHandmade();
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const error = await outcome(send(app, give()));
    expect(axios.isAxiosError(error) ? error.cause : error).toMatchObject({ code: 'request_not_replayable' });
    expect(app.seen.length).toBe(1);
  });

  it('is copied and sent again if it has to wait', async () => {
    const app = createHandmade();
    await app.session.signIn(staleTokensOf('alice'));
    const answer = send(app, give());
    await app.refreshesBegun(1);
    app.refreshes[0]!.resolve({ accessToken: 'old', refreshToken: 'r' });
    await app.refreshesBegun(2);
    app.refreshes[1]!.resolve({ accessToken: 'new', refreshToken: 'r' });
    await answer;
    expect(app.seen.map(({ body }) => body.length)).toEqual([2 ** 20 + 1, 2 ** 20 + 1]);
  });
});

describe('a body that is sent at once', () => {
  it('is the original object, without a copy', async () => {
    const { session } = createHandmade();
    await session.signIn({ accessToken: 'good' });
    const bodies: unknown[] = [];
    const call = createSessionFetch(session, {
      origins: [new URL(ECHO).origin],
      fetch: async (_, init) => {
        bodies.push(init?.body);
        return new Response();
      },
    });
    const given = [new FormData(), new URLSearchParams(), text('x'), text('y').buffer];
    for (const body of given) await call(ECHO, { method: 'POST', body });
    given.forEach((body, index) => void expect(bodies[index]).toBe(body));
  });

  it('plain objects for a custom adapter are sent again unchanged', async () => {
    const { api, session, refreshes, refreshesBegun } = createHandmade();
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const sent: unknown[] = [];
    const data = { items: [{ n: 1 }] };
    const answer = api.post(ECHO, data, {
      transformRequest: (data) => data,
      adapter: async (config) => {
        sent.push(config.data);
        const isOld = config.headers.get('Authorization') === 'Bearer old';
        return { data: '', status: isOld ? 401 : 200, statusText: '', headers: {}, config };
      },
    });
    await refreshesBegun(1);
    data.items[0]!.n = 2;
    refreshes[0]!.resolve({ accessToken: 'new' });
    await answer;
    expect(sent[1]).toEqual({ items: [{ n: 1 }] });
  });

  it('an object of a class that cannot be copied is not sent again', async () => {
    class Upload {}
    const { api, session } = createHandmade();
    await session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const adapter = async (config: never) => ({ status: 401, data: '', headers: {}, statusText: '', config });
    const error = (await outcome(
      api.post(ECHO, new Upload(), { transformRequest: (data) => data, adapter: adapter as never }),
    )) as AxiosError;
    expect(error.cause).toMatchObject({ code: 'request_not_replayable' });
  });

  it('a FormData of React Native is copied like any other object', async () => {
    class NativeFormData {
      _parts: [string, unknown][] = [];
      append(name: string, value: unknown) {
        this._parts.push([name, value]);
      }
      /** Unlike FormData.entries(), it lists the indexes of the fields. */
      entries() {
        return this._parts.entries();
      }
    }
    const { api, session, refreshes, refreshesBegun } = createHandmade();
    await session.signIn(staleTokensOf('alice'));
    const form = new NativeFormData();
    form.append('n', '1');
    let sent: unknown;
    const answer = api.post(ECHO, form, {
      transformRequest: (data) => data,
      adapter: async (config) => {
        sent = config.data;
        return { data: '', status: 200, statusText: '', headers: {}, config };
      },
    });
    await refreshesBegun(1);
    form.append('n', '2');
    refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    await answer;
    expect(sent).toBeInstanceOf(NativeFormData);
    expect((sent as NativeFormData)._parts).toEqual([['n', '1']]);
  });
});
