import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { contenders } from '../contenders/index.js';
import { bundle } from '../lib/bundle.js';
import { progress } from '../lib/progress.js';
import { listen } from '../lib/server.js';
import { median, shuffled } from '../lib/statistics.js';

export const title =
  'Tabs: three requests in each of N tabs of one Chromium, on one token that all find expired';

export const TABS = [1, 5, 20];
const HTML = '<!doctype html><title>tab</title><script type="module" src="/app.js"></script>';

const taking = contenders.filter(({ refreshes }) => refreshes);

export async function run({ tabRuns, chromiumPath, chromiumArgs }) {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: chromiumArgs });
  try {
    const scripts = new Map();
    for (const { name } of taking) {
      scripts.set(name, await bundle(pageOf(name)));
      await prove(browser, scripts.get(name));
    }
    const rows = [];
    for (const tabs of TABS) {
      const runs = [];
      for (let round = 0; round < tabRuns; round++) {
        for (const { name } of shuffled(taking)) {
          progress(`${tabs} tabs, round ${round + 1}: ${name}`);
          runs.push({ name, ...(await runOnce(browser, scripts.get(name), tabs)) });
        }
      }
      rows.push(...taking.map(({ name }) => summarize(name, tabs, runs)));
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

/** Serves the page, and gives `act` a new context of the browser for it. */
async function inContext(browser, script, act) {
  const pages = { '/': () => ['text/html', HTML], '/app.js': () => ['text/javascript', script] };
  const server = await listen(pages);
  // Signed in with a token that has just expired: nobody asks for anything before all ask at once.
  pages['/sign-in'] = () => ['application/json', JSON.stringify(server.commands.signIn(-1_000))];
  const context = await browser.newContext();
  try {
    return await act(context, server);
  } finally {
    await context.close();
    server.close();
  }
}

/** Before it is timed: in one tab, an expired token is refreshed once and the request answered. */
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

/** Whether a further request of a tab fails. */
const isLost = (page) => page.evaluate(() => globalThis.tab.isLost());

/** The first signs in; the others find its tokens in localStorage. */
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

/** By a message that all tabs wait for: they begin within a few milliseconds. */
async function orderAtOnce([first, ...others]) {
  for (const page of others) await page.evaluate(() => globalThis.tab.orderOnSignal());
  await first.evaluate(() => globalThis.tab.giveSignal());
  return Promise.all([first, ...others].map((page) => page.evaluate(() => globalThis.tab.results)));
}
