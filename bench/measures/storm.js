import { setTimeout as sleep } from 'node:timers/promises';
import { BARE, contenderNamed, contenders } from '../contenders/index.js';
import { createClient, overHttp } from '../lib/client.js';
import { inProcess, startServer } from '../lib/process.js';
import { prove } from '../lib/prove.js';
import { refresher } from '../lib/refresher.js';
import { median, shuffled } from '../lib/statistics.js';

export const title = 'Storm: N requests at once with one invalid token, over HTTP, with strict rotation';

const RATIO = 'ratio to bare';
const WAITING = 'bytes waiting';

export const COUNTS = [1, 10, 100, 1_000, 10_000];
/**
 * After this many ticks without a response, the remaining requests count as never settled. Ticks instead of a time, because a
 * busy process loses time although responses still arrive.
 */
const QUIET_TICKS = 20;
/** ms. */
const TICK = 500;
/** The number of waiting requests for which memory is measured. */
const MEASURED = 1_000;
/** ms to wait before memory is measured, so that all requests have started to wait. */
const SETTLE_TIME = 300;

export async function run({ storms, counts = COUNTS }) {
  const runs = [];
  for (let round = 0; round < storms; round++) {
    for (const { name } of shuffled(contenders))
      runs.push(...(await inProcess('storm', name, { counts }, ['--expose-gc'])));
  }
  return summarize(runs);
}

function summarize(runs) {
  const groups = Map.groupBy(runs, ({ token, requests, contender }) => `${token}|${requests}|${contender}`);
  const rank = ({ contender }) => contenders.findIndex(({ name }) => name === contender);
  return [...groups.values()]
    .map(medians)
    .sort((a, b) => a.token.localeCompare(b.token) || a.requests - b.requests || rank(a) - rank(b));
}

function medians(group) {
  const columns = Object.keys(group[0]).map((name) => {
    const values = group.map((run) => run[name]);
    return [name, typeof values[0] === 'number' ? round(median(values), name) : values[0]];
  });
  return Object.fromEntries(columns);
}

const round = (value, name) => (name === RATIO ? Number(value.toFixed(2)) : Math.round(value));

/** Before each storm, measures bare axios in the same process, to compare with. */
export async function work(contender, { counts }) {
  const server = await startServer();
  const bare = contenderNamed(BARE);
  try {
    await prove(contender, server);
    await storm(contender, server, 100, 'expired'); // warm-up
    await limit(bare, server, 100);
    const rows = [];
    for (const requests of counts) {
      const least = await limit(bare, server, requests);
      const compared = (row) => ({ ...row, [RATIO]: row.ms / least.ms });
      if (!contender.refreshes) {
        rows.push(compared(await limit(contender, server, requests)));
        continue;
      }
      rows.push(compared(await storm(contender, server, requests, 'expired')));
      if (requests === MEASURED) rows.at(-1)[WAITING] = await memory(contender, server, requests);
      rows.push(compared(await storm(contender, server, requests, 'refused')));
    }
    return rows;
  } finally {
    server.close();
  }
}

async function signedIn(contender, server, token) {
  await server.tell('reset', {});
  const tokens = await server.tell('signIn', token === 'expired' ? -1_000 : 3_600_000);
  if (token === 'refused') await server.tell('distrust');
  return createClient(contender, { baseURL: server.baseURL, tokens });
}

async function storm(contender, server, requests, token) {
  const client = await signedIn(contender, server, contender.refreshes ? token : 'good');
  const started = performance.now();
  const outcomes = await settled(client, requests);
  const ms = performance.now() - started;
  client.close?.();
  return row(contender, token, requests, outcomes, ms, await server.tell('stats'));
}

/** The lower limit: one refresh, and then all requests with a valid token. */
async function limit(contender, server, requests) {
  const client = await signedIn(contender, server, 'good');
  const { refreshToken } = await server.tell('signIn');
  const refresh = refresher(server.baseURL, overHttp().axios);
  const started = performance.now();
  await refresh(refreshToken);
  const outcomes = await settled(client, requests);
  const ms = performance.now() - started;
  return row(contender, 'good', requests, outcomes, ms, await server.tell('stats'));
}

function row(contender, token, requests, outcomes, ms, stats) {
  const count = (wanted) => outcomes.filter((outcome) => outcome === wanted).length;
  return {
    token,
    requests,
    contender: contender.name,
    refreshes: stats.refreshes,
    'refused calls': stats.refused,
    'HTTP calls': stats.calls,
    failed: count('failed'),
    'never settled': count('never settled'),
    ms,
  };
}

/** Sends the requests. When no response has arrived for a while, those that still wait count as never settled. */
function settled(client, requests) {
  let quiet = 0;
  let giveUp;
  const late = new Promise((resolve) => {
    giveUp = () => resolve('never settled');
  });
  const watch = setInterval(() => ++quiet > QUIET_TICKS && giveUp(), TICK);
  const note = (outcome) => () => {
    quiet = 0;
    return outcome;
  };
  const order = () => client.get('/order/').then(note('answered'), note('failed'));
  const all = Array.from({ length: requests }, () => Promise.race([order(), late]));
  return Promise.all(all).finally(() => clearInterval(watch));
}

/** Returns bytes per waiting request, while the server holds back the response to the refresh. */
async function memory(contender, server, requests) {
  const client = await signedIn(contender, server, 'expired');
  await server.tell('hold');
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const orders = settled(client, requests);
  await sleep(SETTLE_TIME);
  globalThis.gc();
  const bytes = (process.memoryUsage().heapUsed - before) / requests;
  await server.tell('release');
  await orders;
  client.close?.();
  return Math.round(bytes);
}
