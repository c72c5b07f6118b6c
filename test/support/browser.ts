import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { CHROMIUM_ARGS, chromiumPath, headlessPath } from './chromium.ts';

export function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS, ...options });
}

/** Where each tab is a process of its own, or where a page is open in no time. */
const paths = { tabs: chromiumPath, pages: headlessPath };
const shared: { tabs?: Promise<Browser>; pages?: Promise<Browser> } = {};
afterAll(async () => {
  for (const browser of Object.values(shared)) await (await browser).close();
});

/** As new as a browser that was just started, in one that all tests of a file share, until the test is over. */
export async function newContext(wanted: 'tabs' | 'pages' = 'pages'): Promise<BrowserContext> {
  shared[wanted] ??= launchBrowser({ executablePath: paths[wanted]() });
  // Without a GPU whatever moves keeps the processor busy.
  const context = await (await shared[wanted]).newContext({ reducedMotion: 'reduce' });
  onTestFinished(() => context.close());
  return context;
}

/** What goes wrong in a page from now on: errors that nobody caught, and what it warns of. */
export function watchComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    // What the browser itself says of a refused or failed call is no error of the page.
    const isFault = message.type() === 'error' && !message.text().startsWith('Failed to load resource');
    if (isFault || message.type() === 'warning') complaints.push(message.text());
  });
  return complaints;
}
