import axios, { type AxiosAdapter, type AxiosError, type AxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { outcome } from '../support/app.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';
import { responding } from './responding.js';

mockNetwork();

const adapter = responding({ data: 'sent' });

/** A request that waits for a refresh, and the end of that refresh. */
async function waitWith(config: AxiosRequestConfig) {
  const app = createHandmade();
  await app.session.signIn(staleTokensOf('alice'));
  const answer = outcome(app.api.get(ECHO, { adapter, ...config }));
  await app.refreshesBegun(1);
  const endRefresh = () => app.refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
  return { answer, endRefresh };
}

const dataOf = async (answer: Promise<unknown>) => ((await answer) as { data: unknown }).data;

describe('a request that waits for a refresh', () => {
  it('ends with axios’s own error as soon as its signal aborts', async () => {
    const controller = new AbortController();
    const { answer } = await waitWith({ signal: controller.signal });
    controller.abort();
    const error = (await answer) as AxiosError;
    expect(axios.isCancel(error)).toBe(true);
    expect(error.config!.url).toBe(ECHO);
  });

  it('ends with the reason of its cancelToken', async () => {
    const source = axios.CancelToken.source();
    const { answer } = await waitWith({ cancelToken: source.token });
    source.cancel('enough');
    const error = (await answer) as AxiosError;
    expect([axios.isCancel(error), error.message]).toEqual([true, 'enough']);
  });

  it('ends at once if its signal aborted while the server refused the token', async () => {
    const controller = new AbortController();
    const app = createHandmade();
    await app.session.signIn({ accessToken: tokenOf('alice'), refreshToken: 'r' });
    const refusing: AxiosAdapter = async (config) => {
      controller.abort();
      return { ...(await adapter(config)), status: 401 };
    };
    const { signal } = controller;
    expect(axios.isCancel(await outcome(app.api.get(ECHO, { adapter: refusing, signal })))).toBe(true);
  });

  it('accepts a signal that has only the field `aborted`', async () => {
    const { answer, endRefresh } = await waitWith({ signal: { aborted: false } });
    endRefresh();
    expect(await dataOf(answer)).toBe('sent');
  });

  it('leaves no listener and no timer behind', async () => {
    const { signal } = new AbortController();
    const { token } = axios.CancelToken.source();
    const listeners = token as unknown as Record<'subscribe' | 'unsubscribe', () => void>;
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    const [subscribed, unsubscribed] = [vi.spyOn(listeners, 'subscribe'), vi.spyOn(listeners, 'unsubscribe')];
    const [started, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')];
    const { answer, endRefresh } = await waitWith({ signal, cancelToken: token, timeout: 1_000_000 });
    endRefresh();
    expect(await dataOf(answer)).toBe('sent');
    expect(added).toHaveBeenCalledOnce();
    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(subscribed).toHaveBeenCalledOnce();
    expect(unsubscribed.mock.calls).toEqual(subscribed.mock.calls);
    const timer = started.mock.results[started.mock.calls.findIndex(([, ms]) => ms! > 900_000)]!.value;
    expect(cleared).toHaveBeenCalledWith(timer);
    vi.restoreAllMocks();
  });
});
