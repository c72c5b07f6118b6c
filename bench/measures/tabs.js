import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { contenders } from '../contenders/index.js';
import { bundle } from '../lib/bundle.js';
import { progress } from '../lib/progress.js';
import { listen } from '../lib/server.js';
import { median, shuffled } from '../lib/statistics.js';

export const title =
  'Tabs: three requests in each of N tabs of one Chromium, all with the same expired token';

export const TABS = [1, 5, 20];
const HTML = '<!doctype html><title>tab</title><script type="module" src="/app.js"></script>';

const refreshing = contenders.filter(({ refreshes }) => refreshes);

export async function run({ tabRuns, chromiumPath, chromiumArgs }) {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: chromiumArgs });
  try {
    const scripts = new Map();
    for (const { name } of refreshing) {
      scripts.set(name, await bundle(pageOf(name)));
      await prove(browser, scripts.get(name));
    }
    const rows = [];
    for (const tabs of TABS) {
      const runs = [];
      for (let round = 0; round < tabRuns; round++) {
        for (const { name } of shuffled(refreshing)) {
          progress(`${tabs} tabs, round ${round + 1}: ${name}`);
          runs.push({ name, ...(await runOnce(browser, scripts.get(name), tabs)) });
        }
      }
      rows.push(...refreshing.map(({ name }) => summarize(name, tabs, runs)));
    }
    return rows;
  } finally {
    await browser.close();
  }
}

function summarize(contender, tabs, runs) {
  const own = runs.filter(({ name }) => name === contender);
  const middle = (key) => Math.round(median(own.map((run) => run[key])));
  return {
    tabs,
    contender,
    'refresh calls': middle('refreshes'),
    'tabs without a session': middle('lost'),
    'failed of': `${middle('failed')} of ${tabs * 3}`,
    'ms to the last answer': middle('ms'),
    runs: own.length,
  };
}

const pageOf = (name) => `
  import { contenderNamed } from './contenders/index.js';
  import { startPage } from './lib/page.js';
  startPage(contenderNamed(${JSON.stringify(name)}));`;

/** Serves the page and calls `act` with a new browser context. */
async function inContext(browser, script, act) {
  const pages = { '/': () => ['text/html', HTML], '/app.js': () => ['text/javascript', script] };
  const server = await listen(pages);
  // Signs in with an expired token, so that no tab refreshes before all tabs send their requests at the same time.
  pages['/sign-in'] = () => ['application/json', JSON.stringify(server.commands.signIn(-1_000))];
  const context = await browser.newContext();
  try {
    return await act(context, server);
  } finally {
    await context.close();
    server.close();
  }
}

/** Checks before the measurement that a single tab refreshes an expired token once and gets its response. */
function prove(browser, script) {
  return inContext(browser, script, async (context, server) => {
    const [tab] = await openTabs(context, server.baseURL, 1);
    assert.equal(await isLost(tab), false);
    assert.equal(server.commands.stats().refreshes, 1);
  });
}

function runOnce(browser, script, tabs) {
  return inContext(browser, script, async (context, server) => {
    const all = await openTabs(context, server.baseURL, tabs);
    const results = await orderAtOnce(all);
    const { refreshes } = server.commands.stats();
    const failed = results.flatMap(({ answers }) => answers).filter((answered) => !answered).length;
    const lost = (await Promise.all(all.map(isLost))).filter(Boolean).length;
    const began = Math.min(...results.map((result) => result.began));
    return { refreshes, failed, lost, ms: Math.max(...results.map(({ ended }) => ended)) - began };
  });
}

/** Whether one more request of this tab fails. */
const isLost = (page) => page.evaluate(() => globalThis.tab.isLost());

/** The first tab signs in; the others find its tokens in localStorage. */
async function openTabs(context, url, count) {
  const open = async (query) => {
    const page = await context.newPage();
    await page.goto(`${url}/${query}`);
    await page.waitForFunction(() => 'tab' in globalThis);
    return page;
  };
  const first = await open('?first');
  return [first, ...(await Promise.all(Array.from({ length: count - 1 }, () => open(''))))];
}

/** Starts all tabs with one message that they wait for, so that they start within a few milliseconds. */
async function orderAtOnce([first, ...others]) {
  for (const page of others) await page.evaluate(() => globalThis.tab.orderOnSignal());
  await first.evaluate(() => globalThis.tab.giveSignal());
  return Promise.all([first, ...others].map((page) => page.evaluate(() => globalThis.tab.results)));
}
