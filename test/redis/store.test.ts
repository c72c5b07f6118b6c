import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createClient } from 'redis';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { createSession, type TokenSet } from '../../src/index.js';
import { redisFleet, redisStore } from '../../src/redis/index.js';
import { LIBRARIES, newKey, StrictBackend, startProcess } from './fleet.ts';

async function connect() {
  const client = await createClient({ url: inject('redis') }).connect();
  onTestFinished(() => client.destroy());
  return client;
}

/** AES-256-GCM, with the Redis key as additional data. */
function cipher(secret = randomBytes(32)) {
  return {
    encrypt(text: string, key: string) {
      const nonce = randomBytes(12);
      const aes = createCipheriv('aes-256-gcm', secret, nonce).setAAD(Buffer.from(key));
      const sealed = Buffer.concat([aes.update(text, 'utf8'), aes.final()]);
      return Buffer.concat([nonce, aes.getAuthTag(), sealed]).toString('base64');
    },
    async decrypt(text: string, key: string) {
      const bytes = Buffer.from(text, 'base64');
      const aes = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
        .setAAD(Buffer.from(key))
        .setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([aes.update(bytes.subarray(28)), aes.final()]).toString('utf8');
    },
  };
}

it('one process reads what another has signed in, with the fields of the backend', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  await (await startProcess(backend, key)).open().signIn({ ...backend.logIn(), id_token: 'x.y.z' });
  const { client } = await startProcess(backend, key, { library: 'ioredis' });
  expect(await redisStore({ client, key }).read()).toMatchObject({
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
    id_token: 'x.y.z',
  });
});

it('no token is readable in Redis if the store encrypts', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const options = cipher();
  const session = (await startProcess(backend, key, options)).open();
  await session.signIn(backend.logIn());
  await session.refresh();
  const redis = await connect();
  const values = await Promise.all((await redis.keys(`*${key}*`)).map((name) => redis.get(name)));
  expect(values.length).toBeGreaterThan(0);
  expect(values.join()).not.toMatch(/access-|refresh-/);
  const other = (await startProcess(backend, key, options)).open();
  expect(await other.getAccessToken()).toBe('access-2');
});

it('tokens that are copied to another user’s key are not used', async () => {
  const backend = new StrictBackend();
  const options = cipher();
  const [mallory, key] = [newKey(), newKey()];
  const process = await startProcess(backend, key, options);
  await process.open().signIn(backend.logIn());
  await (await connect()).copy(key, mallory);
  const session = process.open({ key: mallory });
  await session.ready;
  expect(session.status).not.toBe('signed-in');
  expect(process.events.filter(({ type }) => type === 'store-failed')).toHaveLength(1);
});

it('a text that cannot be decrypted means signed out, but a `decrypt` that throws signs nobody out', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const process = await startProcess(backend, key, cipher());
  await process.open().signIn(backend.logIn());
  const throwing = process.open(cipher());
  await expect(throwing.getAccessToken()).rejects.toMatchObject({ code: 'refresh_unavailable' });
  expect(throwing.status).toBe('restoring');
  const lost = process.open({ ...cipher(), decrypt: () => null });
  await expect(lost.getAccessToken()).rejects.toMatchObject({ code: 'signed_out' });
  // The next sign-in overwrites it.
  await lost.signIn(backend.logIn());
  expect(await lost.getAccessToken()).toBe('access-2');
});

it('Redis keeps the tokens for `ttl` after the last refresh', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const session = (await startProcess(backend, key, { ttl: 100_000 })).open();
  await session.signIn(backend.logIn());
  const redis = await connect();
  await redis.pExpire(key, 50_000);
  expect(await redis.pTTL(key)).toBeLessThanOrEqual(50_000);
  await session.refresh();
  expect(await redis.pTTL(key)).toBeGreaterThan(90_000);
});

it('a sign-out is kept for a day at most', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const session = (await startProcess(backend, key)).open();
  await session.signIn(backend.logIn());
  const redis = await connect();
  expect(await redis.pTTL(key)).toBeGreaterThan(29 * 86_400_000);
  await session.signOut();
  expect(await redis.pTTL(key)).toBeLessThanOrEqual(86_400_000);
});

it('a foreign value under the key is kept until the next sign-in', async () => {
  const key = newKey();
  const redis = await connect();
  await redis.set(key, '{\n  "cart": [1, 2]\n}');
  const backend = new StrictBackend();
  const session = (await startProcess(backend, key)).open();
  await session.ready;
  expect(session.status).toBe('signed-out');
  expect(await redis.get(key)).toContain('cart');
  await session.signIn(backend.logIn());
  expect(await redis.get(key)).toContain('access-1');
});

it('a store without a session can sign users of the key in and out', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const process = await startProcess(backend, key);
  const store = redisStore({ client: process.client, key });
  await store.write(backend.logIn());
  const session = process.open();
  await session.ready;
  expect(session.status).toBe('signed-in');
  await store.write(null);
  await expect.poll(() => session.status).toBe('signed-out');
});

it('a key with braces keeps the entry and its turn in one slot of a cluster', async () => {
  const backend = new StrictBackend();
  const key = `{tenant}:${newKey()}`;
  const session = (await startProcess(backend, key)).open();
  await session.signIn(backend.logIn());
  await session.refresh();
  expect(await session.getAccessToken()).toBe('access-2');
});

it('a custom store can share sessions by redisFleet, and gets the newest tokens', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const rows = new Map<string, TokenSet>();
  const open = async () => {
    const client = await LIBRARIES.redis!(inject('redis'));
    const session = createSession({
      backend,
      store: {
        read: async () => rows.get(key) ?? null,
        write: async (tokens) => void (tokens ? rows.set(key, tokens) : rows.delete(key)),
        coordination: redisFleet({ client, key }),
      },
    });
    onTestFinished(() => session.dispose());
    return session;
  };
  const first = await open();
  await first.ready;
  await first.signIn(backend.logIn());
  const second = await open();
  await Promise.all([first.refresh(), second.ready.then(() => second.refresh())]);
  expect(backend.refreshes).toBeLessThanOrEqual(2);
  expect(backend.revoked).toBe(false);
  const newest = `access-${1 + backend.refreshes}`;
  await expect.poll(() => rows.get(key)?.accessToken).toBe(newest);
  // The row is older than the entry in Redis, as after a restored copy or a lost write.
  rows.set(key, { ...rows.get(key)!, accessToken: 'old', refreshToken: 'refresh-1', generation: 1 });
  const third = await open();
  expect(await third.getAccessToken()).toBe(newest);
});

it.each([
  [{ client: 'redis://localhost' }, '"client" must be a client of `redis` or `ioredis`, got a string'],
  [{ key: '' }, '"key" must be a non-empty string, got an empty string'],
  [{ ttl: 0 }, '"ttl" must be a positive whole number of milliseconds, got 0'],
  [{ timeout: 1.5 }, '"timeout" must be a positive whole number of milliseconds, got 1.5'],
  [{ encrypt: () => '' }, '"encrypt" and "decrypt" go together: give both, or none of them'],
])('invalid options cause an error that names them: %o', async (wrong, message) => {
  const client = { get: vi.fn(), eval: vi.fn(), duplicate: vi.fn() };
  const options = { client, key: 'k', ...wrong } as Parameters<typeof redisStore>[0];
  expect(() => redisStore(options)).toThrow(message);
  expect(() => redisFleet(options)).toThrow(message);
});
