import { assert, assertCallbacks, assertKnown, assertTexts } from '../assert.js';
import type { RedisClient } from './client.js';

export interface RedisOptions {
  /** A client of `redis` (node-redis) or `ioredis`, connected or connecting. It stays yours: this package never closes it. */
  client: RedisClient;
  /** The Redis key of this one session, e.g. `session:` and a hash of the session cookie. Other keys begin with it. */
  key: string;
  /**
   * Encrypts what is written to Redis. Give `decrypt` too. `key` is the Redis key: authenticate it together with the text,
   * so that nobody can copy one user's tokens to the key of another.
   * @default tokens stand in Redis as JSON
   */
  encrypt?(text: string, key: string): string | Promise<string>;
  /**
   * Undoes `encrypt`. Return `null` for a text that nobody can read any more: the user is signed out. If it throws, the session is
   * unavailable and nobody is signed out.
   */
  decrypt?(text: string, key: string): string | null | Promise<string | null>;
  /**
   * ms for which Redis keeps the tokens after the last sign-in or refresh: as long as your refresh tokens live.
   * @default 2_592_000_000 (30 days)
   */
  ttl?: number;
  /** ms that Redis may take to answer. After that, what needs Redis fails with `refresh_unavailable`. @default 3_000 */
  timeout?: number;
}

export type RedisSettings = Required<RedisOptions>;

/** @throws {TypeError | RangeError} naming the option, what it takes and what it got. */
export function readRedisOptions(options: RedisOptions): RedisSettings {
  const { client, key, encrypt, decrypt, ttl = 30 * 86_400_000, timeout = 3_000, ...unknown } = options ?? {};
  assertKnown(unknown);
  const isClient = (['get', 'eval', 'duplicate'] as const).every(
    (method) => typeof client?.[method] === 'function',
  );
  assert(isClient, 'client', 'a client of `redis` or `ioredis`', client);
  assertTexts({ key });
  assertCallbacks({ encrypt, decrypt });
  if (!encrypt !== !decrypt)
    throw new TypeError('"encrypt" and "decrypt" go together: give both, or none of them');
  for (const [name, ms] of Object.entries({ ttl, timeout }))
    assert(Number.isInteger(ms) && ms > 0, name, 'a positive whole number of milliseconds', ms, RangeError);
  const plain = (text: string) => text;
  return { client, key, encrypt: encrypt ?? plain, decrypt: decrypt ?? plain, ttl, timeout };
}
