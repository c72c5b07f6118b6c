import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort, type RedisServer, startRedis } from './redis.ts';

const SLOTS = 16_384;
const NODES = 3;

/** A Redis Cluster of three nodes on loopback, without replicas. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  kill(): Promise<void>;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const clusterPorts = await Promise.all(Array.from({ length: NODES }, freePort));
  const nodes = await Promise.all(clusterPorts.map((clusterPort) => startRedis({ clusterPort })));
  const clients = await Promise.all(nodes.map(({ url }) => createClient({ url }).connect()));
  const share = Math.ceil(SLOTS / NODES);
  for (const [index, client] of clients.entries()) {
    const slots = [index * share, Math.min((index + 1) * share, SLOTS) - 1].map(String);
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', ...slots]);
    await client.sendCommand(['CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1)]);
  }
  const meet = ['CLUSTER', 'MEET', '127.0.0.1'];
  for (const [index, { port }] of nodes.entries())
    await clients[0]!.sendCommand([...meet, String(port), String(clusterPorts[index])]);
  for (const client of clients) {
    while (!/cluster_state:ok/.test(await client.sendCommand<string>(['CLUSTER', 'INFO'])))
      await setTimeout(50);
    client.destroy();
  }
  return {
    nodes,
    async kill() {
      await Promise.all(nodes.map((node) => node.kill()));
      for (const { port } of nodes) rmSync(join(tmpdir(), `unexpired-${port}.conf`), { force: true });
    },
  };
}
