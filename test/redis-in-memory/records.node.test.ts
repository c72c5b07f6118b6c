import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenSet } from '../../src/index.js';
import { type RedisOptions, redisStore } from '../../src/redis/index.js';
import { readRedisOptions } from '../../src/redis/options.js';
import { RedisMeeting } from '../../src/redis/redis-meeting.js';
import { fakeClock } from '../support/clock.js';
import { outcome } from '../support/outcome.js';
import { MemoryRedis } from './memory-redis.js';

let redis: MemoryRedis;
let clock: ReturnType<typeof fakeClock>;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  redis = new MemoryRedis();
  vi.spyOn(console, 'warn').mockReturnValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const DAY = 86_400_000;
const TOKENS: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1' };
type Options = Partial<RedisOptions>;
const storeOf = (options: Options = {}) => redisStore({ client: redis.node(), key: 'k', ...options });
const meet = (options: Options = {}) =>
  new RedisMeeting(readRedisOptions({ client: redis.node(), key: 'k', ...options }));
const keep = () => undefined;
const entryOf = (text = redis.double.get('k')!) => JSON.parse(text.slice(text.indexOf(' ') + 1));

describe('a store without a session', () => {
  it('is empty at first', async () => {
    expect(await storeOf().read()).toBeNull();
  });

  it('is written for the first time with two commands', async () => {
    await storeOf().write(TOKENS);
    expect(redis.commands).toEqual(['get k', 'eval k']);
  });

  it('reads what another store has written, with its generation', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.9);
    const now = Date.now();
    await storeOf().write(TOKENS);
    const read = (await storeOf().read())!;
    expect(read).toMatchObject(TOKENS);
    expect(read.generation).toBeGreaterThanOrEqual(now);
    expect(read.generation).toBeLessThan(now + 1);
  });

  it('is read once before the first write', async () => {
    await storeOf().write(TOKENS);
    expect(redis.commands).toEqual(['get k', 'eval k']);
  });

  it('begins a new session with each sign-in', async () => {
    await storeOf().write(TOKENS);
    const { sessionId } = entryOf();
    expect(entryOf().tokens.sessionId).toBe(sessionId);
    expect(sessionId).toMatch(/^0\.\w{5,}$/);
    await storeOf().write(TOKENS);
    expect(entryOf().sessionId).not.toBe(sessionId);
  });

  it('is empty after a sign-out', async () => {
    await storeOf().write(TOKENS);
    await storeOf().write(null);
    expect(await storeOf().read()).toBeNull();
    expect(entryOf()).toEqual({ generation: expect.any(Number), tokens: null });
  });

  it('writes a higher generation than the one in Redis, even if the clock was set back', async () => {
    await storeOf().write(TOKENS);
    const { generation } = entryOf();
    clock.set(-DAY);
    await storeOf().write(null);
    expect(entryOf().generation).toBeGreaterThanOrEqual(generation + 1);
    expect(entryOf().generation).toBeLessThan(generation + 2);
  });

  it('treats tokens without a generation as older than all others', async () => {
    redis.double.set('k', `v1 ${JSON.stringify({ generation: 0, tokens: TOKENS })}`, DAY);
    expect(await storeOf().read()).toEqual({ ...TOKENS, generation: 0 });
  });

  it.each([
    ['tokens', TOKENS, 30 * DAY, 30 * DAY],
    ['tokens', TOKENS, 1_000, 1_000],
    ['a sign-out', null, 30 * DAY, DAY],
    ['a sign-out', null, 1_000, 1_000],
  ])('keeps %s (%j) with a ttl of %i ms in Redis for %i ms', async (_, tokens, ttl, kept) => {
    await storeOf({ ttl }).write(tokens);
    await clock.tick(0);
    vi.setSystemTime(Date.now() + kept - 1);
    expect(redis.double.get('k')).not.toBeNull();
    vi.setSystemTime(Date.now() + 1);
    expect(redis.double.get('k')).toBeNull();
  });
});

