import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings } from '../e2e/axe.ts';
import { newContext, watchComplaints } from '../support/browser.ts';
import { type StaticSite, serveFiles } from '../support/static-site.ts';

const BUILT = join(import.meta.dirname, '../../docs/.vitepress/dist');
if (!existsSync(BUILT)) throw new Error('The site is not built: npm run docs:build');

const PAGES = globSync('**/*.html', { cwd: BUILT, exclude: ['playground/**'] }).sort();
/** These pages differ most from each other, so axe checks them on a phone too. */
const SAMPLES = [
  'index.html',
  'performance.html',
  'playground.html',
  'start.html',
  'zh/troubleshooting.html',
];
/** An element of VitePress itself: its name does not contain the keys that it shows. */
const SEARCH_BUTTON = '.DocSearch';

let site: StaticSite;
beforeAll(async () => {
  site = await serveFiles(BUILT, '/');
});
afterAll(() => site.close());

async function open(context: BrowserContext, path: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints = watchComplaints(page);
  await page.goto(`${site.url}${path}`);
  await page.waitForFunction(() => '__vue_app__' in document.querySelector('#app')!);
  return { page, complaints };
}

describe('the site', () => {
  it('has a page for each guide', () => {
    expect(PAGES).toEqual(expect.arrayContaining(SAMPLES));
    expect(PAGES.length).toBeGreaterThan(60);
  });

  it.each(PAGES)('%s has no findings of axe, and no errors in the console', async (path) => {
    const { page, complaints } = await open(await newContext(), path);
    const widths = SAMPLES.includes(path) ? [390, 1600] : [1600];
    expect(await axeFindings(page, { widths, exclude: [SEARCH_BUTTON] })).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['start.html', 'en', 'refresh token'],
    ['zh/start.html', 'zh-CN', '退出登录'],
  ])('the search of %s, in %s, finds "%s"', async (path, language, words) => {
    const { page } = await open(await newContext(), path);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    await page.locator(SEARCH_BUTTON).first().click();
    await page.locator('#localsearch-input').fill(words);
    await page.locator('#localsearch-list .result').first().waitFor();
  });

  it('requests no file that does not exist', () => {
    expect(site.missing).toEqual([]);
  });
});
