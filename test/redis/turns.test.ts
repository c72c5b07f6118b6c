import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createSession } from '../../src/index.js';
import { redisStore } from '../../src/redis/index.js';
import { newKey, StrictBackend, startProcess } from './fleet.ts';

/** What remains in Redis of a process that was killed in its turn. */
async function leaveTurn(key: string, ms: number): Promise<void> {
  const { client } = await startProcess(new StrictBackend(), key, { library: 'ioredis' });
  await (client as unknown as Redis).set(`{${key}}:turn`, 'somebody', 'PX', ms);
}

it('a process that is killed in its turn blocks the others only until the turn ends', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const session = (await startProcess(backend, key, { session: { refreshTimeout: 2_000 } })).open();
  await session.signIn(backend.logIn());
  await leaveTurn(key, 300);
  await session.refresh();
  expect(await session.getAccessToken()).toBe('access-2');
});

it('a refresh is unavailable if its turn does not come in time, and no process refreshes without a turn', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const session = (await startProcess(backend, key, { session: { refreshTimeout: 100 } })).open();
  await session.signIn(backend.logIn());
  await leaveTurn(key, 60_000);
  await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh_unavailable' });
  expect(backend.refreshes).toBe(0);
  expect(session.status).toBe('signed-in');
});

it('a turn is given back, even if the session is disposed in it', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const process = await startProcess(backend, key, { library: 'ioredis' });
  const session = process.open();
  await session.signIn(backend.logIn());
  const { promise, resolve } = Promise.withResolvers<void>();
  backend.answering = () => promise;
  const refresh = session.refresh();
  await expect.poll(() => backend.refreshes).toBe(1);
  session.dispose();
  await expect(refresh).rejects.toMatchObject({ code: 'signed_out' });
  const redis = process.client as unknown as Redis;
  expect(await redis.exists(`{${key}}:turn`)).toBe(1);
  resolve();
  await expect.poll(() => redis.exists(`{${key}}:turn`)).toBe(0);
  expect(await process.open().getAccessToken()).toBe('access-2');
});

it('after a failure, all processes respect the pause that the first one recorded', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const [one, two] = [await startProcess(backend, key), await startProcess(backend, key)];
  const first = one.open();
  await first.signIn(backend.logIn());
  const second = two.open();
  await second.ready;
  backend.unavailable = true;
  await Promise.allSettled([first.refresh(), second.refresh()]);
  expect(backend.refreshes).toBe(1);
  backend.unavailable = false;
  await second.refresh();
  expect(await second.getAccessToken()).toBe('access-2');
});

it('a client of ioredis that returns numbers as strings can take a turn too', async () => {
  const backend = new StrictBackend();
  const client = new Redis(inject('redis'), { stringNumbers: true });
  onTestFinished(() => client.disconnect());
  const session = createSession({
    backend,
    store: redisStore({ client, key: newKey() }),
    refreshTimeout: 500,
  });
  onTestFinished(() => session.dispose());
  await session.signIn(backend.logIn());
  await session.refresh();
  expect(await session.getAccessToken()).toBe('access-2');
});