describe('the value in Redis', () => {
  const encrypt = vi.fn(async (text: string, key: string) => `${key}|${btoa(text)}`);
  const decrypt = vi.fn(async (text: string, key: string) =>
    text.startsWith(`${key}|`) ? atob(text.split('|')[1]!) : null,
  );

  it('is encrypted for its key if the store encrypts', async () => {
    await storeOf({ encrypt, decrypt }).write(TOKENS);
    expect(redis.double.get('k')).toMatch(/^\S+ k\|[\w=]+$/);
    expect(await storeOf({ encrypt, decrypt }).read()).toMatchObject(TOKENS);
  });

  it.each([
    ['that of another program', '{\n "cart": 7\n}'],
    ['text', 'hello world'],
    ['nothing but a version', 'v1 '],
    ['an entry without a generation', 'v1 {"tokens":null}'],
    ['tokens without an access token', 'v1 {"generation":7,"tokens":{}}'],
  ])('is treated as empty with a warning if it is %s', async (_, value) => {
    redis.double.set('k', value, DAY);
    expect(await storeOf().read()).toBeNull();
    expect(console.warn).toHaveBeenCalledExactlyOnceWith(
      'unexpired: a key in Redis holds something that cannot be read',
    );
    expect(redis.double.get('k')).toBe(value);
  });

  it('is treated as empty if it begins with a space', async () => {
    redis.double.set('k', ` ${JSON.stringify({ generation: 7, tokens: TOKENS })}`, DAY);
    expect(await storeOf().read()).toBeNull();
  });

  it('is treated as empty if it can no longer be decrypted', async () => {
    redis.double.set('k', 'v1 other|abc', DAY);
    expect(await storeOf({ encrypt, decrypt }).read()).toBeNull();
    expect(console.warn).toHaveBeenCalledOnce();
  });

  it('causes no warning if there is none', async () => {
    await storeOf().read();
    expect(console.warn).not.toHaveBeenCalled();
  });

  it('causes refresh_unavailable if it cannot be decrypted at the moment', async () => {
    redis.double.set('k', 'v1 x', DAY);
    const store = storeOf({ encrypt, decrypt: () => Promise.reject(new Error('no key')) });
    expect(await outcome(store.read() as Promise<unknown>)).toMatchObject({ code: 'refresh_unavailable' });
  });

  it('is decrypted once for each version', async () => {
    await storeOf({ encrypt, decrypt }).write(TOKENS);
    decrypt.mockClear();
    const store = storeOf({ encrypt, decrypt });
    await store.read();
    await store.read();
    expect(decrypt).toHaveBeenCalledOnce();
  });

  it('is overwritten by the next sign-in, even if it is invalid', async () => {
    redis.double.set('k', 'hello world', DAY);
    await storeOf().write(TOKENS);
    expect(await storeOf().read()).toMatchObject(TOKENS);
  });

  it.each([' ', '\t', '\n', '\v', '\f', '\r'])('begins with a version that ends at %j', async (space) => {
    redis.double.set('k', `v1${space}{"generation":1}`, DAY);
    const meeting = meet();
    expect(await meeting.update((old) => ({ generation: (old?.generation ?? 0) + 1 }))).toEqual({
      generation: 2,
    });
    expect(entryOf()).toEqual({ generation: 2 });
  });
});

