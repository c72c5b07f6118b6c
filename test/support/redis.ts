import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { findProgram, installDebian } from './programs.ts';

/** A Redis server of its own on loopback. It writes nothing to the disk. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Stops responding until `resume`. */
  pause(): void;
  resume(): void;
  /** Kills it, with all its data. */
  kill(): Promise<void>;
  /** Starts it again on the same port, without data. */
  restart(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @throws {Error} with the remedy, if there is no Redis and none can be installed. */
export async function startRedis({ cluster = false } = {}): Promise<RedisServer> {
  const port = await freePort();
  let child = await launch(port, cluster);
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    async restart() {
      await server.kill();
      child = await launch(port, cluster);
    },
  };
  return server;
}

async function launch(port: number, cluster: boolean): Promise<ChildProcess> {
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
  const clustered = ['--cluster-enabled', 'yes', '--cluster-config-file', `unexpired-${port}.conf`];
  const args = ['--port', String(port), ...settings, ...(cluster ? clustered : [])];
  const child = spawn(redisPath(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  for await (const line of createInterface(child.stdout)) if (/Ready to accept/.test(line)) break;
  child.stdout.resume();
  return child;
}

function redisPath(): string {
  const find = () => findProgram({ variable: 'REDIS_PATH', names: ['redis-server', 'valkey-server'] });
  const path = find() ?? (installDebian('redis-server') ? find() : undefined);
  if (path) return path;
  throw new Error('The fleet tests need a Redis server: install redis-server, or name it in REDIS_PATH');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
