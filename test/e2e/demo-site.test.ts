import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newContext } from '../support/browser.ts';
import { type StaticSite, serveFiles } from '../support/static-site.ts';
import { Playground } from './playground.ts';

const demo = (path: string) => fileURLToPath(new URL(`../../demo/${path}`, import.meta.url));

let site: StaticSite;
beforeAll(async () => {
  execFileSync(process.execPath, [demo('build.js')]);
  site = await serveFiles(demo('dist'), '/docs/playground/');
});
afterAll(() => site.close());

describe('the playground as static files below any path', () => {
  it('plays its story and its tabs without a server', async () => {
    const playground = await Playground.open(await newContext(), site.url);
    await playground.play();
    expect((await playground.score(playground.stage('The story')))['Refresh calls']).toEqual(['50', '1']);
    await playground.unfold('Four tabs, one session');
    await playground.page.getByText('Four tabs are signed in').waitFor();
    await playground.button('Let all expire').click();
    await playground.page.getByText('4 tabs, 1 refresh, 20 orders answered.').waitFor();
    expect(playground.complaints).toEqual([]);
    expect(site.missing).toEqual([]);
  });

  it('works in a browser without SharedWorker, where no other tab can join', async () => {
    const context = await newContext();
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
    const playground = await Playground.open(context, site.url);
    await playground.play();
    expect((await playground.score(playground.stage('The story')))['Refresh calls']).toEqual(['50', '1']);
    await playground.unfold('Four tabs, one session');
    await playground.page.getByText('Four tabs are signed in').waitFor();
    expect(await playground.page.getByRole('link', { name: 'Open a real tab' }).count()).toBe(0);
    await playground.button('Let all expire').click();
    await playground.page.getByText('4 tabs, 1 refresh, 20 orders answered.').waitFor();
    expect(await playground.counts('tabs')).toMatchObject({ logins: 1, refreshes: 1, reuses: 0 });
  });

  it('two playgrounds in one browser do not disturb each other', async () => {
    const context = await newContext();
    const [first, second] = [
      await Playground.open(context, site.url),
      await Playground.open(context, site.url),
    ];
    await Promise.all([first.play(), second.play()]);
    for (const playground of [first, second]) {
      expect((await playground.score(playground.stage('The story')))['Refresh calls']).toEqual(['50', '1']);
      expect(await playground.counts('unexpired')).toMatchObject({ logins: 1, refreshes: 1, ordersOk: 50 });
    }
  });

  it.each(['vue', 'react'])('opens the %s app', async (app) => {
    const page = await (await newContext()).newPage();
    await page.goto(`${site.url}${app}/index.html`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('cell', { name: 'Espresso machine' }).waitFor();
    expect(page.url()).toBe(`${site.url}${app}/`);
  });
});
