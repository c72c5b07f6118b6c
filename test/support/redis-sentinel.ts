import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort, type RedisServer, spawnRedis, startRedis } from './redis.ts';

/** The sentinel's name for the servers. */
export const SENTINEL_NAME = 'main';

/** A master, its replica, and a sentinel that promotes the replica when the master is gone. */
export interface RedisSentinel {
  readonly master: RedisServer;
  readonly port: number;
  kill(): Promise<void>;
}

export async function startRedisSentinel(): Promise<RedisSentinel> {
  const [master, replica] = await Promise.all([startRedis(), startRedis()]);
  const client = await createClient({ url: replica.url }).connect();
  await client.sendCommand(['REPLICAOF', '127.0.0.1', String(master.port)]);
  while (!/master_link_status:up/.test(await client.info('replication'))) await setTimeout(50);
  client.destroy();
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'unexpired-sentinel-'));
  const sentinel = spawnRedis([writeSettings(folder, port, master.port), '--sentinel']);
  sentinel.stdout!.resume();
  await knowsReplica(port);
  return {
    master,
    port,
    async kill() {
      const exited = once(sentinel, 'exit');
      sentinel.kill('SIGKILL');
      await Promise.all([exited, master.kill(), replica.kill()]);
      rmSync(folder, { recursive: true });
    },
  };
}

function writeSettings(folder: string, port: number, master: number): string {
  const file = join(folder, 'sentinel.conf');
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${SENTINEL_NAME} 127.0.0.1 ${master} 1`,
    `sentinel down-after-milliseconds ${SENTINEL_NAME} 1000`,
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  return file;
}

async function knowsReplica(port: number): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  client.on('error', () => {}); // the server is still starting
  await client.connect();
  while (!/slaves=1/.test(await client.info('sentinel'))) await setTimeout(100);
  client.destroy();
}
