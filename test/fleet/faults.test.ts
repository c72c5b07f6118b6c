import { expect, it } from 'vitest';
import { type Member, REFRESH_TIMEOUT, startFleet } from './fleet.ts';

const KEY = 'user';
const token = (member: Member) =>
  member.tell<Record<string, number>>('requests', { key: KEY, times: 1, apart: false });
const isToken = (counts: Record<string, number>) => !Object.keys(counts)[0]!.startsWith('failed');
const options = { refreshTimeout: REFRESH_TIMEOUT };

it('kill -9 in a turn, before the call: the other processes wait for the turn to end, and refresh', async () => {
  const {
    server,
    members: [one, two],
    signIn,
    expire,
  } = await startFleet(2, options);
  await signIn(KEY);
  await one!.tell('holdBeforeCall');
  await expire();
  void token(one!);
  await new Promise((resolve) => setTimeout(resolve, 200));
  one!.signal('SIGKILL');
  // Their first attempt may come earlier, and wait no longer than refreshTimeout.
  await expect.poll(() => token(two!).then(isToken)).toBe(true);
  expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
});

it.each([
  ['strict', 'the session ends, and every process emits an event'],
  ['grace', 'the other processes get new tokens'],
])('kill -9 between rotation and commit, with %s rotation: %s', async (rotation: string) => {
  const {
    server,
    members: [one, two],
    signIn,
    expire,
  } = await startFleet(2, { ...options, rotation: rotation as 'strict', graceWindow: 60_000 });
  await signIn(KEY);
  expect(isToken(await token(two!))).toBe(true);
  await expire();
  const release = server.hold('refresh');
  void token(one!);
  await server.called('refresh');
  one!.signal('SIGKILL');
  release();
  if (rotation === 'grace') {
    await expect.poll(() => token(two!).then(isToken)).toBe(true);
    expect(await two!.tell('ends')).toEqual([]);
  } else {
    await expect.poll(() => token(two!)).toEqual({ 'failed: signed_out': 1 });
    expect(await two!.tell('ends')).toEqual(['refresh_rejected']);
  }
});

it('a process that sleeps through its turn does not use a refresh token that another process has used', async () => {
  const {
    server,
    members: [one, two],
    signIn,
    expire,
  } = await startFleet(2, options);
  await signIn(KEY);
  await one!.tell('stopInTurn');
  await expire();
  const late = token(one!);
  await expect.poll(() => token(two!).then(isToken)).toBe(true);
  one!.signal('SIGCONT');
  expect(await late).toEqual(await token(two!));
  expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
});

it('a process that sleeps through its call and its turn follows the others if the server has a grace window', async () => {
  const {
    server,
    members: [one, two],
    signIn,
    expire,
  } = await startFleet(2, { ...options, rotation: 'grace', graceWindow: 60_000 } as never);
  await signIn(KEY);
  await expire();
  const release = server.hold('refresh');
  const late = token(one!);
  await server.called('refresh');
  one!.signal('SIGSTOP');
  release();
  await expect.poll(() => token(two!).then(isToken)).toBe(true);
  one!.signal('SIGCONT');
  await late;
  await expect
    .poll(async () => [await token(one!), await token(two!)].map((counts) => Object.keys(counts)[0]))
    .toSatisfy(([a, b]) => a === b);
  expect(await one!.tell('ends')).toEqual([]);
  expect(await two!.tell('ends')).toEqual([]);
});

it('while Redis is gone for ten seconds and returns empty, valid tokens work, refreshes are unavailable, and nobody is signed out', {
  timeout: 120_000,
}, async () => {
  const { server, redis, members, signIn, expire } = await startFleet(4);
  await signIn(KEY);
  await Promise.all(members.map(token));
  await redis.kill();
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    const answers = await Promise.all(members.map(token));
    expect(answers.every(isToken)).toBe(true);
    expect(await members[0]!.tell('refresh', { key: KEY })).toBe('failed: refresh_unavailable');
  }
  expect(server.stats.refreshes).toBe(0);
  await redis.restart();
  await expire();
  await expect
    .poll(async () => (await Promise.all(members.map(token))).every(isToken), { timeout: 60_000 })
    .toBe(true);
  expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  for (const member of members) {
    expect(await member.tell('ends')).toEqual([]);
    expect(await member.tell('status', { key: KEY })).toBe('signed-in');
  }
});
