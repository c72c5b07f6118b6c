import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startRedis } from '../support/redis.ts';
import { startRedisCluster } from '../support/redis-cluster.ts';

const PROCESS = join(import.meta.dirname, 'undisposed.ts');

async function startServers(kind: string): Promise<string[]> {
  if (kind !== 'cluster') {
    const server = await startRedis();
    onTestFinished(() => server.kill());
    return [server.url];
  }
  const cluster = await startRedisCluster();
  onTestFinished(() => cluster.kill());
  return cluster.nodes.map(({ url }) => url);
}

it.each(['redis', 'ioredis', 'cluster'])(
  'a process ends even if nobody disposes of its session: %s',
  async (kind) => {
    const urls = await startServers(kind);
    // It rejects if the process must be killed.
    const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, kind, ...urls], {
      timeout: 30_000,
    });
    expect(stdout).toBe('signed-out\n');
  },
);
