import { BARE, contenderNamed, contenders } from '../contenders/index.js';
import { createClient } from '../lib/client.js';
import { inProcess, startServer } from '../lib/process.js';
import { prove } from '../lib/prove.js';
import { quantile, shuffled } from '../lib/statistics.js';

export const title = 'Steady: one request after another over many token lifetimes, over HTTP';

/** ms, on the server. One token lifetime is long enough for about twenty requests of the contender and twenty of bare axios. */
const TIMES = { latency: 20, refreshLatency: 80, lifetime: 1_000 };
const HOUR = 3_600_000;

export async function run({ lifetimes, steadyRuns }) {
  const runs = [];
  for (let run = 0; run < steadyRuns; run++) {
    for (const { name } of shuffled(contenders)) runs.push(await inProcess('steady', name, { lifetimes }));
  }
  return contenders.map(({ name }) => summarize(runs.filter(({ contender }) => contender === name)));
}

/** Combines all runs of a contender, because the slowest percent of a single run is only a few requests. */
function summarize(runs) {
  const sum = (key) => runs.reduce((total, run) => total + run[key], 0);
  const own = runs.flatMap((run) => run.own);
  const bare = runs.flatMap((run) => run.bare);
  const ms = (times, share) => Number(quantile(times, share).toFixed(1));
  const ratio = (share) => Number((quantile(own, share) / quantile(bare, share)).toFixed(3));
  return {
    contender: runs[0].contender,
    requests: own.length,
    refreshes: sum('refreshes'),
    failed: sum('failed'),
    'median, ms': ms(own, 0.5),
    '99 %, ms': ms(own, 0.99),
    'worst, ms': ms(own, 1),
    'median to bare': ratio(0.5),
    '99 % to bare': ratio(0.99),
    'worst to bare': ratio(1),
  };
}

/** Requests of the contender alternate with requests of bare axios, whose token never expires. */
export async function work(contender, { lifetimes }) {
  const server = await startServer();
  try {
    await prove(contender, server);
    await server.tell('reset', TIMES);
    const { baseURL } = server;
    const lasting = await server.tell('signIn', HOUR);
    const bare = await createClient(contenderNamed(BARE), { baseURL, tokens: lasting });
    const tokens = contender.refreshes ? await server.tell('signIn') : lasting;
    const client = await createClient(contender, { baseURL, tokens });
    const times = await alternate(client, bare, lifetimes * TIMES.lifetime);
    client.close?.();
    const { refreshes } = await server.tell('stats');
    return { contender: contender.name, refreshes, ...times };
  } finally {
    server.close();
  }
}

async function alternate(client, limit, ms) {
  const own = [];
  const bare = [];
  let failed = 0;
  const end = performance.now() + ms;
  while (performance.now() < end) {
    own.push(await timed(() => client.get('/order/').catch(() => failed++)));
    bare.push(await timed(() => limit.get('/order/')));
  }
  return { own, bare, failed };
}

async function timed(act) {
  const started = performance.now();
  await act();
  return performance.now() - started;
}
