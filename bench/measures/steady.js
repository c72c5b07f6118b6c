import { BARE, contenders } from '../contenders/index.js';
import { createClient } from '../lib/client.js';
import { inProcess, startServer } from '../lib/process.js';
import { prove } from '../lib/prove.js';
import { median, quantile, shuffled } from '../lib/statistics.js';

export const title = 'Steady: requests one after the other over many lifetimes, over HTTP';

/** ms. The server's; a lifetime is some forty requests long. */
const TIMES = { latency: 20, refreshLatency: 80, lifetime: 1_000 };

export async function run({ lifetimes, steadyRuns }) {
  const runs = [];
  for (let turn = 0; turn < steadyRuns; turn++) {
    for (const { name } of shuffled(contenders)) runs.push(await inProcess('steady', name, { lifetimes }));
  }
  const bare = summarize(BARE, runs);
  return contenders.map(({ name }) => {
    const row = summarize(name, runs);
    return { ...row, '99 % to bare': Number((row['99 %'] / bare['99 %']).toFixed(3)) };
  });
}

function summarize(contender, runs) {
  const own = runs.filter((run) => run.contender === contender);
  const middle = (key) => Number(median(own.map((run) => run[key])).toFixed(1));
  return {
    contender,
    requests: middle('requests'),
    refreshes: middle('refreshes'),
    failed: middle('failed'),
    'median, ms': middle('median'),
    '99 %': middle('late'),
    worst: middle('worst'),
  };
}

export async function work(contender, { lifetimes }) {
  const server = await startServer();
  try {
    await prove(contender, server);
    await server.tell('reset', TIMES);
    const tokens = await server.tell('signIn', contender.refreshes ? undefined : 3_600_000);
    const client = await createClient(contender, { baseURL: server.baseURL, tokens });
    const { times, failed } = await requestFor(client, lifetimes * TIMES.lifetime);
    client.close?.();
    const { refreshes } = await server.tell('stats');
    return {
      contender: contender.name,
      requests: times.length,
      refreshes,
      failed,
      median: median(times),
      late: quantile(times, 0.99),
      worst: Math.max(...times),
    };
  } finally {
    server.close();
  }
}

async function requestFor(client, ms) {
  const times = [];
  let failed = 0;
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const started = performance.now();
    await client.get('/order/').catch(() => failed++);
    times.push(performance.now() - started);
  }
  return { times, failed };
}
