import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from 'playwright-core';
import { afterAll, onTestFinished } from 'vitest';
import { CHROMIUM_ARGS, chromiumPath, headlessPath } from './chromium.ts';

export function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS, ...options });
}

/** One browser for tests in which tabs share localStorage, and one for all others. */
const paths = { tabs: chromiumPath, pages: headlessPath };
const shared: { tabs?: Promise<Browser>; pages?: Promise<Browser> } = {};
afterAll(async () => {
  for (const browser of Object.values(shared)) await (await browser).close();
});

/** A context like that of a new browser, until the end of the test. All tests of a file share the browser. */
export async function newContext(wanted: 'tabs' | 'pages' = 'pages'): Promise<BrowserContext> {
  shared[wanted] ??= launchBrowser({ executablePath: paths[wanted]() });
  // Without a GPU, animations would keep the processor busy.
  const context = await (await shared[wanted]).newContext({ reducedMotion: 'reduce' });
  onTestFinished(() => context.close());
  return context;
}

/** The errors and warnings of a page from now on: uncaught errors, and console warnings. */
export function watchComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    // The browser also reports refused and failed calls. These are not errors of the page.
    const isFault = message.type() === 'error' && !message.text().startsWith('Failed to load resource');
    if (isFault || message.type() === 'warning') complaints.push(message.text());
  });
  return complaints;
}