describe('a change of the entry', () => {
  it('returns the new entry', async () => {
    const meeting = meet();
    expect(await meeting.update(keep)).toBeUndefined();
    expect(await meeting.update(() => ({ generation: 1 }))).toEqual({ generation: 1 });
    expect(await meeting.update(keep)).toEqual({ generation: 1 });
    expect(await meet().update(keep)).toEqual({ generation: 1 });
  });

  it('is repeated with the newer entry if another process has written meanwhile', async () => {
    const [one, two] = [meet(), meet()];
    await one.update(() => ({ generation: 1 }));
    await two.update((old) => ({ generation: old!.generation + 10 }));
    const seen: unknown[] = [];
    const change = (old: { generation: number } | undefined) => {
      seen.push(old?.generation);
      return { generation: (old?.generation ?? 0) + 100 };
    };
    expect(await one.update(change)).toEqual({ generation: 111 });
    expect(seen).toEqual([1, 11]);
  });

  it('is dropped if the entry of another process makes it unnecessary', async () => {
    const [one, two] = [meet(), meet()];
    await one.update(() => ({ generation: 1 }));
    await two.update(() => ({ generation: 2 }));
    expect(await one.update((old) => (old?.generation === 1 ? { generation: 3 } : undefined))).toEqual({
      generation: 2,
    });
    expect(entryOf()).toEqual({ generation: 2 });
  });

  it('that is not needed returns the current entry, not the one that was read before', async () => {
    const [one, two] = [meet(), meet()];
    await one.update(() => ({ generation: 1 }));
    await two.update(() => ({ generation: 2 }));
    expect(await one.update(keep)).toEqual({ generation: 2 });
  });

  it('waits for earlier changes', async () => {
    const meeting = meet();
    const order: number[] = [];
    const delays = [40, 0];
    redis.before = () => new Promise((resolve) => setTimeout(resolve, delays.shift()));
    const changes = [1, 2].map((generation) =>
      meeting.update(() => ({ generation })).then(() => order.push(generation)),
    );
    await clock.tick(200);
    await Promise.all(changes);
    expect([order, entryOf()]).toEqual([[1, 2], { generation: 2 }]);
  });

  it('runs even if an earlier change has failed', async () => {
    const meeting = meet();
    redis.before = () => Promise.reject(new Error('closed'));
    await expect(meeting.update(() => ({ generation: 1 }))).rejects.toMatchObject({
      code: 'refresh_unavailable',
    });
    redis.before = () => {};
    expect(await meeting.update(() => ({ generation: 2 }))).toEqual({ generation: 2 });
  });

  it('rejects with refresh_unavailable if Redis does not respond in time', async () => {
    const meeting = meet({ timeout: 100 });
    redis.before = () => new Promise(() => {});
    const result = outcome(meeting.update(keep));
    await clock.tick(100);
    expect(await result).toMatchObject({ code: 'refresh_unavailable' });
    const read = outcome(storeOf({ timeout: 100 }).read() as Promise<unknown>);
    await clock.tick(100);
    expect(await read).toMatchObject({ code: 'refresh_unavailable' });
  });

  it('rejects after fifty conflicts', async () => {
    const meeting = meet();
    let conflicts = 0;
    redis.before = () => redis.double.set('k', `v${++conflicts} {"generation":${conflicts}}`, DAY);
    const result = await outcome(meeting.update((old) => ({ generation: (old?.generation ?? 0) + 1 })));
    expect(result).toMatchObject({ code: 'refresh_unavailable', message: 'Redis is too busy' });
    expect(redis.commands.filter((command) => command.startsWith('eval')).length).toBe(52);
  });
});

