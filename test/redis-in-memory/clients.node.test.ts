import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSession, type TokenSet } from '../../src/index.js';
import { type RedisClient, redisStore } from '../../src/redis/index.js';
import { fakeClock } from '../support/clock.js';
import { MemoryRedis } from './memory-redis.js';

let redis: MemoryRedis;
let clock: ReturnType<typeof fakeClock>;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  redis = new MemoryRedis();
});
afterEach(() => void vi.useRealTimers());

const TOKENS: TokenSet = { accessToken: 'access-1', refreshToken: 'refresh-1' };

function open(client: RedisClient, key = 'k') {
  const session = createSession({
    backend: {
      readTokens: (body) => body as TokenSet,
      refresh: async () => ({ accessToken: 'access-2', refreshToken: 'refresh-2' }),
    },
    store: redisStore({ client, key }),
  });
  onTestFinished(() => session.dispose());
  return session;
}

/** A session that has been open long enough to listen to other processes. */
async function openFor(ms: number, client: RedisClient, key?: string) {
  const session = open(client, key);
  await clock.pass(ms);
  return session;
}

const libraries: [string, (redis: MemoryRedis) => RedisClient][] = [
  ['redis', (redis) => redis.node()],
  ['ioredis', (redis) => redis.io()],
];

describe.each(libraries)('with a client of %s', (library, clientOf) => {
  it('one process reads and refreshes what another process has signed in', async () => {
    await open(clientOf(redis)).signIn(TOKENS);
    const two = open(clientOf(redis));
    expect(await two.getAccessToken()).toBe('access-1');
    await two.refresh();
    expect(await redisStore({ client: clientOf(redis), key: 'k' }).read()).toMatchObject({
      accessToken: 'access-2',
    });
  });

  it('a session that is open for more than a second listens on a separate connection', async () => {
    const client = clientOf(redis);
    const session = await openFor(980, client);
    expect(redis.subscribers).toEqual([]);
    await clock.pass(60);
    const [subscriber] = redis.subscribers;
    expect(new Set(subscriber!.channels)).toEqual(new Set(['unexpired']));
    const other = open(clientOf(redis));
    await other.signIn(TOKENS);
    await clock.pass(20);
    expect(session.status).toBe('signed-in');
  });

  it('the connection does not keep the process alive', async () => {
    await openFor(1_100, clientOf(redis));
    const [subscriber] = redis.subscribers;
    subscriber!.listeners.get(library === 'redis' ? 'node-connect' : 'connect')!();
    expect(subscriber!.unrefs).toBe(library === 'redis' ? 2 : 1);
  });

  it.each([undefined, {}])('the connection may have no socket with unref(): %j', async (stream) => {
    const client = clientOf(redis) as unknown as { duplicate: (options: unknown) => unknown };
    const duplicate = client.duplicate;
    client.duplicate = (options) =>
      Object.assign(duplicate(options) as object, {
        unref: undefined,
        stream,
        pubSubNode: undefined,
      });
    await openFor(1_100, client as unknown as RedisClient);
    const { listeners } = redis.subscribers[0]!;
    for (const type of ['connect', 'node-connect']) expect(() => listeners.get(type)?.()).not.toThrow();
  });

  it('an error of the connection is not thrown, because the client reconnects', async () => {
    await openFor(1_100, clientOf(redis));
    expect(redis.subscribers[0]!.listeners.get('error')).not.toThrow();
  });

  it('all sessions are read again after a reconnect, because messages may have been missed', async () => {
    const client = clientOf(redis);
    for (const key of ['one', 'two']) open(client, key);
    await clock.pass(1_100);
    redis.commands.length = 0;
    redis.subscribers[0]!.listeners.get('ready')!();
    await clock.pass(40);
    expect(redis.commands).toEqual(['get one', 'get two']);
  });

  it('the sessions of a process share one connection, which closes with the last of them', async () => {
    const client = clientOf(redis);
    const [one, two] = [open(client, 'one'), open(client, 'two')];
    await clock.pass(1_100);
    expect(redis.subscribers.length).toBe(1);
    one.dispose();
    expect(redis.subscribers[0]!.closed).toBeUndefined();
    two.dispose();
    await clock.pass(20);
    expect(redis.subscribers[0]!.closed).toBe(library === 'redis' ? 'destroy' : 'disconnect');
    await openFor(1_100, client);
    expect(redis.subscribers.length).toBe(2);
  });

  it('a session still gets messages when another session of its process is disposed', async () => {
    const client = clientOf(redis);
    const [one, two] = [open(client), await openFor(1_100, client)];
    one.dispose();
    await open(clientOf(redis)).signIn(TOKENS);
    await clock.pass(20);
    expect(two.status).toBe('signed-in');
  });

  it('nothing remains of disposed sessions, not even their key', async () => {
    const set = vi.spyOn(Map.prototype, 'set');
    const client = clientOf(redis);
    const sessions = [open(client, 'leaves-nothing'), await openFor(1_100, client, 'leaves-nothing')];
    await sessions[0]!.signIn(TOKENS);
    await Promise.all(sessions.map((session) => session.refresh()));
    for (const session of sessions) session.dispose();
    await clock.pass(20);
    redis.double.flush();
    const maps = new Set(set.mock.contexts as Map<unknown, unknown>[]);
    set.mockRestore();
    expect([...maps].filter((map) => map.has('leaves-nothing'))).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('never opened');
      },
    ],
    ['rejects', () => Promise.reject(new Error('never opened'))],
  ])('an error of closing is ignored: it %s', async (_, closing) => {
    const session = await openFor(1_100, clientOf(redis));
    redis.subscribers[0]!.closing = closing;
    expect(() => session.dispose()).not.toThrow();
    await clock.pass(20);
  });

  it('a session that is disposed within a second opens no connection', async () => {
    const session = await openFor(500, clientOf(redis));
    session.dispose();
    await clock.pass(1_000);
    expect(redis.subscribers).toEqual([]);
  });

  it('a message is read only by the sessions with its key', async () => {
    const client = clientOf(redis);
    await openFor(1_100, client, 'one');
    redis.commands.length = 0;
    await redisStore({ client: clientOf(redis), key: 'two' }).write(TOKENS);
    await clock.pass(40);
    expect(redis.commands.filter((command) => command === 'get one')).toEqual([]);
    expect(redis.commands.filter((command) => command === 'get two').length).toBeLessThan(2);
  });
});

