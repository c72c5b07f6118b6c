import type { TestProject } from 'vitest/node';
import { startRedis } from '../support/redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    redis: string;
  }
}

/** One Redis for all tests that do not restart it. Each test has its own keys. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await startRedis();
  provide('redis', server.url);
  return () => server.kill();
}
