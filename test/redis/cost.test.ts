import { createClient, type RedisClientType } from 'redis';
import { expect, it, onTestFinished } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { newKey, StrictBackend, startProcess, times } from './fleet.ts';

async function ownRedis(): Promise<[RedisServer, RedisClientType]> {
  const server = await startRedis();
  const client = createClient({ url: server.url });
  await client.connect();
  onTestFinished(async () => {
    client.destroy();
    await server.kill();
  });
  return [server, client as RedisClientType];
}

/** The number of commands since the last call, without the command of this function. */
function counter(client: RedisClientType): () => Promise<Record<string, number>> {
  return async () => {
    const text = await client.info('commandstats');
    await client.sendCommand(['CONFIG', 'RESETSTAT']);
    const calls = [...text.matchAll(/^cmdstat_(\w+):calls=(\d+)/gm)].map(
      ([, name, count]) => [name!, Number(count)] as const,
    );
    return Object.fromEntries(calls.filter(([name]) => ['get', 'eval'].includes(name)));
  };
}

it('a request with a fresh token costs no command; opening a session costs one', async () => {
  const [{ url }, client] = await ownRedis();
  const backend = new StrictBackend();
  const key = newKey();
  const process = await startProcess(backend, key, { url });
  await process.open().signIn(backend.logIn());
  const count = counter(client);
  await count();
  const session = process.open();
  await session.ready;
  expect(await count()).toEqual({ get: 1 });
  for (let request = 0; request < 50; request++) await session.getAccessToken();
  expect(await count()).toEqual({});
});

it('a refresh costs three commands: take the turn, write, give it back', async () => {
  const [{ url }, client] = await ownRedis();
  const backend = new StrictBackend();
  const process = await startProcess(backend, newKey(), { url });
  const session = process.open();
  await session.signIn(backend.logIn());
  const count = counter(client);
  await count();
  await session.refresh();
  await (process.client as RedisClientType).ping(); // commands that are on their way have arrived
  // Reads inside the scripts also count: four. The entry arrives with the turn, so it is not read again.
  expect(await count()).toEqual({ eval: 3, get: 4 });
});

it('five hundred sessions in a process use one extra connection, and leave nothing behind', async () => {
  const [{ url }, client] = await ownRedis();
  const backend = new StrictBackend();
  const { open } = await startProcess(backend, newKey(), { url });
  const connections = async () =>
    (await client.sendCommand<string>(['CLIENT', 'LIST'])).trim().split('\n').length;
  const before = await connections();
  const sessions = await times(500, async () => {
    const session = open({ key: newKey() });
    await session.ready;
    return session;
  });
  const subscribers = async () => Object.values(await client.pubSubNumSub('unexpired'))[0];
  await expect.poll(subscribers).toBe(1);
  expect(await connections()).toBe(before + 1);
  for (const session of sessions) session.dispose();
  await expect.poll(connections).toBe(before);
  expect(await client.dbSize()).toBe(0);
});

it('a session that serves one request opens no connection', async () => {
  const [{ url }, client] = await ownRedis();
  const backend = new StrictBackend();
  const key = newKey();
  const process = await startProcess(backend, key, { url });
  const first = process.open();
  await first.signIn(backend.logIn());
  first.dispose();
  for (let request = 0; request < 20; request++) {
    const session = process.open();
    await session.getAccessToken();
    session.dispose();
  }
  expect(await client.sendCommand<string>(['CLIENT', 'LIST'])).not.toMatch(/ sub=1/);
});
