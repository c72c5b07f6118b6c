import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPackedApp, type PackedApp, type ServedApp, serveBuilt } from '../support/packed-app.ts';
import { launchBrowser } from './demo-driver.js';

const root = join(import.meta.dirname, '../..');
const PACKAGES = ['axios', 'msw', 'react', 'react-dom', 'react-router'];
const TOOLS = ['@types/react', '@types/react-dom', '@vitejs/plugin-react', 'vite'];

let app: PackedApp;
let served: ServedApp;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  app = createPackedApp({ from: 'demo/react', packages: [...PACKAGES, ...TOOLS] });
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
  page.on('console', (message) => {
    // What the browser itself says of a refused call is no error of the page.
    const isFault = message.type() === 'error' && !message.text().startsWith('Failed to load resource');
    if (isFault || message.type() === 'warning') errors.push(message.text());
  });
});

afterEach(async () => {
  await page.context().close();
  expect(errors).toEqual([]);
});

const path = () => page.url().slice(new URL(served.url).origin.length);
const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
const heading = (name: string) => page.getByRole('heading', { name }).waitFor();
const counted = (text: string) => page.locator('output').filter({ hasText: text }).waitFor();

async function open(at = '') {
  await page.goto(served.url + at);
  await heading('Sign in');
}

async function enter() {
  await open();
  await click('Sign in');
  await heading('Your orders');
  await counted('2 calls, 0 refreshes');
}

describe('the React app, built from the packed tarball', () => {
  it('compiles against the types of the tarball', () => {
    copyFileSync(join(root, 'demo/react/tsconfig.json'), join(app.folder, 'tsconfig.json'));
    expect(app.run(join(root, 'node_modules/.bin/tsc'), '-p', app.folder)).toBe('');
  });

  it('asks who comes to sign in, and shows the page that was asked for', async () => {
    await open('profile?tab=claims');
    expect(path()).toBe(`/login?returnTo=${encodeURIComponent('/profile?tab=claims')}`);
    await click('Sign in');
    await heading('Your profile');
    expect(path()).toBe('/profile?tab=claims');
    expect(await page.getByRole('definition').first().textContent()).toBe('kevin');
  });

  it('shows orders, and those of a refused token after one refresh', async () => {
    await enter();
    expect(await page.getByRole('row').count()).toBe(3);
    await click('Expire the token');
    await click('Load again');
    await counted('5 calls, 1 refreshes');
    await page.getByRole('status').filter({ hasText: '3 orders' }).waitFor();
  });

  it('saves a file through session fetch, after one refresh', async () => {
    await enter();
    await click('Expire the token');
    const saved = page.waitForEvent('download');
    await click('Download');
    const file = await saved;
    expect(file.suggestedFilename()).toBe('orders.json');
    expect(await text(await file.createReadStream())).toContain('Espresso machine');
    await counted('5 calls, 1 refreshes');
  });

  it('shows new claims after a refresh without being asked to', async () => {
    await enter();
    await page.getByRole('link', { name: 'kevin' }).click();
    await heading('Your profile');
    const claims = () => page.getByRole('definition').allTextContents();
    const before = await claims();
    await page.getByRole('link', { name: 'Orders' }).click();
    await click('Expire the token');
    await page.waitForTimeout(1_000); // `exp` is a whole second
    await click('Load again');
    await counted('1 refreshes');
    await page.getByRole('link', { name: 'kevin' }).click();
    await expect.poll(claims).not.toEqual(before);
  });

  it('opens the login page when the session ended elsewhere, and comes back to the very page', async () => {
    await enter();
    await page.getByRole('link', { name: 'kevin' }).click();
    await heading('Your profile');
    await click('Sign out elsewhere');
    await page.getByRole('link', { name: 'Orders' }).click();
    await heading('Sign in');
    expect(path()).toBe('/login?returnTo=%2Fprofile');
    await click('Sign in');
    await heading('Your profile');
  });

  it('signs out on purpose with no way back', async () => {
    await enter();
    await click('Sign out');
    await heading('Sign in');
    expect(path()).toBe('/login');
    expect(await page.evaluate(() => localStorage.getItem('react-demo'))).toBeNull();
  });

  it('says that a password is wrong, and lets the next one in', async () => {
    await open('profile');
    await page.getByLabel('Password').fill('wrong');
    await click('Sign in');
    await page.getByRole('alert').filter({ hasText: 'Wrong user or password.' }).waitFor();
    await page.getByLabel('Password').fill('open-sesame');
    await click('Sign in');
    await heading('Your profile');
  });

  it('begins anew when the page is loaded again, as its server does', async () => {
    await enter();
    await page.reload();
    await heading('Sign in');
    expect(path()).toBe('/login?returnTo=%2F');
  });
});
