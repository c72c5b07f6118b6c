import { join } from 'node:path';
import { bundlePage } from '../e2e/tabs/bundle.js';
import { newContext } from '../support/browser.js';
import { serve } from '../support/http.js';
import type { Visit, Visited } from './page.js';

/** What a page from its own origin sees in Chromium. */
export async function visit(details: Visit): Promise<Visited> {
  const context = await newContext();
  const files = await bundlePage(join(import.meta.dirname, 'page.ts'));
  const origin = await serve(
    async ({ url }) => files(new URL(url).pathname) ?? new Response('', { status: 404 }),
  );
  const page = await context.newPage();
  await page.goto(origin);
  return page.evaluate((given) => window.visit(given), details);
}
