import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createTestBackend } from 'unexpired/testing/backend';
import { expect, it, onTestFinished } from 'vitest';
import { times } from '../redis/fleet.ts';
import { serve } from '../support/http.ts';
import { startRedis } from '../support/redis.ts';

/** A process that runs its jobs with the guide's example. */
async function startWorker(env: Record<string, string>) {
  const child: ChildProcess = fork(join(import.meta.dirname, 'worker.ts'), {
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'message');
  return {
    async tell(command: string, ...args: unknown[]): Promise<unknown> {
      child.send([command, ...args]);
      return (await once(child, 'message'))[0];
    },
    ended: once(child, 'exit'),
  };
}

it('the workers of the guide refresh once for each customer, and report which customer has lost the session', async () => {
  const crm = createTestBackend({
    protocol: 'oauth2',
    rotation: 'strict',
    paths: { refresh: '/oauth/token', order: '/contacts' },
  });
  const redis = await startRedis();
  onTestFinished(() => redis.kill());
  const env = { REDIS_URL: redis.url, CRM_ORIGIN: await serve((request) => crm.fetch(request)) };
  const workers = await times(3, () => startWorker(env));
  const copyAll = () => Promise.all(workers.map((worker) => worker.tell('copyContacts', 'acme')));

  expect(await copyAll(), 'never connected').toEqual(Array(3).fill('disconnected'));
  await workers[0]!.tell('connect', 'acme', crm.issueTokens());
  await expect.poll(copyAll).toEqual(Array(3).fill('done'));
  for (let expiry = 1; expiry <= 3; expiry++) {
    crm.expireAccessTokens();
    expect(await copyAll()).toEqual(Array(3).fill('done'));
    expect(crm.stats).toMatchObject({ refreshes: expiry, reuses: 0 });
  }

  crm.expireAccessTokens();
  crm.failNext('refresh', { status: 503 });
  expect(await workers[1]!.tell('copyContacts', 'acme')).toBe('later');
  await expect.poll(copyAll).toEqual(Array(3).fill('done'));

  crm.revoke();
  await expect.poll(copyAll).toEqual(Array(3).fill('disconnected'));
  await workers[2]!.tell('connect', 'acme', crm.issueTokens());
  await expect.poll(copyAll).toEqual(Array(3).fill('done'));

  // No timer or connection keeps the process alive.
  for (const { tell, ended } of workers) {
    await tell('stop');
    expect(await ended).toEqual([0, null]);
  }
});
