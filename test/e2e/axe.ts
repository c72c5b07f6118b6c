import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Frame, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Widths in px of a phone and of a wide screen. */
const WIDTHS = [390, 1600];
/** Only the colours differ in dark mode. */
const RULES = { light: 'undefined', dark: '["color-contrast"]' };

interface AxeOptions {
  widths?: readonly number[];
  /** A selector of the elements to check. @default the whole page */
  include?: string;
  /** Selectors of elements that axe-core skips. */
  exclude?: readonly string[];
}

/** The findings of axe-core for the page and its frames, on a phone and on a wide screen, in light and dark mode. */
export async function axeFindings(
  page: Page,
  { widths = WIDTHS, include = 'html', exclude = [] }: AxeOptions = {},
): Promise<string[]> {
  const found: string[] = [];
  const size = page.viewportSize();
  for (const frame of page.frames()) await bringAxe(frame);
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const findings = await run(page, { include: [include], exclude }, RULES[colorScheme]);
      found.push(...findings.map((finding) => `${width} px, ${colorScheme}: ${finding}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  if (size) await page.setViewportSize(size);
  return found;
}

async function bringAxe(frame: Frame): Promise<void> {
  if (!(await frame.evaluate('"axe" in globalThis'))) await frame.evaluate(AXE);
}

async function run(page: Page, area: object, rules: string): Promise<string[]> {
  const context = JSON.stringify(area);
  const options = `{ resultTypes: ["violations"], runOnly: ${rules} }`;
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${context}, ${options})`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target.join(' in ')}`));
}
