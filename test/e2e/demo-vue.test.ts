import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPackedApp, type PackedApp, type ServedApp, serveBuilt } from '../support/packed-app.ts';
import { launchBrowser } from './demo-driver.js';

const PACKAGES = ['@vitejs/plugin-vue', 'axios', 'msw', 'pinia', 'vite', 'vue', 'vue-router', 'vuex'];

let app: PackedApp;
let served: ServedApp;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  app = createPackedApp({ from: 'demo/vue', packages: PACKAGES });
  served = await serveBuilt(app);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
  app?.remove();
});

beforeEach(async () => {
  page = await browser.newPage();
  errors = [];
  page.on('pageerror', ({ message }) => errors.push(message));
});

afterEach(async () => {
  await page.context().close();
  expect(errors).toEqual([]);
});

const path = () => page.url().slice(new URL(served.url).origin.length);
const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (name: string) => page.getByRole('heading', { name }).waitFor();
const server = async () => {
  const [, calls, refreshes] =
    /(\d+) calls, (\d+) refreshes/.exec((await page.locator('output').textContent()) ?? '') ?? [];
  return { calls: Number(calls), refreshes: Number(refreshes) };
};

async function open(at = '') {
  await page.goto(served.url + at);
  await heading('Sign in');
}

async function enter(at = '') {
  await open(at);
  await click('Sign in');
}

/** How many orders are shown; what was shown before is there until the answer comes. */
async function loadAgain() {
  const { calls } = await server();
  await click('Load again');
  await expect.poll(async () => (await server()).calls).toBeGreaterThan(calls);
  await page.getByRole('status').filter({ hasText: '3 orders' }).waitFor();
  return page.getByRole('row').count();
}

async function switchToVuex() {
  await enter('profile');
  await page.getByLabel('Vuex').click();
  await heading('Sign in');
}

const stores: [string, () => Promise<void>][] = [
  ['Pinia', () => enter()],
  [
    'Vuex',
    async () => {
      await switchToVuex();
      await click('Sign in');
      await page.getByText('In the module auth').waitFor();
      await page.getByRole('link', { name: 'Orders' }).click();
    },
  ],
];

describe.each(stores)('the Vue app, built from the packed tarball, with its tokens in %s', (_, signIn) => {
  it('shows orders, refreshes a refused token by itself, and signs out', async () => {
    await signIn();
    await heading('Your orders');
    await page.getByRole('status').filter({ hasText: '3 orders' }).waitFor();
    await click('Expire the token');
    expect(await loadAgain()).toBe(3);
    expect((await server()).refreshes).toBe(1);

    await click('Sign out');
    await heading('Sign in');
    expect(path()).toBe('/login?returnTo=/');
  });

  it('leads to the login page when the session was ended elsewhere, and back to the very page', async () => {
    await signIn();
    await page.getByRole('status').filter({ hasText: '3 orders' }).waitFor();
    await click('Sign out elsewhere');
    await click('Load again');
    await heading('Sign in');
    expect(path()).toBe('/login?returnTo=/');
    await click('Sign in');
    await heading('Your orders');
    expect(path()).toBe('/');
  });
});

describe('the Vue app', () => {
  it('keeps the page that was asked for, with its query, over the sign-in', async () => {
    await open('profile?tab=claims');
    expect(path()).toBe('/login?returnTo=/profile?tab=claims');
    await click('Sign in');
    await heading('Your profile');
    expect(path()).toBe('/profile?tab=claims');
    expect(await page.locator('dd').first().textContent()).toBe('kevin');
  });

  it('says that a password is wrong', async () => {
    await open();
    await page.getByLabel('Password').fill('wrong');
    await click('Sign in');
    await page.getByRole('alert').filter({ hasText: 'Wrong user or password.' }).waitFor();
    expect(path()).toBe('/login?returnTo=/');
  });

  it('leads nowhere but to its own pages', async () => {
    await enter('login?returnTo=//evil.example');
    await heading('Your orders');
    expect(path()).toBe('/');
  });

  it('keeps its tokens in one store, and shows which', async () => {
    await enter('profile');
    await page.getByText('In the store auth').waitFor();
    expect(await page.getByLabel('Pinia').isChecked()).toBe(true);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });
});
