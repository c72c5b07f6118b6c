import { type AxiosAdapter, AxiosError, type AxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';
import { responding } from './responding.js';

mockNetwork();

/** An adapter that records the timeout it gets. */
const adapter: AxiosAdapter = (config) => responding({ data: config.timeout })(config);

async function waitFor(timeout: unknown) {
  const app = createHandmade();
  await app.session.signIn(staleTokensOf('alice'));
  const answer = outcome(app.api.get(ECHO, { adapter, timeout: timeout as number }));
  await app.refreshesBegun(1);
  return { ...app, answer };
}

describe('a timeout that is too long for a timer does not end the wait', () => {
  it.each([
    ['Infinity', Number.POSITIVE_INFINITY],
    ['NaN', Number.NaN],
    ['2 ** 31', 2 ** 31],
    ['2 ** 53', 2 ** 53],
    ['-1', -1],
    ['a word', 'soon'],
    ['an object', {}],
    ['null', null],
  ])('%s is passed to the adapter unchanged', async (_, timeout) => {
    const { answer, refreshes } = await waitFor(timeout);
    await new Promise((resolve) => setTimeout(resolve, 5));
    refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    expect((await answer) as { data: unknown }).toMatchObject({ data: timeout });
  });
});

/** A request of a user whose token has expired, with a clock that the test controls. */
async function waitByClock(config: AxiosRequestConfig) {
  const clock = fakeClock({ timers: true });
  await clock.tick(5_000); // the page has been open for a while
  const app = createHandmade();
  await app.session.signIn(staleTokensOf('alice'));
  const answer = outcome(app.api.get(ECHO, { adapter, ...config }));
  const refresh = () => app.refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
  return { clock, answer, refresh };
}

describe('a timeout that fits a timer', () => {
  it.each([1_000, '1000'])('ends the wait: %j', async (timeout) => {
    const { clock, answer, refresh } = await waitByClock({ timeout: timeout as number });
    await clock.tick(1_000);
    refresh();
    expect((await answer) as AxiosError).toMatchObject({
      code: 'ECONNABORTED',
      message: 'timeout of 1000ms exceeded',
      config: { url: ECHO },
    });
  });

  it('does not end the wait before its time', async () => {
    const { clock, answer, refresh } = await waitByClock({ timeout: 1_000 });
    await clock.tick(999);
    refresh();
    expect(await answer).toMatchObject({ data: 1 });
  });

  it('is reduced by the time spent waiting', async () => {
    const { clock, answer, refresh } = await waitByClock({ timeout: 1_000 });
    await clock.tick(400);
    refresh();
    expect(await answer).toMatchObject({ data: 600 });
  });

  it('is a whole number of milliseconds for the adapter, rounded up', async () => {
    const { clock, answer, refresh } = await waitByClock({ timeout: 1_000.5 });
    await clock.tick(400);
    refresh();
    expect(await answer).toMatchObject({ data: 601 });
  });

  it('may be the longest that a timer can have', async () => {
    const { clock, answer, refresh } = await waitByClock({ timeout: 2 ** 31 - 1 });
    await clock.tick(400);
    refresh();
    expect(await answer).toMatchObject({ data: 2 ** 31 - 401 });
  });

  it('is at least 1 ms if nothing is left, because 0 means no timeout for adapters', async () => {
    const clock = fakeClock({ timers: true });
    const app = createHandmade();
    await app.session.signIn({ accessToken: 'old', refreshToken: 'r' });
    const timeouts: unknown[] = [];
    const slow: AxiosAdapter = async (config) => {
      timeouts.push(config.timeout);
      if (timeouts.length > 1) return adapter(config);
      vi.advanceTimersByTime(1_200); // simulates a busy computer
      return { ...(await adapter(config)), status: 401 };
    };
    const answer = outcome(app.api.get(ECHO, { adapter: slow, timeout: 1_000 }));
    await clock.tick(0);
    app.refreshes[0]!.resolve({ accessToken: 'new' });
    await clock.tick(0);
    await answer;
    expect(timeouts).toEqual([1_000, 1]);
  });
});

describe('the error of a timeout during the wait', () => {
  const clear = { transitional: { clarifyTimeoutError: true } };
  it.each<[string, AxiosRequestConfig, { code: string; message: string }]>([
    ['is axios’s own', {}, { code: 'ECONNABORTED', message: 'timeout of 500ms exceeded' }],
    [
      'has a code of its own with clarifyTimeoutError',
      clear,
      { code: 'ETIMEDOUT', message: 'timeout of 500ms exceeded' },
    ],
    [
      'has the application’s message',
      { timeoutErrorMessage: 'too slow' },
      { code: 'ECONNABORTED', message: 'too slow' },
    ],
    [
      'ignores timeoutErrorMessage for the fetch adapter, as axios does',
      { adapter: 'fetch', timeoutErrorMessage: 'too slow' },
      { code: 'ETIMEDOUT', message: 'timeout of 500ms exceeded' },
    ],
  ])('%s', async (_, config, expected) => {
    const { clock, answer } = await waitByClock({ timeout: 500, ...config });
    await clock.tick(500);
    expect(await answer).toMatchObject({ ...expected, isAxiosError: true });
  });

  it('is axios’s own if there is no global fetch', async () => {
    vi.stubGlobal('fetch', undefined);
    // axios looks for fetch once for each set of classes.
    const env = { Request: class {} };
    const config = { timeout: 500, timeoutErrorMessage: 'too slow', env };
    const { clock, answer } = await waitByClock(config as unknown as AxiosRequestConfig);
    await clock.tick(500);
    vi.unstubAllGlobals();
    expect(await answer).toMatchObject({ code: 'ECONNABORTED', message: 'too slow' });
  });

  it('is axios’s own if an interceptor has dropped `transitional`', async () => {
    const clock = fakeClock({ timers: true });
    const app = createHandmade();
    await app.session.signIn(staleTokensOf('alice'));
    app.api.interceptors.request.use(({ transitional, ...config }) => config);
    const answer = outcome(app.api.get(ECHO, { adapter, timeout: 500 }));
    await clock.tick(500);
    expect(await answer).toMatchObject({ code: 'ECONNABORTED' });
  });
});

describe('the timeout error of an adapter that got only the remaining time', () => {
  /** The message of the request, after 400 of its 1,000 ms have passed. */
  async function messageOf(error: (remaining: unknown) => unknown, config: AxiosRequestConfig = {}) {
    const failing: AxiosAdapter = ({ timeout }) => Promise.reject(error(timeout));
    const { clock, answer, refresh } = await waitByClock({ timeout: 1_000, adapter: failing, ...config });
    await clock.tick(400);
    refresh();
    return ((await answer) as Error).message;
  }
  const exceeded = (ms: unknown, code: string) => new AxiosError(`timeout of ${ms}ms exceeded`, code);

  it.each(['ECONNABORTED', 'ETIMEDOUT'])(
    'names the whole timeout, as the caller set it: %s',
    async (code) => {
      expect(await messageOf((ms) => exceeded(ms, code))).toBe('timeout of 1000ms exceeded');
    },
  );

  it('stays unchanged if it is no timeout error', async () => {
    expect(await messageOf((ms) => exceeded(ms, 'ERR_NETWORK'))).toBe('timeout of 600ms exceeded');
  });

  it('stays unchanged if it has the application’s message', async () => {
    const timeoutErrorMessage = 'not within 600 ms';
    const error = () => new AxiosError(timeoutErrorMessage, 'ETIMEDOUT');
    expect(await messageOf(error, { timeoutErrorMessage })).toBe(timeoutErrorMessage);
  });

  it('may have no message', async () => {
    expect(await messageOf(() => ({ code: 'ETIMEDOUT' }))).toBeUndefined();
  });
});
