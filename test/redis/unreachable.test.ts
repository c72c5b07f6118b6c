import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Session } from '../../src/index.js';
import type { RedisClient } from '../../src/redis/index.js';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { newKey, StrictBackend, startProcess } from './fleet.ts';

const UNAVAILABLE = { code: 'refresh_unavailable' };

async function ownRedis(): Promise<RedisServer> {
  const server = await startRedis();
  onTestFinished(() => server.kill());
  return server;
}

/** Processes of one fleet whose Redis fails. */
async function fleetOn({ url }: RedisServer, library?: string) {
  const backend = new StrictBackend();
  const key = newKey();
  const start = () => startProcess(backend, key, { url, timeout: 800, ...(library && { library }) });
  return { backend, key, start };
}

async function rawClient({ url }: RedisServer) {
  const client = createClient({ url });
  client.on('error', () => {});
  onTestFinished(() => client.destroy());
  return client.connect();
}

/** A client whose process gets no messages from other processes. */
function deaf(client: RedisClient): RedisClient {
  const subscriber = { on() {}, connect: () => new Promise(() => {}), destroy() {} };
  return { get: client.get.bind(client), eval: client.eval.bind(client), duplicate: () => subscriber };
}

/** The process gets messages from then on. */
async function isListening(session: Session, server: RedisServer): Promise<void> {
  await session.ready;
  const client = await rawClient(server);
  await expect.poll(async () => Object.values(await client.pubSubNumSub('unexpired'))[0]).toBeGreaterThan(0);
}

