import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { newContext } from '../support/browser.ts';
import { axeFindings } from './axe.ts';
import { Playground } from './playground.ts';

const demo = inject('demo');
let playground: Playground;
beforeEach(async () => {
  playground = await Playground.open(await newContext(), demo);
});
afterEach(() => expect(playground.complaints).toEqual([]));

describe('the story of the playground', () => {
  it('needs one button: fifty refreshes and a lost session in one column, one refresh and fifty orders in the other', async () => {
    await playground.play();

    const stage = playground.stage('The story');
    expect(await playground.score(stage)).toEqual({
      'Refresh calls': ['50', '1'],
      'Orders answered': ['0', '50'],
      'Calls in all': ['51', '51'],
      'Login page opened': ['50×', '0×'],
      'Signed in': ['nobody', 'Kevin'],
    });
    expect(await stage.getByRole('status').textContent()).toBe(
      'Copied: 50 refreshes, 0 of 50 orders, signed out. unexpired: 1 refresh, 50 of 50 orders, signed in.',
    );
    expect(await playground.outcome(stage, 'unexpired')).toBe(
      '1 refresh reached the backend. All 50 orders were answered. Kevin is signed in.',
    );
    await countsAgree();
    await drawingAgrees();
  });

  it('can be played again from the start, and leaves no token in the page or the storage', async () => {
    await playground.play();
    await playground.noteTokens();
    await playground.button('Play again').click();
    const stage = playground.stage('The story');
    await stage.and(playground.page.locator('[aria-busy=true]')).waitFor();
    await playground.finished(stage);

    expect((await playground.score(stage))['Refresh calls']).toEqual(['50', '1']);
    expect(await playground.counts('unexpired')).toMatchObject({ logins: 1, refreshes: 1 });
    const tokens = await playground.tokens();
    expect(tokens.length).toBeGreaterThan(4);
    const page = await playground.page.content();
    const storage = await playground.page.evaluate(() => JSON.stringify(localStorage));
    expect(tokens.filter((token) => page.includes(token) || storage.includes(token))).toEqual([]);
  });
});

/** Checks that the page shows what the backends have counted, and what the page has sent. */
async function countsAgree(): Promise<void> {
  expect(await playground.counts('copied')).toMatchObject({
    ...{ logins: 1, refreshes: 1, refreshFailures: 49, reuses: 1, ordersOk: 0, requests: 52 },
  });
  expect(await playground.counts('unexpired')).toMatchObject({
    ...{
      logins: 1,
      refreshes: 1,
      refreshFailures: 0,
      reuses: 0,
      ordersOk: 50,
      ordersRefused: 0,
      requests: 52,
    },
  });
  expect(await playground.sent('copied', '/update_token/')).toBe(50);
  expect(await playground.sent('unexpired', '/update_token/')).toBe(1);
  expect(await playground.sent('unexpired', '/order/')).toBe(50);
}

async function drawingAgrees(): Promise<void> {
  const bars = (column: string, outcome: string) =>
    playground.page.locator(`.column.${column} rect.${outcome}:not(.wait)`).count();
  expect(await bars('copied', 'refused')).toBe(49 + 1);
  expect(await bars('unexpired', 'answered')).toBe(1 + 50);
  expect(await bars('unexpired', 'pending')).toBe(0);
}

describe('the page of the playground', () => {
  it('starts with one sentence and one button, and everything else is folded', async () => {
    expect(await playground.page.locator('.hero p.lead').count()).toBe(1);
    expect(await playground.page.getByRole('button').count()).toBe(1);
    expect(await playground.page.locator('details[open]').count()).toBe(0);
    expect(playground.page.frames()).toHaveLength(1);
    expect(await axeFindings(playground.page)).toEqual([]);
  });

  it('has no findings of axe while the story plays, at its end, and in each part', async () => {
    const { page } = playground;
    await playground.hold();
    await playground.button('Play it').click();
    await page.getByText('Now the page asks').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    expect(await playground.stage('The story').getAttribute('aria-busy')).toBe('true');
    await playground.release();
    await playground.finished(playground.stage('The story'));
    expect(await axeFindings(page)).toEqual([]);
    await page.getByText('Session events').click();
    const behind = await playground.unfold('Behind the page');
    for (const code of await behind.locator('.code > summary').all()) await code.click();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('can be used with only the keyboard', async () => {
    const { keyboard } = playground.page;
    await playground.focus('Play it');
    await keyboard.press('Enter');
    await playground.finished(playground.stage('The story'));
    await playground.focus('Session events');
    await playground.focus('Pull a cable');
    await keyboard.press('Enter');
    await playground.focus('Network down');
    await keyboard.press('ArrowRight');
    await playground.focus('Pull it');
    await keyboard.press('Space');
    await playground.stage('Cable: Error 500').waitFor();
    await playground.focus('Four tabs, one session');
    await playground.finished(playground.stage('Cable: Error 500'));
  });

  it('fits on a phone and on a wide screen, and does not move when the run ends', async () => {
    await Promise.all(
      [390, 900, 1600].map(async (width) => {
        const { page } = await Playground.open(await newContext(), demo);
        await page.setViewportSize({ width, height: 900 });
        await page.getByRole('button', { name: 'Play it' }).click();
        await page.getByText('Now the page asks').waitFor();
        const before = await page.locator('.score').boundingBox();
        await page.locator('.stage[aria-busy=false]').waitFor();
        expect(await page.locator('.score').boundingBox()).toEqual(before);
        for (const summary of await page.locator('.part > summary').all()) await summary.click();
        await page.locator('.frames').waitFor();
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      }),
    );
  });

  it.each([
    ['Vue', 'vue/', 'vue/login?returnTo=/'],
    ['React', 'react/', 'react/login?returnTo='],
  ])('links to the %s app, which runs next to it with a backend of its own', async (name, home, login) => {
    const { page } = playground;
    const part = await playground.unfold('Behind the page');
    await part.getByRole('link', { name: `A ${name} app` }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(page.url()).toContain(demo + login);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('cell', { name: 'Espresso machine' }).waitFor();
    expect(page.url()).toBe(demo + home);
  });
});
