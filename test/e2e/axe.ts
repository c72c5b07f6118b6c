import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** In dark only the colours differ. */
const RULES = { light: 'undefined', dark: '["color-contrast"]' };

/** What axe-core finds on the page and in its frames, in light and in dark. */
export async function axeFindings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const frame of page.frames()) await frame.evaluate(AXE);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate<AxeResults>(
      `axe.run({ resultTypes: ["violations"], runOnly: ${RULES[colorScheme]} })`,
    );
    for (const { id, nodes } of violations) {
      found.push(...nodes.map(({ target }) => `${colorScheme}: ${id} at ${target.join(' in ')}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}
