import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from 'redis';
import { redisStore } from 'unexpired/redis';
import { expect, it, onTestFinished } from 'vitest';
import { times } from '../redis/fleet.ts';
import { startRedis } from '../support/redis.ts';

const PROCESS = join(import.meta.dirname, 'memory.ts');
const USERS = 10_000;

it('5,000 disposed sessions leave nothing behind', { timeout: 180_000 }, async () => {
  const { url, kill } = await startRedis();
  onTestFinished(kill);
  const client = await createClient({ url }).connect();
  onTestFinished(() => client.destroy());
  await times(USERS, async (user) => {
    const tokens = { accessToken: `access-${user}`, refreshToken: `refresh-${user}` };
    await redisStore({ client, key: `session:${user}` }).write({
      ...tokens,
      expiresAt: Date.now() + 3_600_000,
    });
  });
  const env = { ...process.env, REDIS_URL: url };
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', PROCESS], { env });
  const { alive, left } = JSON.parse(stdout);
  console.info(`${Math.round(alive)} bytes per session, ${Math.round(left)} left of each`);
  expect(alive).toBeGreaterThan(1_000);
  expect(left).toBeLessThan(200);
});
