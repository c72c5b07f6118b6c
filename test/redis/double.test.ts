import fc from 'fast-check';
import { createClient } from 'redis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { COMPARE_AND_SET, GIVE_TURN_BACK, TAKE_TURN } from '../../src/redis/scripts.js';
import { RedisDouble } from '../support/redis-double.ts';
import { newKey } from './fleet.ts';

const CHANNEL = `double:${process.pid}`;
const word = fc.constantFrom('a', 'b', '');
const value = fc.constantFrom('v1 {"x": 1}', 'v2 {"x": 2}', 'v1 {"x": 3}', ' blank', 'word', 'tab\there');

/** The commands of the package in random order, and changes by others to its keys. */
const step = fc.oneof(
  fc.record({ script: fc.constant(TAKE_TURN), args: fc.tuple(word, fc.constantFrom('50000', '60000')) }),
  fc.record({ script: fc.constant(GIVE_TURN_BACK), args: fc.tuple(word) }),
  fc.record({
    script: fc.constant(COMPARE_AND_SET),
    args: fc.tuple(
      fc.constantFrom('', 'v1', 'v2', 'word', 'tab'),
      value,
      fc.constant('50000'),
      fc.constant(CHANNEL),
      word,
    ),
  }),
  fc.record({ script: fc.constant(''), args: fc.constant([]) }),
  fc.record({ script: fc.constant('GET'), args: fc.constant([]) }),
  fc.record({ script: fc.constant('everything expires'), args: fc.constant([]) }),
);

it('the Redis in memory, which the model uses, responds like the real one', async () => {
  const client = await createClient({ url: inject('redis') }).connect();
  const subscriber = await client.duplicate().connect();
  onTestFinished(() => {
    client.destroy();
    subscriber.destroy();
  });
  const heard: string[] = [];
  await subscriber.subscribe(CHANNEL, (message) => void heard.push(message));
  const told: string[] = [];

  const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    let now = 0;
    const double = new RedisDouble(
      () => now,
      (_, message) => void told.push(message),
    );
    const [entry, turn] = [newKey(), newKey()];
    for (const { script, args } of steps) {
      if (script === 'everything expires') {
        now += 60_001;
        await client.del([entry, turn]);
        continue;
      }
      const keys = script === TAKE_TURN ? [entry, turn] : [script === GIVE_TURN_BACK ? turn : entry];
      const real = script === 'GET' ? client.get(entry) : client.eval(script, { keys, arguments: [...args] });
      expect(script === 'GET' ? double.get(entry) : double.run(script, keys, [...args])).toEqual(await real);
      for (const key of [entry, turn]) expect(await client.pTTL(key), 'nothing stays for ever').not.toBe(-1);
    }
  });
  await fc.assert(property, { numRuns: 100, seed: 1 });
  await expect.poll(() => heard).toEqual(told);
  expect(told.length).toBeGreaterThan(10);
});
