import { setTimeout as sleep } from 'node:timers/promises';
import { BARE, contenders } from '../contenders/index.js';
import { createClient, overHttp } from '../lib/client.js';
import { inProcess, startServer } from '../lib/process.js';
import { prove } from '../lib/prove.js';
import { refresher } from '../lib/refresher.js';
import { median, shuffled } from '../lib/statistics.js';

export const title =
  'Storm: N requests at once on one token that is no good, over HTTP, with strict rotation';

export const COUNTS = [1, 10, 100, 1_000, 10_000];
/** ms without any answer after which no more are expected. */
const QUIET = 10_000;
/** Requests that are weighed while they wait. */
const WEIGHED = 1_000;
/** ms in which requests that wait come to rest before memory is looked at. */
const REST = 300;

export async function run({ storms, counts = COUNTS }) {
  const runs = [];
  for (let round = 0; round < storms; round++) {
    for (const { name } of shuffled(contenders))
      runs.push(...(await inProcess('storm', name, { counts }, ['--expose-gc'])));
  }
  return summarize(runs);
}

/** Medians, and how long it took beside bare axios with a good token that has refreshed once before. */
function summarize(runs) {
  const groups = Map.groupBy(runs, ({ token, requests, contender }) => `${token}|${requests}|${contender}`);
  const rows = [...groups.values()].map((group) => {
    const row = { ...group[0] };
    for (const key of Object.keys(row))
      if (typeof row[key] === 'number') row[key] = median(group.map((run) => run[key]));
    return row;
  });
  const bare = (requests) => rows.find((row) => row.contender === BARE && row.requests === requests)?.ms;
  const order = [BARE, ...contenders.map(({ name }) => name)];
  return rows
    .map(({ ms, ...row }) => ({
      ...row,
      ms: Math.round(ms),
      'ratio to bare': Number((ms / bare(row.requests)).toFixed(2)),
    }))
    .sort(
      (a, b) =>
        a.token.localeCompare(b.token) ||
        a.requests - b.requests ||
        order.indexOf(a.contender) - order.indexOf(b.contender),
    );
}

export async function work(contender, { counts }) {
  const server = await startServer();
  try {
    await prove(contender, server);
    await storm(contender, server, 100, 'expired'); // warm
    const rows = [];
    for (const requests of counts) {
      if (!contender.refreshes) {
        rows.push(await limit(contender, server, requests));
        continue;
      }
      const expired = await storm(contender, server, requests, 'expired');
      const weight = requests === WEIGHED && { 'bytes waiting': await memory(contender, server, requests) };
      rows.push({ ...expired, ...weight }, await storm(contender, server, requests, 'refused'));
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

/** One refresh, and then all the requests with a token that is good. */
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

/** Who has not been answered once nothing has happened for a while never will be. */
function settled(client, requests) {
  let last = performance.now();
  let giveUp;
  const late = new Promise((resolve) => {
    giveUp = () => resolve('never settled');
  });
  const watch = setInterval(() => performance.now() - last > QUIET && giveUp(), QUIET / 10);
  const note = (outcome) => () => {
    last = performance.now();
    return outcome;
  };
  const order = () => client.get('/order/').then(note('answered'), note('failed'));
  const all = Array.from({ length: requests }, () => Promise.race([order(), late]));
  return Promise.all(all).finally(() => clearInterval(watch));
}

/** Bytes for each request that waits, while the server holds the answer to the refresh back. */
async function memory(contender, server, requests) {
  const client = await signedIn(contender, server, 'expired');
  await server.tell('hold');
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const orders = settled(client, requests);
  await sleep(REST);
  globalThis.gc();
  const bytes = (process.memoryUsage().heapUsed - before) / requests;
  await server.tell('release');
  await orders;
  client.close?.();
  return Math.round(bytes);
}
