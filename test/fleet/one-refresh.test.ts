import { expect, it } from 'vitest';
import { startFleet } from './fleet.ts';

const EXPIRIES = Number(process.env.FLEET_EXPIRIES ?? 100);
/** In ms. Eight processes on two cores are slow, and their calls of the token server must not time out. */
const PATIENT = { refreshTimeout: 120_000, redisTimeout: 10_000 };
const USERS = 1_000;

it.each([
  ['one session in each process', false],
  ['a session for each request', true],
])(
  `8 processes × 200 requests, ${EXPIRIES} expiries in a row, %s: one refresh each, no failure`,
  { timeout: 900_000 },
  async (_, apart) => {
    const { server, members, signIn, expire } = await startFleet(8, PATIENT);
    await signIn('user');
    for (let expiry = 1; expiry <= EXPIRIES; expiry++) {
      await expire();
      const counts = await Promise.all(
        members.map((member) =>
          member.tell<Record<string, number>>('requests', { key: 'user', times: 200, apart }),
        ),
      );
      expect(server.stats.refreshes, `expiry ${expiry}`).toBe(expiry);
      // All requests got the same token.
      expect(new Set(counts.flatMap(Object.keys)).size).toBe(1);
      expect(Object.keys(counts[0]!)[0]).not.toMatch(/failed/);
      expect(counts.flatMap(Object.values).reduce((sum, times) => sum + times)).toBe(1_600);
    }
    expect(server.stats.reuses).toBe(0);
  },
);

it(`${USERS} users at once in 8 processes: one refresh each, no failure`, { timeout: 300_000 }, async () => {
  const { server, members, signIn, expire } = await startFleet(8, PATIENT);
  const keys = Array.from({ length: USERS }, (_, index) => `user-${index}`);
  for (const key of keys) await signIn(key);
  await expire();
  const answers = await Promise.all(members.map((member) => member.tell<string[]>('users', { keys })));
  expect(server.stats.refreshes).toBe(USERS);
  expect(server.stats.reuses).toBe(0);
  expect(answers.flat().filter((answer) => answer.startsWith('failed'))).toEqual([]);
  // Every process has the same token for a user.
  for (const others of answers.slice(1)) expect(others).toEqual(answers[0]);
});
