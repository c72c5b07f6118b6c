import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../support/http.ts';
import { bundlePage } from './bundle.ts';
import type { Tab, TabBrowser } from './engine.ts';
import type { IdleState } from './idle-page.ts';

/** In ms. The first warning opens after a second, and a slow machine has enough time to answer it. */
const PATIENT = '?idleAfter=60000&warnBefore=59000';
const IMPATIENT = '?idleAfter=1000&warnBefore=500';

/** Declares, for one engine, the test of the idle timeout in several tabs. */
export function testIdle(launch: () => Promise<TabBrowser>): void {
  describe('a user who is away', () => {
    it('is warned in both tabs, stays signed in after one answer, and is signed out in all tabs later', async () => {
      const { browser, origin } = await start(launch);
      const tabs = [await browser.open(origin + PATIENT), await browser.open(origin + PATIENT)];
      await tabs[0]!.evaluate(() => window.idle.signIn());
      await every(tabs, ({ opened }) => opened > 0);
      await tabs[1]!.evaluate(() => window.idle.stay());
      await every(tabs, ({ status, closed }) => status === 'signed-in' && closed > 0);
      tabs.push(await browser.open(origin + IMPATIENT), await browser.open(origin + IMPATIENT));
      await every(tabs, ({ status }) => status === 'signed-out');
    });
  });
}

async function start(launch: () => Promise<TabBrowser>) {
  const page = await bundlePage(join(import.meta.dirname, 'idle-page.ts'));
  const origin = await serve(
    async ({ url }) => page(new URL(url).pathname) ?? new Response(null, { status: 404 }),
  );
  const browser = await launch();
  onTestFinished(() => browser.close());
  return { browser, origin };
}

/** One tab after the other, because some drivers control one tab at a time. */
async function every(tabs: Tab[], isSo: (state: IdleState) => boolean): Promise<void> {
  for (const tab of tabs) await expect.poll(() => tab.evaluate(() => window.idle.state())).toSatisfy(isSo);
}
