import type { BrowserContext, Page } from 'playwright-core';
import type { TestBackendOptions } from 'unexpired/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { launchBrowser, newContext } from '../support/browser.ts';
import { openTab, serveTabs } from './tabs/browser.ts';

const GOOD = { orders: ['200', '200', '200'], status: 'signed-in', signedOut: 0 };
const REFRESH = '/update_token/';

async function openPair(query = '', options: TestBackendOptions = {}, context?: BrowserContext) {
  const served = await serveTabs(options);
  context ??= await newContext('tabs');
  const holder = await openTab(context, `${served.origin}/?${query}`);
  await holder.evaluate(() => window.tab.logIn());
  const survivor = await openTab(context, `${served.origin}/?${query}`);
  return { ...served, context, holder, survivor };
}

const order = (page: Page) => page.evaluate(() => window.tab.order());
const state = (page: Page) => page.evaluate(() => window.tab.state());
const settle = (promise: Promise<unknown>) => void promise.catch(() => {});

/** Freezes a tab over the DevTools protocol: its scripts and timers stop, and it keeps its locks. */
async function freeze(page: Page): Promise<{ thaw(): Promise<unknown> }> {
  const devTools = await page.context().newCDPSession(page);
  const paused = new Promise((resolve) => devTools.once('Debugger.paused', resolve));
  await devTools.send('Debugger.enable');
  await devTools.send('Debugger.pause');
  // The debugger stops at the next statement.
  settle(page.evaluate(() => 'here'));
  await paused;
  return { thaw: () => devTools.send('Debugger.resume') };
}

describe('the tab with the lock is closed after the server has rotated, before it could commit', () => {
  it.each([
    ['strict', 'signed-out', 1],
    ['grace', 'signed-in', 0],
    ['none', 'signed-in', 0],
  ] as const)('%s rotation: the other tab ends up %s', async (rotation, status, signedOut) => {
    const { server, holder, survivor, holdAnswers, releaseAnswers } = await openPair('', { rotation });
    server.expireAccessTokens();
    holdAnswers(REFRESH);
    settle(order(holder));
    await expect.poll(() => server.stats.refreshes).toBe(1);
    const waiting = order(survivor);
    await expect.poll(() => server.stats.ordersRefused).toBe(6);
    await holder.close();
    // A closed tab lives on for a moment, so the test holds its response until the other tab has sent its request.
    await expect.poll(() => server.stats.refreshes + server.stats.refreshFailures).toBe(2);
    releaseAnswers();
    expect(await waiting).toMatchObject({ status, signedOut });
    if (status === 'signed-in') expect((await waiting).orders).toEqual(GOOD.orders);
  });
});

describe('the tab with the lock is frozen after the server has rotated', () => {
  it.each([
    ['strict', 'signed-out'],
    ['grace', 'signed-in'],
  ] as const)(
    '%s rotation: the other tab waits no longer than necessary and is %s, and so is the first tab when it continues',
    async (rotation, status) => {
      const pair = await openPair('refreshTimeout=2000', { rotation });
      const { server, holder, survivor, holdAnswers, releaseAnswers } = pair;
      server.expireAccessTokens();
      holdAnswers(REFRESH);
      settle(order(holder));
      await expect.poll(() => server.stats.refreshes).toBe(1);
      const frozen = await freeze(holder);
      releaseAnswers();
      expect((await order(survivor)).status).toBe(status);
      await frozen.thaw();
      await expect.poll(async () => (await state(holder)).status).toBe(status);
      expect((await state(holder)).signedOut).toBe(status === 'signed-out' ? 1 : 0);
    },
  );
});

describe('the network goes down', () => {
  it('keeps the session, and continues as soon as the network is back', async () => {
    const { server, context, holder, survivor } = await openPair();
    server.expireAccessTokens();
    await context.setOffline(true);
    const lost = await order(holder);
    expect(lost).toMatchObject({ status: 'signed-in', signedOut: 0 });
    expect(lost.orders).not.toContain('200');
    await context.setOffline(false);
    expect(await order(holder)).toMatchObject(GOOD);
    expect(await order(survivor)).toMatchObject(GOOD);
    expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  });
});

describe('a page in the back/forward cache', () => {
  /** Playwright disables the cache, so this enables it. */
  async function withCache(): Promise<BrowserContext> {
    const browser = await launchBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    onTestFinished(() => browser.close());
    return browser.newContext();
  }

  it('continues with what the other tabs have done', async () => {
    const { origin, server, holder, survivor } = await openPair('', {}, await withCache());
    await holder.evaluate(() => {
      window.addEventListener('pageshow', (event) => document.body.append(`persisted: ${event.persisted}`));
    });
    await holder.goto(`${origin}/?elsewhere`);
    await survivor.evaluate(() => window.tab.session.refresh());
    await survivor.evaluate(() => window.tab.session.signOut());
    await holder.goBack({ waitUntil: 'commit' });
    await expect.poll(() => holder.evaluate(() => document.body.textContent)).toContain('persisted: true');
    await expect.poll(async () => (await state(holder)).status).toBe('signed-out');
    expect(server.stats.reuses).toBe(0);
  });

  it('holds no lock', async () => {
    const { origin, server, holder, survivor, holdAnswers, releaseAnswers } = await openPair(
      '',
      { rotation: 'grace' },
      await withCache(),
    );
    server.expireAccessTokens();
    holdAnswers(REFRESH);
    settle(order(holder));
    await expect.poll(() => server.stats.refreshes).toBe(1);
    settle(holder.goto(`${origin}/?elsewhere`));
    await holder.waitForURL('**/?elsewhere');
    releaseAnswers();
    expect(await order(survivor)).toMatchObject(GOOD);
    const held = await survivor.evaluate(async () => (await navigator.locks.query()).held?.length);
    expect(held).toBe(0);
  });
});

describe('a disposed session', () => {
  it('leaves no lock, no channel and no connection behind', async () => {
    const { server, holder, survivor, holdAnswers, releaseAnswers } = await openPair();
    server.expireAccessTokens();
    holdAnswers(REFRESH);
    settle(order(holder));
    await expect.poll(() => server.stats.refreshes).toBe(1);
    await holder.evaluate(() => window.tab.session.dispose());
    await survivor.evaluate(() => window.tab.session.dispose());
    releaseAnswers();
    await expect
      .poll(() => holder.evaluate(async () => (await navigator.locks.query()).held?.length))
      .toBe(0);
    const deleted = await holder.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('unexpired');
          request.onsuccess = () => resolve('deleted');
          request.onblocked = () => resolve('blocked');
        }),
    );
    expect(deleted).toBe('deleted');
    expect((await state(holder)).events.at(-1)).not.toBe('refreshed');
  });
});

describe('without locks and without a ledger', () => {
  it('tabs adopt the tokens in the store before they give up', async () => {
    const { server, holder, survivor } = await openPair('no-locks&no-ledger');
    const stored = (page: Page) => page.evaluate(() => localStorage.getItem('unexpired'));
    server.expireAccessTokens();
    expect(await order(holder)).toMatchObject(GOOD);
    const newest = await stored(holder);
    await expect.poll(() => stored(survivor)).toBe(newest);
    expect(await order(survivor)).toMatchObject(GOOD);
    expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  });
});
