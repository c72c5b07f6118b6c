import { createClient } from 'redis';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { createSession } from '../../src/index.js';
import { type RedisClient, redisStore } from '../../src/redis/index.js';
import { LIBRARIES, newKey, StrictBackend } from './fleet.ts';

/** Sends a command and blocks the process for `ms`. After a `setImmediate`, due timers run before received replies. */
function askAndStandStill(ask: () => Promise<unknown>, ms: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      ask().then(resolve, reject);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    });
  });
}

it.each(Object.keys(LIBRARIES))(
  'with %s, a process that was blocked gets its replies afterwards, and assumes no outage',
  async (library) => {
    const client = await LIBRARIES[library]!(inject('redis'));
    const store = redisStore({ client, key: newKey(), timeout: 500 });
    expect(await askAndStandStill(async () => store.read(), 1_000)).toBeNull();
  },
);

it('with node-redis, a command that could not be sent at once is sent when the process is free', async () => {
  const client = createClient({ url: inject('redis'), commandOptions: { timeout: 50 } });
  client.on('error', () => {});
  onTestFinished(() => client.destroy());
  await client.connect();
  const store = redisStore({ client, key: newKey(), timeout: 10_000 });
  expect(await askAndStandStill(async () => store.read(), 200)).toBeNull();
});

/** The delay of `slowClient` in ms for each reply. */
const SLOW = 200;

/** Another process takes the turn, and does not give it back. */
function slowClient() {
  const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1', sessionId: 's' };
  const value = `v1 ${JSON.stringify({ generation: 1, sessionId: 's', tokens: { ...tokens, generation: 1 } })}`;
  const answer = (result: unknown) => new Promise((resolve) => setTimeout(() => resolve(result), SLOW));
  return {
    get: () => answer(value),
    eval: vi.fn((_script: string, _options: { arguments: string[] }) => answer([0, value])),
    duplicate: () => ({
      on() {},
      connect: async () => {},
      subscribe: async () => {},
      destroy() {},
    }),
  };
}

it('with a slow Redis, a process that waits for its turn tries less often, and once more at the end', async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  onTestFinished(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  const client = slowClient();
  const store = redisStore({ client: client as unknown as RedisClient, key: newKey(), timeout: 1_000 });
  const session = createSession({ store, backend: new StrictBackend(), refreshTimeout: 5_000 });
  onTestFinished(() => session.dispose());
  const refresh = expect(session.refresh()).rejects.toMatchObject({ code: 'refresh_unavailable' });
  await vi.advanceTimersByTimeAsync(20_000);
  await refresh;
  // In ten seconds, its commands take a fifth of the time, not most of it.
  const tries = client.eval.mock.calls.filter(([, { arguments: args }]) => args.length === 2);
  expect(tries.length).toBeGreaterThan(8);
  expect(tries.length).toBeLessThan(13);
});
