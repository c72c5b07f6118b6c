import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RedisOptions } from '../../src/redis/index.js';
import { readRedisOptions } from '../../src/redis/options.js';
import { RedisMeeting } from '../../src/redis/redis-meeting.js';
import { outcome } from '../support/outcome.js';
import { useClock } from '../support/session.js';
import { MemoryRedis } from './memory-redis.js';

const clock = useClock();
let redis: MemoryRedis;

beforeEach(() => {
  redis = new MemoryRedis();
});

/** A process of its own, because it has its own client. */
const meet = (options: Partial<RedisOptions> = {}) =>
  new RedisMeeting(readRedisOptions({ client: redis.node(), key: 'k', ...options }));

/** A member that requests the turn. Its work lasts until the test ends it. */
function want(meeting: RedisMeeting = meet(), holdFor = 1_000) {
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = vi.fn((_isOver?: () => boolean) => promise);
  const result = outcome(meeting.inTurn(work, { holdFor, signal: controller.signal }));
  return {
    work,
    result,
    end: () => resolve('done'),
    fail: reject,
    signal: controller.signal,
    abort: (reason?: Error) => controller.abort(reason),
  };
}

async function hold(meeting?: RedisMeeting, holdFor?: number) {
  const tab = want(meeting, holdFor);
  await clock.tick(0);
  expect(tab.work).toHaveBeenCalledOnce();
  return tab;
}

const TOO_LONG = {
  code: 'refresh_unavailable',
  message: 'Another process is refreshing, and takes too long',
};
const tries = () => redis.commands.filter((command) => command.startsWith('turn')).length;

