import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram, installDebian } from './programs.ts';

/** A Redis server on loopback. It writes nothing to the disk. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Stops responding until `resume`. */
  pause(): void;
  resume(): void;
  /** Kills the server, with all its data. */
  kill(): Promise<void>;
  /** Starts the server again on the same port, without data. */
  restart(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * `clusterPort`: makes it a node of a cluster, which the other nodes reach on that port.
 * @throws {Error} with the remedy, if there is no Redis and none can be installed.
 */
export async function startRedis({ clusterPort }: { clusterPort?: number } = {}): Promise<RedisServer> {
  const port = await freePort();
  let child = await launch(port, clusterPort);
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
      child = await launch(port, clusterPort);
    },
  };
  return server;
}

/** Nothing is written to the disk, not even by a replica that copies its master. */
const SETTINGS = [
  ...['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()],
  ...['--repl-diskless-load', 'swapdb'],
];

async function launch(port: number, clusterPort: number | undefined): Promise<ChildProcess> {
  const args = ['--port', String(port), ...SETTINGS, ...(clusterPort ? clustered(port, clusterPort) : [])];
  const child = spawnRedis(args);
  const printed: string[] = [];
  const isReady = () => /Ready to accept/.test(printed.at(-1) ?? '');
  for await (const line of createInterface(child.stdout!)) {
    printed.push(line);
    if (isReady()) break;
  }
  if (!isReady()) throw new Error(`The Redis server ended before it was ready:\n${printed.join('\n')}`);
  child.stdout!.resume();
  return child;
}

/** A node stores the other nodes in a file. Without the file, it knows none after a restart. */
function clustered(port: number, clusterPort: number): string[] {
  const file = `unexpired-${port}.conf`;
  rmSync(join(tmpdir(), file), { force: true });
  return ['--cluster-enabled', 'yes', '--cluster-port', String(clusterPort), '--cluster-config-file', file];
}

function redisPath(): string {
  const find = () => findProgram({ variable: 'REDIS_PATH', names: ['redis-server', 'valkey-server'] });
  const path = find() ?? (installDebian('redis-server') ? find() : undefined);
  if (path) return path;
  throw new Error('The fleet tests need a Redis server: install redis-server, or name it in REDIS_PATH');
}

/** A process of Redis with other arguments, such as `--sentinel`. It ends with this process at the latest. */
export function spawnRedis(args: string[]): ChildProcess {
  const child = spawn(redisPath(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
