import { Cluster } from 'ioredis';
import { createCluster } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSession } from '../../src/index.js';
import { type RedisClient, redisStore } from '../../src/redis/index.js';
import { newKey, StrictBackend, times } from '../redis/fleet.ts';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster.kill());

const LIBRARIES: Record<string, () => Promise<RedisClient>> = {
  async redis() {
    const client = createCluster({ rootNodes: cluster.nodes.map(({ url }) => ({ url })) });
    client.on('error', () => {});
    onTestFinished(() => client.destroy());
    return client.connect();
  },
  async ioredis() {
    const client = new Cluster(
      cluster.nodes.map(({ url }) => url),
      { lazyConnect: true },
    );
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    await client.connect();
    return client;
  },
};

describe.each(Object.keys(LIBRARIES))('a cluster, with %s', (library) => {
  async function startProcess(backend: StrictBackend, key: string) {
    const client = await LIBRARIES[library]!();
    return () => {
      const session = createSession({ backend, store: redisStore({ client, key }) });
      onTestFinished(() => session.dispose());
      return session;
    };
  }

  it('keys in all slots: many requests in several processes cost one refresh for each session', async () => {
    for (let user = 0; user < 12; user++) {
      const backend = new StrictBackend();
      const key = newKey();
      const processes = await times(3, () => startProcess(backend, key));
      await processes[0]!().signIn(backend.logIn(-1));
      const tokens = await times(30, (index) => processes[index % 3]!().getAccessToken());
      expect(new Set(tokens)).toEqual(new Set(['access-2']));
      expect(backend.refreshes).toBe(1);
    }
  });

  it('other processes notice a refresh and a sign-out', async () => {
    const backend = new StrictBackend();
    const key = newKey();
    const processes = await times(4, () => startProcess(backend, key));
    const sessions = processes.map((open) => open());
    await sessions[0]!.signIn(backend.logIn());
    await expect.poll(() => sessions.map(({ status }) => status)).toEqual(Array(4).fill('signed-in'));
    await sessions[1]!.refresh();
    await expect
      .poll(() => times(4, (index) => sessions[index]!.getAccessToken()))
      .toEqual(Array(4).fill('access-2'));
    await sessions[2]!.signOut();
    await expect.poll(() => sessions.map(({ status }) => status)).toEqual(Array(4).fill('signed-out'));
  });
});
