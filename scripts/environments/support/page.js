import { chromium } from 'playwright-core';
import { CHROMIUM_ARGS, headlessPath } from '../../../test/support/chromium.ts';

/** Opens an address in Chromium until `visit` ends. Throws if the page reports an error in its console. */
export async function visitPage(url, visit) {
  const browser = await chromium.launch({ executablePath: headlessPath(), args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on('pageerror', ({ stack, message }) => complaints.push(stack ?? message));
    page.on('console', (message) => {
      const isComplaint = ['error', 'warning'].includes(message.type());
      // The browser's own message for a refused call.
      if (isComplaint && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    await page.goto(url);
    try {
      await visit(page);
    } catch (error) {
      throw new Error(`${error.message}\n${complaints.join('\n')}\n${await page.content()}`);
    }
    if (complaints.length) throw new Error(`The page complains:\n${complaints.join('\n')}`);
  } finally {
    await browser.close();
  }
}

/** Waits until an element has this text. */
export async function expectText(page, selector, text) {
  await page.locator(selector, { hasText: text }).waitFor({ timeout: 30_000 });
}
