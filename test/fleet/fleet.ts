import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createTestBackend, type TestBackend, type TestBackendOptions } from 'unexpired/testing/backend';
import { onTestFinished } from 'vitest';
import { serve } from '../support/http.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

export const HOUR = 3_600_000;
/** In ms. A turn lasts at most twice as long. */
export const REFRESH_TIMEOUT = 1_000;

export interface Member {
  tell<T = unknown>(command: string, argument?: unknown): Promise<T>;
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
}

export interface Fleet {
  server: TestBackend;
  redis: RedisServer;
  members: Member[];
  /** Signs a user in with the first member. */
  signIn(key: string): Promise<void>;
  /** Advances the members' clocks until every access token has expired. */
  expire(): Promise<void>;
}

type FleetOptions = TestBackendOptions & { refreshTimeout?: number; redisTimeout?: number };

/** Processes, their Redis and a token server with strict rotation, until the test ends. */
export async function startFleet(
  size: number,
  { refreshTimeout = 10_000, redisTimeout = 1_000, ...options }: FleetOptions = {},
): Promise<Fleet> {
  const server = createTestBackend({
    protocol: 'oauth2',
    rotation: 'strict',
    accessLifetime: HOUR,
    refreshLifetime: 1_000 * HOUR,
    ...options,
  } as TestBackendOptions);
  const redis = await startRedis();
  onTestFinished(() => redis.kill());
  const env = {
    REDIS_URL: redis.url,
    TOKEN_SERVER: await serve((request) => server.fetch(request)),
    REFRESH_TIMEOUT: String(refreshTimeout),
    REDIS_TIMEOUT: String(redisTimeout),
  };
  const members = await Promise.all(Array.from({ length: size }, () => startMember(env)));
  return {
    server,
    redis,
    members,
    signIn: async (key) => void (await members[0]!.tell('signIn', { key, answer: server.issueTokens() })),
    expire: async () =>
      void (await Promise.all(members.map((member) => member.tell('wait', { ms: 2 * HOUR })))),
  };
}

async function startMember(env: Record<string, string>): Promise<Member> {
  const child = fork(join(import.meta.dirname, 'member.ts'), { env: { ...process.env, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const waiting = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  let serial = 0;
  child.on('message', (answer: { id: number; result?: unknown; error?: string }) => {
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  await once(child, 'message');
  return {
    signal: (signal) => void child.kill(signal),
    tell: (command, argument) =>
      new Promise((resolve, reject) => {
        waiting.set(++serial, ({ result, error }) =>
          error ? reject(new Error(error)) : resolve(result as never),
        );
        child.send({ id: serial, command, argument });
      }),
  };
}
