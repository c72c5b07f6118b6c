import { describe, expect, it } from 'vitest';
import { type RedisOptions, redisFleet, redisStore } from '../../src/redis/index.js';
import { readRedisOptions } from '../../src/redis/options.js';

const client = { get() {}, eval() {}, duplicate() {} };
const options = { client, key: 'k' };

describe.each([
  ['redisStore', redisStore],
  ['redisFleet', redisFleet],
])('%s', (_, create) => {
  it.each<[object | undefined, Error]>([
    [undefined, new TypeError('"client" must be a client of `redis` or `ioredis`, got undefined')],
    [
      { client: undefined },
      new TypeError('"client" must be a client of `redis` or `ioredis`, got undefined'),
    ],
    [
      { client: 'redis://' },
      new TypeError('"client" must be a client of `redis` or `ioredis`, got a string'),
    ],
    [{ key: '' }, new TypeError('"key" must be a non-empty string, got an empty string')],
    [{ ttl: 0 }, new RangeError('"ttl" must be a positive whole number of milliseconds, got 0')],
    [{ ttl: -1 }, new RangeError('"ttl" must be a positive whole number of milliseconds, got -1')],
    [{ timeout: 1.5 }, new RangeError('"timeout" must be a positive whole number of milliseconds, got 1.5')],
    [{ encrypt: 7 }, new TypeError('"encrypt" must be a function, got 7')],
    [{ decrypt: 7 }, new TypeError('"decrypt" must be a function, got 7')],
    [{ encrypt: () => '' }, new TypeError('"encrypt" and "decrypt" go together: give both, or none of them')],
    [{ decrypt: () => '' }, new TypeError('"encrypt" and "decrypt" go together: give both, or none of them')],
  ])('throws an error that names what is wrong in %j', (wrong, error) => {
    expect(() => create((wrong && { ...options, ...wrong }) as RedisOptions)).toThrow(error);
  });

  it.each(['get', 'eval', 'duplicate'])('needs a client that has %s', (method) => {
    const part = { ...client, [method]: undefined } as never;
    expect(() => create({ ...options, client: part })).toThrow('"client" must be a client');
  });

  it('has the key as its name', () => {
    const made = create(options as RedisOptions) as { name?: string; coordination?: { name: string } };
    expect(made.coordination?.name ?? made.name).toBe('k');
  });
});

it('the defaults keep tokens as JSON for 30 days, and wait three seconds for Redis', async () => {
  const { encrypt, decrypt, ttl, timeout } = readRedisOptions(options as RedisOptions);
  expect([ttl, timeout]).toEqual([2_592_000_000, 3_000]);
  expect([await encrypt('text', 'k'), await decrypt('text', 'k')]).toEqual(['text', 'text']);
});

it('all times can be one millisecond', () => {
  expect(readRedisOptions({ ...options, ttl: 1, timeout: 1 } as RedisOptions)).toMatchObject({
    ttl: 1,
    timeout: 1,
  });
});
