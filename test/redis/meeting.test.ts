import { expect, inject, it, onTestFinished } from 'vitest';
import { type RedisOptions, readRedisOptions } from '../../src/redis/options.js';
import { RedisMeeting } from '../../src/redis/redis-meeting.js';
import { LIBRARIES, newKey } from './fleet.ts';

async function meet(options: Omit<RedisOptions, 'client'>): Promise<RedisMeeting> {
  return new RedisMeeting(readRedisOptions({ ...options, client: await LIBRARIES.redis!(inject('redis')) }));
}

it('a turn that ends before it reads anything does not overwrite the newer entry of others', async () => {
  const key = newKey();
  const [one, two] = [await meet({ key }), await meet({ key })];
  onTestFinished(one.listen({ changed: () => void one.update(() => undefined) }));
  const limits = { signal: AbortSignal.timeout(60_000), holdFor: 10_000 };
  const end = () =>
    expect(one.inTurn(() => Promise.reject(new Error('aborted')), limits)).rejects.toThrow('aborted');
  await two.update(() => ({ generation: 1 }));
  await end(); // the message about the entry arrives
  await end(); // this process has read the entry
  await two.update(() => ({ generation: 2 }));
  expect(await one.update(() => undefined)).toEqual({ generation: 2 });
});
