import { chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { bundlePage } from '../e2e/tabs/bundle.js';
import { CHROMIUM_ARGS, chromiumPath } from '../support/chromium.js';
import { serve } from '../support/http.js';
import type { Visit, Visited } from './page.js';

/** What a page in Chromium sees that comes from an origin of its own. */
export async function visit(details: Visit): Promise<Visited> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
  onTestFinished(() => browser.close());
  const files = await bundlePage('../../contracts/page.ts');
  const origin = await serve(
    async ({ url }) => files(new URL(url).pathname) ?? new Response('', { status: 404 }),
  );
  const page = await browser.newPage();
  await page.goto(origin);
  return page.evaluate((given) => window.visit(given), details);
}
