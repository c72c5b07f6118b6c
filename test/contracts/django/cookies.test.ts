import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePage } from '../../e2e/tabs/bundle.js';
import { USER } from '../../support/app.js';
import { newContext } from '../../support/browser.js';
import { serve } from '../../support/http.js';
import { type Django, startDjango } from './django.js';

const LIFETIME = 300_000;

/** A browser, and a server of one origin: the application's files, and Django under /cookies/. */
async function openBrowser({ origin: django, setClock }: Django) {
  const files = await bundlePage(join(import.meta.dirname, '../cookie-page.ts'));
  const calls: { path: string; method: string; status: number; headers: Headers }[] = [];
  let answers = Promise.resolve();
  const origin = await serve(async (request) => {
    const { pathname: path } = new URL(request.url);
    const file = files(path);
    if (file) return file;
    const { method, headers } = request;
    const body = method === 'GET' ? null : await request.arrayBuffer();
    const answer = await fetch(django + path, { method, headers, body, redirect: 'manual' });
    calls.push({ path, method, status: answer.status, headers });
    await answers;
    return new Response(await answer.arrayBuffer(), { status: answer.status, headers: answer.headers });
  });
  const context = await newContext('tabs');
  const open = async () => {
    const page = await context.newPage();
    await page.goto(origin);
    await page.evaluate(() => window.app.session.ready);
    return page;
  };
  const logIn = (page: Page) =>
    page.evaluate(async (user) => {
      const { data } = await window.app.api.post('/cookies/token/', user);
      await window.app.session.signIn({ ...data, user: 'kevin' });
    }, USER);
  const count = (path: string, status?: number) =>
    calls.filter((call) => call.path === path && (status ?? call.status) === call.status).length;
  return {
    context,
    open,
    logIn,
    calls,
    count,
    /** Advances the server's clock until every access token has expired. */
    expire: () => setClock(LIFETIME + 1_000),
    hold(): () => void {
      let letGo!: () => void;
      answers = new Promise((resolve) => (letGo = resolve));
      return letGo;
    },
  };
}

const status = (page: Page) => page.evaluate(() => window.app.session.status);
const order = (page: Page) =>
  page.evaluate(async () => (await window.app.api.get('/cookies/orders/')).status);

describe('simplejwt with both tokens in HttpOnly cookies, in Chromium', () => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango();
  });

  it('no script sees a token, requests carry none, and unsafe methods carry the CSRF header', async () => {
    django.setClock(0);
    const { open, logIn, calls } = await openBrowser(django);
    const page = await open();
    expect(await status(page)).toBe('signed-out');
    await logIn(page);
    expect(await order(page)).toBe(200);
    const ordered = await page.evaluate(
      async () => (await window.app.api.post('/cookies/orders/', { tea: 1 })).status,
    );
    expect(ordered).toBe(201);
    const readable = await page.evaluate(() => [
      document.cookie,
      JSON.stringify(localStorage),
      JSON.stringify(window.app.session),
    ]);
    expect(readable.join()).not.toMatch(/access=|refresh=|eyJ/);
    const orders = calls.filter(({ path }) => path === '/cookies/orders/');
    expect(orders.map(({ headers }) => headers.has('authorization'))).toEqual([false, false]);
    expect(orders.map(({ headers }) => headers.has('x-csrftoken'))).toEqual([false, true]);
  });

  it('a page that opens knows its user; an expired token costs two tabs one refresh, and each order is sent again', async () => {
    django.setClock(0);
    const { open, logIn, count, expire } = await openBrowser(django);
    const first = await open();
    await logIn(first);
    const second = await open();
    expect(await second.evaluate(() => window.app.session.claims)).toMatchObject({ username: 'kevin' });
    const before = count('/cookies/refresh/');
    expire();
    const ten = (page: Page) =>
      page.evaluate(() =>
        Promise.all(
          Array.from(
            { length: 10 },
            async (_, n) => (await window.app.api.get(`/cookies/orders/?n=${n}`)).status,
          ),
        ),
      );
    expect(await Promise.all([ten(first), ten(second)])).toEqual([Array(10).fill(200), Array(10).fill(200)]);
    expect(count('/cookies/refresh/') - before).toBe(1);
    expect(count('/cookies/orders/', 200)).toBe(20);
    expect(count('/cookies/orders/', 401)).toBeLessThanOrEqual(20);
  });

  it('a sign-out ends the session in both tabs and on the server, even if its page closes at once, and no page signs in again', async () => {
    django.setClock(0);
    const { open, logIn, count, calls, context } = await openBrowser(django);
    const first = await open();
    await logIn(first);
    const second = await open();
    const cookie = (await context.cookies()).find(({ name }) => name === 'refresh')?.value;
    await first.evaluate(() => void window.app.session.signOut());
    await first.close();
    await expect.poll(() => count('/cookies/logout/', 200)).toBe(1);
    await expect.poll(() => status(second)).toBe('signed-out');
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ refresh: cookie });
    const refreshed = await fetch(`${django.origin}/api/token/refresh/`, { method: 'POST', headers, body });
    expect(await refreshed.json()).toMatchObject({ detail: 'Token is blacklisted' });
    const before = calls.filter(({ path }) => path === '/cookies/refresh/').length;
    const third = await open();
    expect(await status(third)).toBe('signed-out');
    expect(count('/cookies/refresh/')).toBe(before);
    // No page got the response, so the next page sends the logout once more.
    await expect.poll(() => count('/cookies/logout/')).toBe(2);
    await open();
    expect(count('/cookies/logout/')).toBe(2);
  });

  it('a sign-out during a refresh also invalidates the new cookie, if its page stays open', async () => {
    django.setClock(0);
    const { open, logIn, count, context, hold } = await openBrowser(django);
    const page = await open();
    await logIn(page);
    const before = count('/cookies/refresh/');
    const letGo = hold();
    await page.evaluate(() => void window.app.session.refresh().catch(() => {}));
    await expect.poll(() => count('/cookies/refresh/') - before).toBe(1);
    await page.evaluate(() => void window.app.session.signOut());
    expect(await status(page)).toBe('signed-out');
    letGo();
    await expect.poll(() => count('/cookies/logout/', 200)).toBe(1);
    await expect.poll(async () => (await context.cookies()).map(({ name }) => name)).toEqual(['csrftoken']);
    expect(await page.evaluate(() => window.app.events)).not.toContain('revoke-failed');
  });
});
