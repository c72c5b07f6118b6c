import { describe, expect, it, onTestFinished } from 'vitest';
import { serveTabs } from './browser.ts';
import type { Tab, TabBrowser } from './engine.ts';
import type { TabResult } from './page.ts';

/** The result of many runs, for the table of scripts/tabs.js. */
export interface Tally {
  engine: string;
  turns: string;
  tabs: number;
  /** Each run has its own browser and session. */
  runs: number;
  /** The number of times that the tokens of all tabs were refused at the same moment. */
  expiries: number;
  /** The counts of the server. */
  refreshCalls: number;
  orders: number;
  failedOrders: number;
  /** The number of tabs that were signed out. */
  signedOut: number;
}

declare module 'vitest' {
  interface TaskMeta {
    tally?: Tally;
  }
}

const RUNS = Number(process.env.TABS_RUNS ?? 1);
const ROUNDS = 3;
/** The time in ms for one run with twenty tabs on a slow machine. */
const RUN_TIME = 90_000;

const TURNS = [
  { by: 'Web Locks and the ledger', turns: 'lock', query: '' },
  { by: 'the lease in the ledger, without Web Locks', turns: 'lease', query: '?no-locks' },
];

/** Declares the main test for one engine: many tabs, one session, one refresh. */
export function testOneRefresh(
  engine: string,
  launch: () => Promise<TabBrowser>,
  counts: readonly number[] = [2, 5, 20],
): void {
  describe.each(TURNS)('by $by', ({ turns, query }) => {
    it.for(counts)(
      '%i tabs whose token is refused at the same moment cost one refresh, and nobody is signed out',
      { timeout: RUNS * RUN_TIME },
      async (tabs, { task }) => {
        const tally = { engine, turns, tabs, ...nothing() };
        task.meta.tally = tally;
        for (let run = 0; run < RUNS; run++)
          await inBrowser(launch, (browser) => runOnce(browser, query, tally));
      },
    );
  });
}

function nothing() {
  return { runs: 0, expiries: 0, refreshCalls: 0, orders: 0, failedOrders: 0, signedOut: 0 };
}

async function inBrowser(launch: () => Promise<TabBrowser>, act: (browser: TabBrowser) => Promise<void>) {
  const browser = await launch();
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= browser.close());
  onTestFinished(close); // closes the browser even after a timeout
  await act(browser).finally(close);
}

async function runOnce(browser: TabBrowser, query: string, tally: Tally): Promise<void> {
  const { origin, server } = await serveTabs();
  const tabs = await openTabs(browser, `${origin}/${query}`, tally.tabs);
  let results: TabResult[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    server.expireAccessTokens();
    results = await orderAtOnce(tabs);
    noteOrders(tally, results);
    for (const { orders, status, signedOut } of results) {
      expect.soft({ orders, status, signedOut }).toEqual({
        orders: ['200', '200', '200'],
        status: 'signed-in',
        signedOut: 0,
      });
    }
    expect.soft(server.stats).toMatchObject({
      refreshes: round,
      refreshFailures: 0,
      reuses: 0,
      refreshesAtOnce: 1,
    });
  }
  tally.runs++;
  tally.refreshCalls += server.stats.refreshes + server.stats.refreshFailures;
  tally.signedOut += results.filter(({ signedOut }) => signedOut > 0).length;
}

/** Tabs that share one session. */
async function openTabs(browser: TabBrowser, url: string, count: number): Promise<[Tab, ...Tab[]]> {
  const first = await browser.open(url);
  await first.evaluate(() => window.tab.logIn());
  const others = await Promise.all(Array.from({ length: count - 1 }, () => browser.open(url)));
  return [first, ...others];
}

/** Requests three orders in each tab. The tabs start by themselves, because some drivers control one tab at a time. */
async function orderAtOnce([first, ...others]: [Tab, ...Tab[]]): Promise<TabResult[]> {
  await Promise.all(
    others.map((tab) => tab.evaluate(() => void (window.tab.begun = window.tab.orderOnSignal()))),
  );
  await first.evaluate(() => {
    window.tab.giveSignal();
    window.tab.begun = window.tab.order();
  });
  return Promise.all([first, ...others].map((tab) => tab.evaluate(() => window.tab.begun!)));
}

function noteOrders(tally: Tally, results: TabResult[]): void {
  const orders = results.flatMap((result) => result.orders);
  tally.expiries++;
  tally.orders += orders.length;
  tally.failedOrders += orders.filter((order) => order !== '200').length;
}