describe.each(['redis', 'ioredis'])('with %s, while Redis does not respond', (library) => {
  it('a valid access token is used, and a refresh becomes unavailable after a limited wait', async () => {
    const server = await ownRedis();
    const { backend, start } = await fleetOn(server, library);
    const process = await start();
    const session = process.open();
    await session.signIn(backend.logIn());
    server.pause();
    expect(await session.getAccessToken()).toBe('access-1');
    await expect(session.refresh()).rejects.toMatchObject(UNAVAILABLE);
    expect(await session.getAccessToken()).toBe('access-1');
    expect(session.status).toBe('signed-in');
    expect(backend.refreshes, 'nobody asks the backend without the ledger').toBe(0);
    expect(process.events.map(({ type }) => type)).toContain('refresh-failed');
    server.resume();
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('a session that opens is in restoring, and finds its tokens later', async () => {
    const server = await ownRedis();
    const { backend, start } = await fleetOn(server, library);
    await (await start()).open().signIn(backend.logIn());
    const process = await start();
    server.pause();
    const session = process.open();
    await expect(session.getAccessToken()).rejects.toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('restoring');
    server.resume();
    expect(await session.getAccessToken()).toBe('access-1');
    expect(process.events.map(({ type }) => type)).not.toContain('signed-out');
  });

  it.each<[string, (server: RedisServer) => unknown, (server: RedisServer) => unknown]>([
    ['it responds again', (server) => server.pause(), (server) => server.resume()],
    ['it has returned empty', (server) => server.kill(), (server) => server.restart()],
  ])('rotated tokens are used, and recorded when %s', async (_, goes, comesBack) => {
    const server = await ownRedis();
    const { backend, start } = await fleetOn(server, library);
    const [one, two] = [await start(), await start()];
    const session = one.open();
    await session.signIn(backend.logIn());
    backend.answering = async () => void (await goes(server));
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(one.events.map(({ type }) => type)).toContain('store-failed');
    // The request is over, but no other process has these tokens.
    session.dispose();
    await comesBack(server);
    const read = () =>
      two
        .open()
        .getAccessToken()
        .catch(() => '');
    await expect.poll(read).toBe('access-2');
    backend.answering = async () => {};
    await two.open().refresh();
    expect(backend.revoked).toBe(false);
  });
});

it('a sign-in or sign-out that cannot be recorded rejects, and is recorded when Redis responds again', async () => {
  const server = await ownRedis();
  const { backend, start } = await fleetOn(server);
  const [one, two] = [await start(), await start()];
  const session = one.open();
  await session.ready;
  server.pause();
  await expect(session.signIn(backend.logIn())).rejects.toMatchObject(UNAVAILABLE);
  expect(await session.getAccessToken()).toBe('access-1');
  server.resume();
  await expect
    .poll(() =>
      two
        .open()
        .getAccessToken()
        .catch(() => ''),
    )
    .toBe('access-1');
  server.pause();
  await expect(session.signOut()).rejects.toMatchObject(UNAVAILABLE);
  expect(session.status).toBe('signed-out');
  server.resume();
  await expect
    .poll(async () => {
      const other = two.open();
      await other.ready;
      return other.status;
    })
    .toBe('signed-out');
});

it('a sign-out that is recorded late does not undo a later sign-in', async () => {
  const server = await ownRedis();
  const { backend, key, start } = await fleetOn(server);
  const [one, two] = [await start(), await start()];
  const session = one.open();
  await session.signIn(backend.logIn());
  server.pause();
  await expect(session.signOut()).rejects.toMatchObject(UNAVAILABLE);
  await server.kill();
  await server.restart();
  const other = two.open();
  const tokens = backend.logIn();
  // This process may still use its old connection.
  await expect.poll(() => other.signIn(tokens).then(() => other.status)).toBe('signed-in');
  await expect.poll(() => session.status).toBe('signed-in');
  expect(await other.getAccessToken()).toBe('access-2');
  expect(await (await rawClient(server)).get(key)).toContain('access-2');
});

it('a sign-out that is recorded late ends a session that another process has refreshed meanwhile', async () => {
  const server = await ownRedis();
  const { backend, key, start } = await fleetOn(server);
  const [one, two] = [await start(), await start()];
  let isDown = false;
  const client = deaf(one.client);
  const run = client.eval as (...args: unknown[]) => unknown;
  client.eval = (...args) => (isDown ? Promise.reject(new Error('down')) : run(...args));
  const session = one.open({ client });
  await session.signIn(backend.logIn());
  const other = two.open({ client: deaf(two.client) });
  isDown = true;
  await expect(session.signOut()).rejects.toMatchObject(UNAVAILABLE);
  await other.refresh();
  isDown = false;
  const raw = await rawClient(server);
  await expect.poll(() => raw.get(key)).toContain('"tokens":null');
  expect(session.status).toBe('signed-out');
});

it('when Redis returns empty, a process that still has the tokens records them again', async () => {
  const server = await ownRedis();
  const { backend, start } = await fleetOn(server);
  const [one, two] = [await start(), await start()];
  const session = one.open();
  await session.signIn(backend.logIn());
  await session.refresh();
  await isListening(session, server);
  await server.restart();
  await expect
    .poll(() =>
      two
        .open()
        .getAccessToken()
        .catch(() => ''),
    )
    .toBe('access-2');
  expect(one.events.map(({ type }) => type)).not.toContain('signed-out');
  await two.open().refresh();
  expect(backend.revoked).toBe(false);
});

it('when Redis returns empty, a process records its tokens again even if its refresh fails and only the pause is in Redis', async () => {
  const server = await ownRedis();
  const { backend, key, start } = await fleetOn(server);
  const { client, open } = await start();
  const session = open({ client: deaf(client) });
  await session.signIn(backend.logIn());
  const raw = await rawClient(server);
  await raw.del(key);
  backend.unavailable = true;
  await expect(session.refresh()).rejects.toMatchObject(UNAVAILABLE);
  await expect.poll(() => raw.get(key)).toContain('access-1');
});

it('after a failover that lost the last write, the process that made it writes it again', async () => {
  const server = await ownRedis();
  const { backend, key, start } = await fleetOn(server);
  const [one, two] = [await start(), await start()];
  const session = one.open();
  await session.signIn(backend.logIn());
  await isListening(session, server);
  const client = await rawClient(server);
  const before = await client.get(key);
  await session.refresh();
  await client.set(key, before!);
  await client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
  await expect.poll(() => client.get(key)).toContain('access-2');
  await two.open().refresh();
  expect(backend.revoked).toBe(false);
});

it('after a failover that lost a sign-out, the sign-out is recorded again, even if another process has refreshed', async () => {
  const server = await ownRedis();
  const { backend, key, start } = await fleetOn(server);
  const [one, two] = [await start(), await start()];
  const client = deaf(one.client);
  const session = one.open({ client });
  await session.signIn(backend.logIn());
  const raw = await rawClient(server);
  const before = await raw.get(key);
  const other = two.open({ client: deaf(two.client) });
  let answer!: () => void;
  backend.answering = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const refreshing = other.refresh();
  await expect.poll(() => backend.refreshes).toBe(1);
  await session.signOut();
  await raw.set(key, before!);
  answer();
  await refreshing;
  backend.answering = async () => {};
  // Another session of the first process. Its turn reads what is in Redis.
  await one
    .open({ client })
    .refresh()
    .catch(() => {});
  await expect.poll(() => raw.get(key)).toContain('"tokens":null');
  expect(session.status).toBe('signed-out');
  await expect(other.refresh()).rejects.toMatchObject({ code: 'signed_out' });
});

it('without Redis, a refusal of the backend does not end the session, because another process may have newer tokens', async () => {
  const server = await ownRedis();
  const { backend, start } = await fleetOn(server);
  const process = await start();
  const session = process.open();
  await session.signIn(backend.logIn());
  backend.refresh = async function (this: StrictBackend, tokens) {
    server.pause();
    this.revoked = true;
    return StrictBackend.prototype.refresh.call(this, tokens);
  };
  await expect(session.refresh()).rejects.toMatchObject(UNAVAILABLE);
  expect(session.status).toBe('signed-in');
});
