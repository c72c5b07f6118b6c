import { assert, assertCallbacks, assertKnown, assertTexts } from '../assert.js';
import type { RedisClient } from './client.js';

export interface RedisOptions {
  /** A client of `redis` (node-redis) or `ioredis`, connected or connecting. It stays yours: this package never closes it. */
  client: RedisClient;
  /** The Redis key of this session, e.g. `session:` and a hash of the session cookie. A second key, for turns, is derived from it. */
  key: string;
  /**
   * Encrypts what is written to Redis. Requires `decrypt`. `key` is the Redis key: authenticate it together with the text,
   * so that nobody can copy one user's tokens to the key of another.
   * @default tokens are stored as JSON
   */
  encrypt?(text: string, key: string): string | Promise<string>;
  /**
   * Decrypts what `encrypt` returned. Return `null` for a text that can no longer be decrypted: the user is then signed
   * out. If it throws, the session is unavailable and no user is signed out.
   */
  decrypt?(text: string, key: string): string | null | Promise<string | null>;
  /**
   * How long Redis keeps the tokens after the last sign-in or refresh, in ms. Use the lifetime of your refresh tokens.
   * @default 2_592_000_000 (30 days)
   */
  ttl?: number;
  /** How long Redis may take to reply, in ms. After that, what needs Redis fails with `refresh_unavailable`. @default 3_000 */
  timeout?: number;
}

export type RedisSettings = Required<RedisOptions>;

/** @throws {TypeError | RangeError} if an option is invalid; the message names the option, and says what it takes and what it got. */
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
