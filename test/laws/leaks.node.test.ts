import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import axios, { type AxiosAdapter } from 'axios';
import { http, passthrough } from 'msw';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { envelopeBackend, readReturnTo, simpleJwtBackend } from '../../src/index.js';
import { createApp, ORIGIN, outcome } from '../support/app.js';
import { serve } from '../support/http.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const TOKENS = { accessToken: 'secret-access', refreshToken: 'secret-refresh' };
const signal = new AbortController().signal;

describe('logs show no token', () => {
  it.each(['http', 'fetch'])('from responses and errors of axios’s %s adapter in Node', async (adapter) => {
    network.use(http.all('*', () => passthrough()));
    const origin = await serve(
      async ({ url }) => new Response('{}', { status: url.endsWith('/bad') ? 500 : 200 }),
    );
    const { api, session } = createApp({ axios: { baseURL: origin, adapter } });
    await session.signIn(TOKENS);
    const good = await api.get('/good');
    const bad = await api.get('/bad').catch((error) => error);
    const late = await api.get('/good', { signal: AbortSignal.abort() }).catch((error) => error);
    for (const value of [good, bad, late, bad.response]) {
      expect(inspect(value, { depth: 12 })).not.toContain('secret');
      expect(JSON.stringify(value.toJSON?.() ?? value.config)).not.toContain('secret');
    }
    expect(inspect(good.request, { depth: 12 })).toContain('secret-access'); // the token is hidden, but still there
    expect(bad.request).toBeDefined();
  });

  it('from a session, its events, and the responses of session fetch', async () => {
    network.use(http.all('*', () => passthrough()));
    const origin = await serve(async () => new Response('{}'));
    const { session, events } = createApp();
    await session.signIn(TOKENS);
    const answer = await createSessionFetch(session, { origins: [origin] })(`${origin}/x`);
    for (const value of [session, events, answer])
      expect(inspect(value, { depth: 12 })).not.toContain('secret');
    expect(JSON.stringify(session)).not.toContain('secret');
    expect(() => structuredClone(session)).toThrow('could not be cloned');
  });
});

describe('a response of the token endpoint', () => {
  const refreshWith = (answer: Response) => {
    vi.stubGlobal('fetch', async () => answer);
    onTestFinished(() => void vi.unstubAllGlobals());
    return outcome(simpleJwtBackend({ url: `${ORIGIN}/r` }).refresh(TOKENS, { signal }));
  };

  it('that never ends is cancelled', async () => {
    const cancel = vi.fn();
    const chunk = new TextEncoder().encode('x'.repeat(100_000));
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(chunk), cancel });
    expect(await refreshWith(new Response(endless))).toMatchObject({
      code: 'refresh_unavailable',
      message: `${ORIGIN}/r answered more than 1000000 characters`,
    });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('that arrives in parts is joined correctly, even if a character is split', async () => {
    const bytes = new TextEncoder().encode(JSON.stringify({ access: 'a', name: 'Zoë 東京' }));
    const parts = new ReadableStream({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await refreshWith(new Response(parts))).toEqual({ accessToken: 'a', name: 'Zoë 東京' });
  });

  it.each(['secret\r\nX-Evil: 1', 'secret\0', 'sécret', 'secret\u2028'])(
    'is refused and not shown if a token would end a header: %j',
    async (token) => {
      for (const tokens of [{ access: token }, { access: 'a', refresh: token }]) {
        const error = (await refreshWith(Response.json(tokens))) as Error;
        expect(error).toMatchObject({ code: 'invalid_token_response' });
        expect(inspect(error, { depth: 5 })).not.toMatch(/s[eé]cret/);
      }
    },
  );

  it('pollutes no prototype', async () => {
    const { session } = createApp();
    const answer = '{"access":"a","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const tokens = await refreshWith(new Response(answer));
    await session.signIn(tokens);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(tokens)).toBe(Object.prototype);
  });
});

describe('a page with polluted prototypes', () => {
  it('sends no token to a baseURL from a prototype', async () => {
    const seen: [url: string, token: boolean][] = [];
    const adapter: AxiosAdapter = async (config) => {
      seen.push([axios.getUri(config), config.headers.has('authorization')]);
      return { data: '', status: 200, statusText: '', headers: {}, config };
    };
    const { session } = createApp();
    await session.signIn(TOKENS);
    const api = axios.create({ adapter });
    attachSession(api, session);
    Object.assign(Object.prototype, { baseURL: 'https://evil.test' });
    await api.get('/order').finally(() => Reflect.deleteProperty(Object.prototype, 'baseURL'));
    await api.get('https://evil.test/order');
    expect(seen).toEqual([
      [expect.stringMatching(/\/order$/), false],
      ['https://evil.test/order', false],
    ]);
  });
});

describe('no input makes the page hang:', () => {
  const long = '/'.repeat(50_000);

  it('a long path and a pattern with many stars', async () => {
    const { api, session } = createApp({
      attach: { exclude: ['/a*/*/*/*/*/*/*/b'] },
      axios: { adapter: async (config) => ({ data: '', status: 200, statusText: '', headers: {}, config }) },
    });
    await session.signIn(TOKENS);
    expect((await api.get(`/a${long}b!`)).status).toBe(200);
    expect((await api.get(`${long}a`)).status).toBe(200);
  });

  it('a returnTo that is encoded many times', () => {
    expect(readReturnTo(`?returnTo=/%${'25'.repeat(500_000)}`)).toBe('/');
    expect(readReturnTo(`?returnTo=${encodeURIComponent(`/orders?q=${'x'.repeat(5_000)}`)}`)).toMatch(
      /^\/orders/,
    );
  });

  it("a long time in a backend's format", () => {
    const backend = envelopeBackend({ url: `${ORIGIN}/r` });
    const token_time = `2030-01-01 00:00:00${'0'.repeat(50_000)}${' '.repeat(50_000)}!`;
    expect(backend.readTokens({ code: 1001, data: { token: 'a', token_time } })).not.toHaveProperty(
      'expiresAt',
    );
  });
});

describe('memory', () => {
  /** Set `MEMORY_REQUESTS=100000` for a long run. */
  const requests = Number(process.env.MEMORY_REQUESTS ?? 10_000);

  it(`${requests} requests leave nothing behind`, { timeout: 60_000 + 10 * requests }, async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const adapter: AxiosAdapter = async (config) => {
      const response = { data: '{}', status: 200, statusText: '', headers: {}, config, request: null };
      return response;
    };
    const { api, session } = createApp({ axios: { adapter } });
    await session.signIn(TOKENS);
    const send = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => new Response('{}') });
    const use = async (count: number) => {
      for (let index = 0; index < count; index++) {
        await api.get(`/order/${index}`);
        if (index % 10 === 0) await (await send(`${ORIGIN}/order/${index}`)).text();
        if (index % 10 === 1) await api.get(`/a b/${index}`, { signal: new AbortController().signal });
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = await use(2_000);
    const growth = (await use(requests)) - before;
    console.log(`heap after ${requests} requests: ${Math.round(growth / 1024)} kB more`);
    expect(growth).toBeLessThan(1_000_000);
  });
});