describe('the turn of a process', () => {
  it('returns what its work returns', async () => {
    const tab = await hold();
    tab.end();
    expect(await tab.result).toBe('done');
  });

  it('rejects if its work does', async () => {
    const tab = await hold();
    tab.fail(new Error('failed'));
    expect(await tab.result).toEqual(new Error('failed'));
  });

  it.each([
    ['ended', (tab: ReturnType<typeof want>) => tab.end()],
    ['failed', (tab: ReturnType<typeof want>) => tab.fail(new Error('failed'))],
  ])('begins when the previous work has %s', async (_, finish) => {
    const first = await hold();
    const second = want();
    await clock.tick(500);
    expect(second.work).not.toHaveBeenCalled();
    finish(first);
    await clock.tick(1_500);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it('does not wait for a session with another key', async () => {
    await hold();
    await hold(meet({ key: 'other' }));
  });

  it.each([
    ['k', '{k}:turn'],
    ['{tenant}:k', '{tenant}:k:turn'],
    ['{}k', '{{}k}:turn'],
    ['k}{', '{k}{}:turn'],
  ])('uses a key in the slot of its entry: %s, %s', async (key, turn) => {
    await hold(meet({ key }));
    expect(redis.commands).toEqual([`turn ${key} ${turn}`]);
  });

  it.each([
    [1_000, 2_000],
    [20_000, 25_000],
  ])('of at most %i ms ends after %i ms if its process is killed', async (holdFor, lasts) => {
    await hold(undefined, holdFor);
    const set = Date.now();
    expect(redis.double.get('{k}:turn')).not.toBeNull();
    await clock.tick(lasts - 1);
    expect([Date.now() - set, redis.double.get('{k}:turn') === null]).toEqual([lasts - 1, false]);
    await clock.tick(1);
    expect(redis.double.get('{k}:turn')).toBeNull();
  });

  it('reports when too little time is left for a call of the backend', async () => {
    await clock.tick(5_000);
    const { work } = await hold();
    const isOver = work.mock.calls[0]![0]!;
    await clock.tick(1_000);
    expect(isOver()).toBe(false);
    await clock.tick(1);
    expect(isOver()).toBe(true);
  });

  it('is requested no longer than it can last, and once more at the end', async () => {
    redis.double.set('{k}:turn', 'somebody', 1_000_000);
    const second = want();
    const settled = vi.fn();
    void second.result.then(settled);
    await clock.tick(2_000);
    expect(settled).not.toHaveBeenCalled();
    const before = tries();
    await clock.tick(2);
    expect(tries()).toBe(before + 1);
    expect(await second.result).toMatchObject(TOO_LONG);
    expect(second.work).not.toHaveBeenCalled();
  });

  it.each([
    ['shortly after', 1_000, [0, 20, 60, 140, 300, 620, 1_260, 2_001]],
    ['even after a request at', 310, [0, 20, 60, 140, 300, 620, 621]],
  ])('is requested once more %s the end of the wait', async (_, holdFor, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    redis.double.set('{k}:turn', 'somebody', 1_000_000);
    const times: number[] = [];
    const started = Date.now();
    redis.before = () => void times.push(Date.now() - started);
    want(undefined, holdFor);
    await clock.tick(5_000);
    expect(times).toEqual(expected);
  });

  it('is requested less and less often', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    redis.double.set('{k}:turn', 'somebody', 1_000_000);
    const times: number[] = [];
    const started = Date.now();
    redis.before = () => void times.push(Date.now() - started);
    want(undefined, 10_000);
    await clock.tick(14_000);
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(waits).toEqual([0, 20, 40, 80, 160, 320, 640, 1_280, 2_000, 2_000, 2_000, 2_000, 2_000]);
  });

  it.each([
    [0, 10],
    [1, 30],
  ])(
    'is requested at different times by different members: a random %d leads to %i ms',
    async (random, ms) => {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      redis.double.set('{k}:turn', 'somebody', 1_000_000);
      want();
      await clock.tick(ms - 1);
      expect(tries()).toBe(1);
      await clock.tick(1);
      expect(tries()).toBe(2);
    },
  );

  it.each([
    [100, 400],
    [2_000, 5_000],
  ])('is requested less often if Redis is slow: a reply after %i ms leads to %i ms', async (slow, rest) => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    redis.double.set('{k}:turn', 'somebody', 1_000_000);
    redis.before = () => new Promise((resolve) => setTimeout(resolve, slow));
    want(undefined, 20_000);
    await clock.tick(slow + rest - 1);
    expect(tries()).toBe(1);
    await clock.tick(1);
    expect(tries()).toBe(2);
  });

  it('is no longer requested after an abort', async () => {
    await hold();
    const second = want();
    await clock.tick(5);
    second.abort(new Error('enough'));
    await clock.tick(0);
    expect(await second.result).toEqual(new Error('enough'));
    const before = tries();
    await clock.tick(5_000);
    expect([tries(), second.work.mock.calls.length]).toEqual([before, 0]);
  });

  it('leaves no listener after each request', async () => {
    redis.double.set('{k}:turn', 'somebody', 1_000_000);
    const tab = want();
    const listeners = () => getEventListeners(tab.signal, 'abort').length;
    await clock.tick(5);
    const before = listeners();
    await clock.tick(1_500);
    expect(tries()).toBeGreaterThan(4);
    expect(listeners()).toBe(before);
  });

  it('leaves no timer after an abort', async () => {
    redis.double.set('{k}:turn', 'somebody', 1_000_000);
    const tab = want();
    await clock.tick(5);
    tab.abort(new Error('enough'));
    await tab.result;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the sessions of a process', () => {
  it('take turns without repeated requests to Redis', async () => {
    const client = redis.node();
    const first = await hold(meet({ client }));
    const second = want(meet({ client }));
    await clock.tick(500);
    expect(tries()).toBe(1);
    first.end();
    await clock.tick(0);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it('take turns one after the other, even if a session comes during the second turn', async () => {
    const client = redis.node();
    const first = await hold(meet({ client }));
    const second = want(meet({ client }));
    const third = want(meet({ client }));
    first.end();
    await clock.tick(500);
    const fourth = want(meet({ client }));
    await clock.tick(500);
    expect(tries()).toBe(2);
    expect([third, fourth].map(({ work }) => work.mock.calls.length)).toEqual([0, 0]);
    for (const tab of [second, third, fourth]) {
      tab.end();
      await clock.tick(0);
    }
    expect(await Promise.all([second.result, third.result, fourth.result])).toEqual(Array(3).fill('done'));
    expect(tries()).toBe(4);
  });

  it('continue if one of them gives up in the queue', async () => {
    const client = redis.node();
    const first = await hold(meet({ client }));
    const second = want(meet({ client }));
    await clock.tick(0);
    second.abort(new Error('enough'));
    expect(await second.result).toEqual(new Error('enough'));
    first.end();
    const third = want(meet({ client }));
    await clock.tick(0);
    expect(third.work).toHaveBeenCalledOnce();
  });

  it('wait for each other no longer than a turn can last', async () => {
    const client = redis.node();
    await hold(meet({ client }));
    const second = want(meet({ client }));
    const settled = vi.fn();
    void second.result.then(settled);
    await clock.tick(1_999);
    expect(settled).not.toHaveBeenCalled();
    await clock.tick(1);
    expect(await second.result).toMatchObject(TOO_LONG);
  });

  it('with different keys do not wait for each other', async () => {
    const client = redis.node();
    await hold(meet({ client }));
    await hold(meet({ client, key: 'other' }));
  });
});

describe('if Redis does not respond', () => {
  it('a turn is unavailable, and is given back if Redis granted it after all', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    redis.after = () => promise;
    const tab = want(meet({ timeout: 500 }));
    await clock.tick(500);
    expect(await tab.result).toMatchObject({ code: 'refresh_unavailable' });
    expect(redis.double.get('{k}:turn')).not.toBeNull();
    redis.after = () => {};
    resolve();
    await clock.tick(0);
    expect(redis.double.get('{k}:turn')).toBeNull();
  });

  it('a turn is unavailable if the command fails', async () => {
    redis.before = () => {
      throw new Error('closed');
    };
    const tab = want();
    expect(await tab.result).toMatchObject({
      code: 'refresh_unavailable',
      message: 'Redis failed: closed',
    });
    expect(tries()).toBe(1);
  });

  it('an error of giving back a turn is ignored, because the turn ends by itself', async () => {
    const tab = await hold();
    redis.before = () => {
      throw new Error('closed');
    };
    tab.end();
    expect(await tab.result).toBe('done');
    await clock.tick(0);
  });

  it('a turn whose entry cannot be read is given back', async () => {
    redis.double.set('k', 'v1 sealed', 1_000_000);
    const decrypt = () => Promise.reject(new Error('no key'));
    const tab = want(meet({ encrypt: (text) => text, decrypt }));
    expect(await tab.result).toMatchObject({
      code: 'refresh_unavailable',
      message: 'Redis failed: no key',
    });
    await clock.tick(0);
    expect(redis.double.get('{k}:turn')).toBeNull();
    expect(tab.work).not.toHaveBeenCalled();
  });
});
