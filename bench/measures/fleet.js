import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../../test/support/redis.ts';
import { fleetContenders } from '../contenders/fleet.js';
import { startServer } from '../lib/process.js';
import { progress } from '../lib/progress.js';
import { median, shuffled } from '../lib/statistics.js';

export const title =
  'Fleet: 8 processes with 200 requests each on one expired token, with strict rotation and one Redis';

const PROCESSES = 8;
const REQUESTS = 200;
/** ms that the token server takes. */
const REFRESH_LATENCY = 80;

export async function run({ fleetRuns }) {
  const runs = [];
  for (let round = 0; round < fleetRuns; round++) {
    for (const name of shuffled(fleetContenders)) {
      progress(`fleet, round ${round + 1}: ${name}`);
      runs.push({ name, ...(await runOnce(name)) });
    }
  }
  return fleetContenders.map((name) => summarize(name, runs));
}

function summarize(contender, runs) {
  const own = runs.filter(({ name }) => name === contender);
  const middle = (key) => median(own.map((run) => run[key]));
  return {
    contender,
    refreshes: middle('refreshes'),
    'lost sessions': `${own.filter(({ lost }) => lost).length} of ${own.length}`,
    'failed of': `${middle('failed')} of ${PROCESSES * REQUESTS}`,
    'ms to the last answer': middle('ms'),
    'Redis commands per request': middle('commands').toFixed(2),
    'per request, fresh token': middle('freshCommands').toFixed(2),
  };
}

async function runOnce(name) {
  const redis = await startRedis();
  const server = await startServer();
  await server.tell('reset', { refreshLatency: REFRESH_LATENCY });
  const members = await Promise.all(
    Array.from({ length: PROCESSES }, () => startMember(name, server.baseURL, redis.url)),
  );
  try {
    await members[0].tell('signIn', await server.tell('signIn', -1_000));
    const storm = await requests(members);
    const fresh = await requests(members);
    const { refreshes, reuses } = await server.tell('stats');
    return { ...storm, refreshes, lost: reuses > 0, freshCommands: fresh.commands };
  } finally {
    for (const member of members) member.kill();
    server.close();
    await redis.kill();
  }
}

async function requests(members) {
  const began = Date.now();
  const results = await Promise.all(members.map(({ tell }) => tell('requests', REQUESTS)));
  const ms = Math.max(...results.map(({ ended }) => ended)) - began;
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  const commands = results.reduce((sum, result) => sum + result.commands, 0);
  return { ms, failed, commands: commands / (PROCESSES * REQUESTS) };
}

async function startMember(...args) {
  const child = fork(fileURLToPath(new URL('../lib/fleet-process.js', import.meta.url)), args);
  const waiting = new Map();
  let serial = 0;
  child.on('message', ({ id, result }) => waiting.get(id)?.(result));
  await once(child, 'message');
  return {
    kill: () => child.kill('SIGKILL'),
    tell: (command, argument) =>
      new Promise((resolve) => {
        waiting.set(++serial, resolve);
        child.send({ id: serial, command, argument });
      }),
  };
}
