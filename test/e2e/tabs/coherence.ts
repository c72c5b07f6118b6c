import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../support/http.ts';
import { bundlePage } from './bundle.ts';
import type {} from './counting-page.ts';
import type { Tab, TabBrowser } from './engine.ts';

const TABS = 8;
const ALL = 400;
/** The number of attempts. In some of them, localStorage may lose nothing by chance. */
const PASSES = 10;

/** Declares, for one engine, the tests that show why the tabs use a ledger in IndexedDB (guarantee 7). */
export function testCoherence(launch: () => Promise<TabBrowser>): void {
  describe(`${TABS} tabs count to ${ALL}, each turn under one exclusive Web Lock`, () => {
    it('localStorage loses turns', async () => {
      const tabs = await openTabs(launch);
      let count = ALL;
      for (let pass = 0; pass < PASSES && count === ALL; pass++) count = await countInLocalStorage(tabs);
      expect(count).toBeLessThan(ALL);
    });

    it('the ledger loses no turns', async () => {
      const tabs = await openTabs(launch);
      for (let pass = 1; pass <= 3; pass++) expect(await countInLedger(tabs)).toBe(pass * ALL);
    });
  });
}

async function openTabs(launch: () => Promise<TabBrowser>): Promise<[Tab, ...Tab[]]> {
  const page = await bundlePage(join(import.meta.dirname, 'counting-page.ts'));
  const origin = await serve(
    async ({ url }) => page(new URL(url).pathname) ?? new Response(null, { status: 404 }),
  );
  const browser = await launch();
  onTestFinished(() => browser.close());
  const first = await browser.open(origin);
  const others = Array.from({ length: TABS - 1 }, () => browser.open(origin));
  return [first, ...(await Promise.all(others))];
}

async function countInLocalStorage(tabs: [Tab, ...Tab[]]): Promise<number> {
  await all(tabs, () => localStorage.clear());
  await sleep(SETTLES);
  await all(tabs, () => window.counting.countOnSignal('localStorage', 50));
  await start(tabs);
  // A write that arrives late is not lost.
  await sleep(SETTLES);
  return Math.max(...(await all(tabs, () => window.counting.read('localStorage'))));
}

/** The time in ms after which every tab sees the writes of all other tabs. */
const SETTLES = 1_000;

async function countInLedger(tabs: [Tab, ...Tab[]]): Promise<number> {
  await all(tabs, () => window.counting.countOnSignal('ledger', 50));
  await start(tabs);
  return tabs[0].evaluate(() => window.counting.read('ledger'));
}

async function start(tabs: [Tab, ...Tab[]]): Promise<void> {
  await tabs[0].evaluate(() => window.counting.start());
  await all(tabs, async () => void (await window.counting.counted));
}

function all<T>(tabs: Tab[], script: () => T | Promise<T>): Promise<T[]> {
  return Promise.all(tabs.map((tab) => tab.evaluate(script)));
}
