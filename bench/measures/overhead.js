import assert from 'node:assert/strict';
import { BARE, contenderNamed, contenders } from '../contenders/index.js';
import { createStorage } from '../lib/client.js';
import { inProcess } from '../lib/process.js';
import { median, shuffled } from '../lib/statistics.js';
import { jwt } from '../lib/tokens.js';

export const title = 'Overhead: a request with a fresh token, over a transport that answers at once';

/** Requests per timed block. A block takes less time than the scheduler gives a process at once, so it is rarely interrupted. */
const BLOCK = 40;
const AT_ONCE = 100;
const WARM_UP = 5_000;
const ALLOCATION_BLOCK = 1_000;
const HOUR = 3_600_000;

/** The young generation is so large that no garbage is collected during the measurement of allocations. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

export async function run({ rounds, processes }) {
  const results = new Map(contenders.map(({ name }) => [name, []]));
  for (let run = 0; run < processes; run++) {
    for (const name of shuffled([...results.keys()]))
      results.get(name).push(await inProcess('overhead', name, { rounds }, FLAGS));
  }
  return [...results].map(([name, runs]) => summarize(name, runs));
}

function summarize(contender, runs) {
  const middle = (pick) => median(runs.map(pick));
  return {
    contender,
    µs: round(
      middle(({ inARow }) => inARow.time),
      2,
    ),
    'ratio to bare': round(
      middle(({ inARow }) => inARow.ratio),
      3,
    ),
    'µs, 100 at once': round(
      middle(({ atOnce }) => atOnce.time),
      2,
    ),
    'ratio, 100 at once': round(
      middle(({ atOnce }) => atOnce.ratio),
      3,
    ),
    bytes: Math.round(middle(({ bytes }) => bytes)),
    'bytes, ratio': round(
      middle(({ bytesRatio }) => bytesRatio),
      3,
    ),
    blocks: runs.length * runs[0].blocks,
  };
}

const round = (value, digits) => Number(value.toFixed(digits));

/** Runs in its own process. Blocks of the contender alternate with blocks of bare axios. */
export async function work(contender, { rounds }) {
  await prove(contender);
  const pair = { it: await freshClient(contender), bare: await freshClient(contenderNamed(BARE)) };
  for (const client of Object.values(pair)) {
    await inARow(client, WARM_UP);
    await atOnce(client, WARM_UP / AT_ONCE);
  }
  const bytes = await allocated(pair.it);
  return {
    blocks: rounds,
    inARow: await compare(pair, rounds, (client) => inARow(client, BLOCK)),
    atOnce: await compare(pair, rounds, (client) => atOnce(client, 1)),
    bytes,
    bytesRatio: bytes / (await allocated(pair.bare)),
  };
}

async function compare(pair, rounds, block) {
  const times = [];
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const took = {};
    for (const who of shuffled(['it', 'bare'])) took[who] = await block(pair[who]);
    times.push(took.it);
    ratios.push(took.it / took.bare);
  }
  return { time: median(times), ratio: median(ratios) };
}

/** Returns µs per request. */
async function inARow(client, count) {
  const started = performance.now();
  for (let index = 0; index < count; index++) await client.get('/order/');
  return ((performance.now() - started) * 1_000) / count;
}

async function atOnce(client, times) {
  const started = performance.now();
  for (let time = 0; time < times; time++)
    await Promise.all(Array.from({ length: AT_ONCE }, () => client.get('/order/')));
  return ((performance.now() - started) * 1_000) / (AT_ONCE * times);
}

/** Returns bytes per request: how much the heap grows while no garbage is collected. */
async function allocated(client) {
  const runs = [];
  for (let run = 0; run < 9; run++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < ALLOCATION_BLOCK; index++) await client.get('/order/');
    runs.push((process.memoryUsage().heapUsed - before) / ALLOCATION_BLOCK);
  }
  return median(runs);
}

const tokensFor = (lifetime) => {
  const expiresAt = Date.now() + lifetime;
  return { accessToken: jwt({ sub: '1', exp: expiresAt / 1_000 }), refreshToken: 'refresh', expiresAt };
};

const freshClient = (contender) =>
  createClient(
    contender,
    tokensFor(HOUR),
    instantTransport(() => true),
  );

function createClient(contender, tokens, transport, refresh) {
  return contender.create({
    baseURL: 'http://api.test',
    tokens,
    transport,
    refresh,
    storage: createStorage(),
  });
}

/** Checks, with the same transport, that the contender refreshes an expired token and sends a fresh token unchanged. */
async function prove(contender) {
  const fresh = tokensFor(HOUR);
  const stale = tokensFor(contender.refreshes ? -1_000 : HOUR);
  const wanted = contender.refreshes ? fresh : stale;
  const seen = [];
  const transport = instantTransport((authorization) => {
    seen.push(authorization);
    return authorization === `Bearer ${wanted.accessToken}`;
  });
  let refreshes = 0;
  const refresh = async () => {
    refreshes++;
    return fresh;
  };
  const client = await createClient(contender, stale, transport, refresh);
  assert.deepEqual(await client.get('/order/'), { orders: [] });
  assert.deepEqual(await client.get('/order/'), { orders: [] });
  assert.equal(refreshes, contender.refreshes ? 1 : 0);
  assert.equal(seen.at(-1), `Bearer ${wanted.accessToken}`);
  client.close?.();
}

/** A transport that answers immediately, as an adapter for axios and one for alova. */
function instantTransport(accepts) {
  const answer = (authorization) =>
    accepts(authorization) ? { status: 200, data: '{"orders":[]}' } : { status: 401, data: '{}' };
  return {
    axios: { adapter: (config) => settle(config, answer(authorizationOf(config))) },
    alova: ({ headers }) => {
      const { status, data } = answer(headers.Authorization);
      const response = { ok: status === 200, status, json: async () => JSON.parse(data) };
      return { response: async () => response, headers: async () => ({}), abort() {} };
    },
  };
}

const authorizationOf = ({ headers }) => headers.get('Authorization');

function settle(config, { status, data }) {
  const response = { data, status, statusText: '', headers: {}, config, request: null };
  if (status === 200) return Promise.resolve(response);
  return Promise.reject(
    Object.assign(new Error(`status ${status}`), { isAxiosError: true, config, response }),
  );
}
