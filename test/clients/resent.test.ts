import axios, { type AxiosError, type AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';
import { HttpResponse, http } from 'msw';
import * as rax from 'retry-axios';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { ORIGIN, outcome } from '../support/app.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const codeOf = (error: unknown) => ((error as AxiosError).cause as { code?: string } | undefined)?.code;

/** The ways in which other code can send a rejected request again. */
const ways: [string, (api: AxiosInstance) => void][] = [
  ['axios-retry with its defaults', (api) => axiosRetry(api, { retries: 2 })],
  ['axios-retry on every error', (api) => axiosRetry(api, { retries: 2, retryCondition: () => true })],
  ['retry-axios', useRetryAxios],
  ['api.request(error.config)', (api) => resend(api, (error) => api.request(error.config!))],
  ['api(copy of error.config)', (api) => resend(api, ({ config }) => api({ ...config! }))],
  [
    'axios.request(error.config), by an instance without a session',
    (api) => resend(api, (error) => axios.request(error.config!)),
  ],
  [
    'a part of error.config',
    (api) => resend(api, ({ config }) => api.post(config!.url!, config!.data, { ...config! })),
  ],
];

function useRetryAxios(api: AxiosInstance): void {
  api.defaults.raxConfig = {
    retry: 2,
    noResponseRetries: 2,
    retryDelay: 1,
    backoffType: 'static',
    httpMethodsToRetry: ['POST', 'GET'],
    shouldRetry: ({ config }: AxiosError) => (config?.raxConfig?.currentRetryAttempt ?? 0) < 2,
  } as never;
  rax.attach(api as never);
}

function resend(api: AxiosInstance, send: (error: AxiosError) => Promise<unknown>): void {
  let left = 2;
  api.interceptors.response.use(undefined, (error) => (left-- > 0 ? send(error) : Promise.reject(error)));
}

describe.each(ways)('a rejected request that is sent again by %s', (_, install) => {
  it("is not sent with another user's token", async () => {
    const { api, session, seen, refreshesBegun } = createHandmade();
    install(api);
    await session.signIn(staleTokensOf('alice'));
    const waiting = outcome(api.post(ECHO, { of: 'alice' }));
    await refreshesBegun(1);
    await session.signIn({ accessToken: tokenOf('bob') });
    expect(codeOf(await waiting)).toBe('session_changed');
    expect(seen).toEqual([]);
  });

  it('is not sent without a token after a sign-out', async () => {
    const { api, session, seen, refreshesBegun } = createHandmade();
    install(api);
    await session.signIn(staleTokensOf('alice'));
    const waiting = outcome(api.post(ECHO, { of: 'alice' }));
    await refreshesBegun(1);
    await session.signOut();
    expect(codeOf(await waiting)).toBe('signed_out');
    expect(seen).toEqual([]);
  });

  it('does not start a refresh for another user', async () => {
    const { api, session, seen, refreshes, refreshesBegun } = createHandmade();
    install(api);
    await session.signIn(staleTokensOf('alice'));
    const waiting = outcome(api.post(ECHO, { of: 'alice' }));
    await refreshesBegun(1);
    await session.signIn(staleTokensOf('bob'));
    expect(codeOf(await waiting)).toBe('session_changed');
    expect([seen.length, refreshes.length]).toEqual([0, 1]);
  });

  it('is sent after the refresh if the same user is still signed in', async () => {
    const { api, session, seen, refreshes, refreshesBegun } = createHandmade();
    install(api);
    network.use(http.post(ECHO, () => HttpResponse.error(), { once: true }));
    await session.signIn(staleTokensOf('alice'));
    const answer = api.post(ECHO, { of: 'alice' }, {
      'axios-retry': { retryCondition: () => true },
    } as never);
    await refreshesBegun(1);
    refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    expect((await answer).status).toBe(200);
    expect(seen).toMatchObject([{ token: tokenOf('alice', 1), body: '{"of":"alice"}' }]);
  });
});

describe('a failed request that is sent again with its config', () => {
  /** A request of alice that fails with a network error. */
  async function lost() {
    const app = createHandmade();
    await app.session.signIn({ accessToken: tokenOf('alice') });
    network.use(http.get(`${ORIGIN}/lost`, () => HttpResponse.error(), { once: true }));
    const { config } = (await outcome(app.api.get('/lost'))) as AxiosError;
    network.use(
      http.get(`${ORIGIN}/lost`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
    );
    return { ...app, config: config! };
  }

  it('still belongs to its user', async () => {
    const { api, session, config } = await lost();
    await session.signIn({ accessToken: tokenOf('bob') });
    expect(codeOf(await outcome(api.request(config)))).toBe('session_changed');
    await session.signOut();
    expect(codeOf(await outcome(api.request(config)))).toBe('signed_out');
  });

  it('is sent if the same user has signed out and in again', async () => {
    const { api, session, config } = await lost();
    await session.signOut();
    await session.signIn({ accessToken: tokenOf('alice', 1) });
    expect((await api.request(config)).data).toBe(`Bearer ${tokenOf('alice', 1)}`);
  });

  it('is sent with a token by an instance that has another session', async () => {
    const { config } = await lost();
    const other = createHandmade();
    await other.session.signIn({ accessToken: tokenOf('carol') });
    expect((await other.api.request(config)).data).toBe(`Bearer ${tokenOf('carol')}`);
  });

  it('is sent with a token after a sign-in if nobody was signed in at first', async () => {
    const { api, session } = createHandmade();
    network.use(
      http.get(`${ORIGIN}/mine`, ({ request }) =>
        HttpResponse.json(null, { status: request.headers.has('authorization') ? 200 : 401 }),
      ),
    );
    const error = (await outcome(api.get('/mine'))) as AxiosError;
    await session.signIn({ accessToken: tokenOf('alice') });
    expect((await api.request(error.config!)).status).toBe(200);
    await session.signIn({ accessToken: tokenOf('bob') });
    expect(codeOf(await outcome(api.request(error.config!)))).toBe('session_changed');
  });

  it('still belongs to its user if a mock of the application removed the adapter from the config', async () => {
    const { api, session } = createHandmade();
    await session.signIn({ accessToken: tokenOf('alice') });
    api.defaults.adapter = async (config) => {
      delete (config as { adapter?: unknown }).adapter;
      throw new axios.AxiosError('lost', 'ERR_NETWORK', config);
    };
    const { config } = (await outcome(api.get('/lost'))) as AxiosError;
    await session.signIn({ accessToken: tokenOf('bob') });
    expect(codeOf(await outcome(api.request(config!)))).toBe('session_changed');
  });

  it('still belongs to its user after the session was detached and attached again', async () => {
    const { api, session, config, detach } = await lost();
    detach();
    attachSession(api, session);
    await session.signIn({ accessToken: tokenOf('bob') });
    expect(codeOf(await outcome(api.request(config)))).toBe('session_changed');
  });
});
