import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
import { expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../src/index.js';
import { type RedisClient, redisStore } from '../../src/redis/index.js';
import { newKey, StrictBackend, times } from '../redis/fleet.ts';
import { SENTINEL_NAME, startRedisSentinel } from '../support/redis-sentinel.ts';

const LIBRARIES: Record<string, (port: number) => Promise<RedisClient>> = {
  async redis(port) {
    const client = createSentinel({ name: SENTINEL_NAME, sentinelRootNodes: [{ host: '127.0.0.1', port }] });
    client.on('error', () => {});
    onTestFinished(() => client.destroy());
    return client.connect();
  },
  async ioredis(port) {
    const sentinels = [{ host: '127.0.0.1', port }];
    const client = new Redis({ name: SENTINEL_NAME, sentinels, lazyConnect: true });
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    await client.connect();
    return client;
  },
};

it.each(Object.keys(LIBRARIES))(
  'Sentinel with %s: one refresh before and after a failover, messages arrive, and nobody is signed out',
  { timeout: 120_000 },
  async (library) => {
    const sentinel = await startRedisSentinel();
    onTestFinished(() => sentinel.kill());
    const backend = new StrictBackend();
    const key = newKey();
    const sessions = await times(3, async () => {
      const client = await LIBRARIES[library]!(sentinel.port);
      const session = createSession({ backend, store: redisStore({ client, key }) });
      onTestFinished(() => session.dispose());
      return session;
    });
    const statuses = () => sessions.map(({ status }) => status);
    const refreshAll = () => Promise.all(sessions.map((session) => session.refresh()));
    await sessions[0]!.signIn(backend.logIn());
    await expect.poll(statuses).toEqual(Array(3).fill('signed-in'));
    await refreshAll();
    expect(backend.refreshes).toBe(1);

    await sentinel.master.kill();
    // The first attempts may come before the end of the failover.
    await expect
      .poll(() => refreshAll().then(() => 'refreshed', String), { timeout: 60_000, interval: 1_000 })
      .toBe('refreshed');
    const before = backend.refreshes;
    await refreshAll();
    expect(backend.refreshes).toBe(before + 1);
    expect(backend.revoked).toBe(false);
    const tokens = await times(3, (index) => sessions[index]!.getAccessToken());
    expect(new Set(tokens)).toEqual(new Set([`access-${1 + backend.refreshes}`]));
    await sessions[2]!.signOut();
    await expect.poll(statuses).toEqual(Array(3).fill('signed-out'));
  },
);
