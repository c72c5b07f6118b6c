import type { AxiosAdapter, AxiosError } from 'axios';
import { describe, expect, it } from 'vitest';
import { outcome } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../support/handmade.js';
import '../support/setup.js';

/** An adapter that records the timeout it gets. */
const adapter: AxiosAdapter = async (config) => ({
  data: config.timeout,
  status: 200,
  statusText: '',
  headers: {},
  config,
});

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

describe('a timeout that fits a timer', () => {
  it.each([1_000, '1000'])('ends the wait: %j', async (timeout) => {
    const clock = fakeClock({ timers: true });
    const app = createHandmade();
    await app.session.signIn(staleTokensOf('alice'));
    const answer = outcome(app.api.get(ECHO, { adapter, timeout: timeout as number }));
    await clock.tick(999);
    await clock.tick(2);
    expect((await answer) as AxiosError).toMatchObject({
      code: 'ECONNABORTED',
      message: 'timeout of 1000ms exceeded',
    });
  });

  it('is reduced by the time spent waiting', async () => {
    const clock = fakeClock({ timers: true });
    const app = createHandmade();
    await app.session.signIn(staleTokensOf('alice'));
    const answer = app.api.get(ECHO, { adapter, timeout: 1_000 });
    await clock.tick(400);
    app.refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    expect((await answer).data).toBe(600);
  });
});
