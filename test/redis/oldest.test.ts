import Redis from 'ioredis-5';
import { createClient as createRedis6 } from 'redis';
import { createClient } from 'redis-4';
import { expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../src/index.js';
import { type RedisClient, redisStore } from '../../src/redis/index.js';
import { startRedis } from '../support/redis.ts';
import { newKey, StrictBackend, times } from './fleet.ts';

/** Creates a client of the oldest supported version. */
const OLDEST: Record<string, (url: string) => Promise<RedisClient>> = {
  async 'redis 4'(url) {
    const client = createClient({ url });
    await client.connect();
    onTestFinished(() => client.disconnect());
    return client;
  },
  async 'ioredis 5'(url) {
    const client = new Redis(url);
    onTestFinished(() => client.disconnect());
    return client;
  },
};

it.each(Object.keys(OLDEST))(
  '%s refreshes once, gets messages, and leaves no connection',
  async (library) => {
    const server = await startRedis();
    const raw = await createRedis6({ url: server.url }).connect();
    onTestFinished(async () => {
      raw.destroy();
      await server.kill();
    });
    const subscribers = async () => Object.values(await raw.pubSubNumSub('unexpired'))[0];
    const clients = await times(2, () => OLDEST[library]!(server.url));
    const backend = new StrictBackend();
    const key = newKey();
    const openAll = () =>
      clients.map((client) => {
        const session = createSession({ backend, store: redisStore({ client, key }) });
        onTestFinished(() => session.dispose());
        return session;
      });
    for (let round = 0; round < 2; round++) {
      const sessions = openAll();
      const [first, second] = sessions as [(typeof sessions)[0], (typeof sessions)[0]];
      await first.signIn(backend.logIn());
      await expect.poll(subscribers).toBe(2);
      await expect.poll(() => second.status).toBe('signed-in');
      const { refreshes } = backend;
      await Promise.all(sessions.map((session) => session.refresh()));
      expect(backend.refreshes).toBe(refreshes + 1);
      await first.signOut();
      await expect.poll(() => second.status).toBe('signed-out');
      for (const session of sessions) session.dispose();
      await expect.poll(subscribers).toBe(0);
    }
  },
);