describe('with a client of redis', () => {
  it('of version 4, the connection is closed in the way of that version', async () => {
    const client = redis.node() as unknown as { duplicate: (options: unknown) => unknown };
    const duplicate = client.duplicate;
    client.duplicate = (options) => Object.assign(duplicate(options) as object, { destroy: undefined });
    const session = await openFor(1_100, client as unknown as RedisClient);
    session.dispose();
    expect(redis.subscribers[0]!.closed).toBe('disconnect');
  });

  it('commands wait up to a minute to be sent, in case the process is busy', async () => {
    const withCommandOptions = vi.fn(() => redis.node());
    const client = redis.node({ withCommandOptions });
    await open(client).signIn(TOKENS);
    expect(withCommandOptions).toHaveBeenCalledWith({ timeout: 60_000 });
  });

  it('a cluster opens no connection to nodes without a subscription', async () => {
    await openFor(1_100, redis.node());
    expect(redis.subscribers[0]!.options).toEqual({ minimizeConnections: true });
  });

  it('all sessions are read again when a node of a cluster has reconnected', async () => {
    await openFor(1_100, redis.node());
    redis.commands.length = 0;
    redis.subscribers[0]!.listeners.get('node-ready')!();
    await clock.pass(40);
    expect(redis.commands).toEqual(['get k']);
  });

  it('a connection that never opens causes no error', async () => {
    const client = redis.node() as unknown as { duplicate: (options: unknown) => unknown };
    const duplicate = client.duplicate;
    client.duplicate = (options) =>
      Object.assign(duplicate(options) as object, { connecting: () => Promise.reject(new Error('refused')) });
    const session = await openFor(1_100, client as unknown as RedisClient);
    expect(session.status).toBe('signed-out');
  });
});

describe('with a client of ioredis', () => {
  it('that returns numbers as strings, a session notices turns too', async () => {
    const client = redis.io() as unknown as { eval: (...args: unknown[]) => Promise<unknown> };
    const run = client.eval;
    client.eval = async (...args) => {
      const reply = await run(...args);
      return Array.isArray(reply) ? reply.map((part) => part && String(part)) : reply;
    };
    const session = open(client as unknown as RedisClient);
    await session.signIn(TOKENS);
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('a session subscribes again after each reconnect, and then reads what it may have missed', async () => {
    await openFor(1_100, redis.io());
    const [subscriber] = redis.subscribers;
    const before = subscriber!.channels.length;
    subscriber!.listeners.get('ready')!();
    await clock.pass(20);
    expect(subscriber!.channels.slice(before)).toEqual(['unexpired']);
  });
});