describe('a member of the fleet is notified', () => {
  const limits = () => ({ signal: new AbortController().signal, holdFor: 1_000 });
  /** A member that listens. */
  async function listen(options: Options = {}) {
    const meeting = meet(options);
    const changed = vi.fn();
    const stop = meeting.listen({ changed });
    await clock.tick(1_000);
    changed.mockClear();
    return { meeting, changed, stop };
  }

  it('of a change by another process, once for each change', async () => {
    const { changed } = await listen();
    await meet().update(() => ({ generation: 1 }));
    await clock.tick(0);
    expect(changed).toHaveBeenCalledOnce();
    redis.subscribers[0]!.hear!('k');
    await clock.tick(0);
    expect(changed).toHaveBeenCalledOnce();
  });

  it('of a change by another session in its process, without a message from Redis', async () => {
    const client = redis.node();
    const { changed } = await listen({ client });
    redis.subscribers[0]!.hear = undefined;
    redis.commands.length = 0;
    await meet({ client }).update(() => ({ generation: 1 }));
    await clock.tick(0);
    expect(changed).toHaveBeenCalledOnce();
    expect(redis.commands.filter((command) => command === 'get k').length).toBe(1);
  });

  it('of no change of its own', async () => {
    const { meeting, changed } = await listen();
    await meeting.update(() => ({ generation: 1 }));
    await clock.tick(0);
    expect(changed).not.toHaveBeenCalled();
  });

  it('of no change after stop(), and reads nothing', async () => {
    const client = redis.node();
    const { changed, stop } = await listen({ client });
    await listen({ client, key: 'other' });
    stop();
    await meet().update(() => ({ generation: 1 }));
    redis.commands.length = 0;
    redis.subscribers[0]!.hear!('k');
    await clock.tick(0);
    expect(changed).not.toHaveBeenCalled();
    expect(redis.commands).toEqual([]);
  });

  it('of a change that another session in its process finds when it takes the turn', async () => {
    const client = redis.node();
    const { changed } = await listen({ client });
    redis.subscribers[0]!.hear = undefined;
    await meet().update(() => ({ generation: 1 }));
    await meet({ client }).inTurn(async () => {}, limits());
    await clock.tick(0);
    expect(changed).toHaveBeenCalledOnce();
  });

  it('of no change if it gives up before its turn', async () => {
    const client = redis.node();
    await meet().update(() => ({ generation: 1 }));
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = meet({ client }).inTurn(() => promise, limits());
    await clock.tick(0);
    const meeting = meet({ client });
    const changed = vi.fn();
    meeting.listen({ changed });
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await outcome(meeting.inTurn(async () => {}, { ...limits(), signal }))).toEqual(
      new Error('enough'),
    );
    await clock.tick(0);
    expect(changed).not.toHaveBeenCalled();
    resolve();
    await first;
  });

  it('of a change that it finds while it waits for the turn', async () => {
    const { meeting, changed } = await listen();
    redis.subscribers[0]!.hear = undefined;
    redis.double.set('{k}:turn', 'somebody', 100);
    await meet().update(() => ({ generation: 1 }));
    const result = meeting.inTurn(async () => 'done', limits());
    await clock.tick(0);
    expect(changed).toHaveBeenCalledOnce();
    await clock.tick(1_000);
    expect(await result).toBe('done');
  });

  it('of no change that it reads in its turn', async () => {
    const { meeting, changed } = await listen();
    redis.subscribers[0]!.hear = undefined;
    await meet().update(() => ({ generation: 1 }));
    await meeting.inTurn(() => meeting.update(keep), limits());
    await clock.tick(0);
    expect(changed).not.toHaveBeenCalled();
  });

  it('of a change that it finds in a turn that fails', async () => {
    const { meeting, changed } = await listen();
    redis.subscribers[0]!.hear = undefined;
    await meet().update(() => ({ generation: 1 }));
    const result = await outcome(meeting.inTurn(() => Promise.reject(new Error('failed')), limits()));
    await clock.tick(0);
    expect(result).toEqual(new Error('failed'));
    expect(changed).toHaveBeenCalledOnce();
  });

  it('of no change in a turn that fails if there is none', async () => {
    const { meeting, changed } = await listen();
    await outcome(meeting.inTurn(() => Promise.reject(new Error('failed')), limits()));
    await clock.tick(0);
    expect(changed).not.toHaveBeenCalled();
  });

  it.each([
    ['for the first time', false],
    ['even if it knows the entry already', true],
  ])('of the entry with its turn, so that it needs no read: %s', async (_, hasHeard) => {
    const { meeting } = await listen();
    if (!hasHeard) redis.subscribers[0]!.hear = undefined;
    await meet().update(() => ({ generation: 1 }));
    await clock.tick(0);
    redis.commands.length = 0;
    expect(await meeting.inTurn(() => meeting.update(keep), limits())).toEqual({ generation: 1 });
    expect(redis.commands.filter((command) => command.startsWith('get'))).toEqual([]);
  });

  it('of the entry only within that turn, and reads it again afterwards', async () => {
    const meeting = meet();
    await meet().update(() => ({ generation: 1 }));
    await meeting.inTurn(async () => {}, limits());
    await meet().update(() => ({ generation: 2 }));
    expect(await meeting.update(keep)).toEqual({ generation: 2 });
  });

  it('of no change whose entry cannot be decrypted, which causes no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    const decrypt = () => Promise.reject(new Error('no key'));
    const { changed } = await listen({ encrypt: (text) => text, decrypt });
    await meet().update(() => ({ generation: 1 }));
    await clock.tick(0);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(changed).not.toHaveBeenCalled();
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('of no change while Redis cannot be read', async () => {
    const { changed } = await listen();
    redis.before = () => Promise.reject(new Error('closed'));
    redis.subscribers[0]!.hear!('k');
    await clock.tick(0);
    expect(changed).not.toHaveBeenCalled();
  });
});

it('a meeting is named after the key, and its ledger may hold tokens', () => {
  expect(meet()).toMatchObject({ name: 'k', persistent: true });
  expect(meet().notify()).toBeUndefined();
});
