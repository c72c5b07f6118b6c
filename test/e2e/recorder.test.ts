import { setTimeout } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { newContext } from '../support/browser.ts';
import { openTab, serveTabs } from './tabs/browser.ts';

const REFRESH = '/update_token/';

async function openPair(query = '?record') {
  const served = await serveTabs();
  const context = await newContext('tabs');
  const first = await openTab(context, `${served.origin}/${query}`);
  await first.evaluate(() => window.tab.logIn());
  const second = await openTab(context, `${served.origin}/${query}`);
  return { ...served, context, first, second };
}

const order = (page: Page) => page.evaluate(() => window.tab.order());
const reportOf = async (page: Page) => (await page.evaluate(() => window.tab.report()))!;
const settle = (promise: Promise<unknown>) => void promise.catch(() => {});

/** Checks that no report contains a part of any token that these pages store. */
async function expectNoToken(pages: Page[]): Promise<void> {
  for (const page of pages) {
    const { report, stored, kept } = await page.evaluate(() => ({
      report: JSON.stringify(window.tab.report()),
      stored: Object.values({ ...localStorage, ...sessionStorage }).join(),
      kept: Object.entries(sessionStorage).filter(([key]) => key.startsWith('unexpired-recorder')),
    }));
    expect(kept).toHaveLength(1);
    const tokens = stored.match(/[\w.-]{30,}/g) ?? [];
    for (const token of tokens) expect(report + kept[0]![1]).not.toContain(token);
  }
}

describe('two tabs of Chromium that record', () => {
  it('show which tab refreshed', async () => {
    const { server, first, second } = await openPair();
    server.expireAccessTokens();
    await order(second);
    const typesOf = async (page: Page) => (await reportOf(page)).events.map(({ type }) => type);
    await expect.poll(() => typesOf(first)).toEqual(expect.arrayContaining(['refreshed', 'adopted']));
    expect(server.stats.refreshes).toBe(1);
    const story = async (page: Page) =>
      (await reportOf(page)).events
        .filter(({ type }) => ['refreshing', 'refreshed', 'adopted'].includes(type))
        .map(({ type, tab, refreshedBy }) => [type, tab, refreshedBy]);
    expect(await story(second)).toEqual([
      ['refreshing', 'this tab', undefined],
      ['refreshed', 'this tab', undefined],
    ]);
    // The tokens, and the message of the other recorder, arrive in any order.
    expect((await story(first)).sort()).toEqual([
      ['adopted', 'this tab', 'tab 2'],
      ['refreshed', 'tab 2', undefined],
      ['refreshing', 'tab 2', undefined],
    ]);
    await expectNoToken([first, second]);
  });

  it('show that a tab was closed before its response arrived, and that its refresh token was used again', async () => {
    const { server, first, second, holdAnswers, releaseAnswers } = await openPair();
    server.expireAccessTokens();
    holdAnswers(REFRESH);
    settle(order(first));
    await expect.poll(() => server.stats.refreshes).toBe(1);
    const waiting = order(second);
    await expect.poll(() => server.stats.ordersRefused).toBe(6);
    await setTimeout(200); // a report shows only waits of 50 ms or more
    await first.close({ runBeforeUnload: false });
    await expect.poll(() => server.stats.refreshFailures).toBe(1);
    releaseAnswers();
    expect(await waiting).toMatchObject({ status: 'signed-out' });
    const { text, events } = await reportOf(second);
    expect(text).toMatch(/ tab 2: asks for new tokens(, after waiting \d+ m?s)?\n/);
    expect(text).toMatch(/ asks for new tokens, after waiting \d+ m?s\n/);
    expect(text).toMatch(
      / refresh refused: 200 1008, after \d+ m?s; \d+ m?s before, another tab \(tab 2\) had used the same refresh token, and got no new one\n/,
    );
    expect(text).toMatch(/ signed out: the backend refused the refresh token$/);
    expect(events.find(({ usedBefore }) => usedBefore)?.usedBefore).toMatchObject({
      tab: 'tab 2',
      by: 'generation',
      succeeded: false,
    });
  });

  it('keep what happened before a reload', async () => {
    const { server, first, second } = await openPair();
    server.expireAccessTokens();
    await order(first);
    const before = await reportOf(first);
    await first.reload();
    await first.waitForFunction(() => 'tab' in window);
    const after = await reportOf(first);
    expect(after.events.slice(0, before.events.length)).toEqual(before.events);
    expect(after.events.slice(before.events.length).map(({ type, tab }) => [type, tab])).toEqual([
      ['left', 'this tab'],
      ['opened', 'this tab'],
    ]);
    await expect.poll(async () => (await reportOf(second)).text).toMatch(/ tab 2: page opened: signed in$/);
    await expectNoToken([first, second]);
  });
});

describe('a copied tab with tokens in sessionStorage', () => {
  it('shows that the original tab had used the same refresh token', async () => {
    const { origin, server } = await serveTabs();
    const context: BrowserContext = await newContext('tabs');
    const first = await openTab(context, `${origin}/?record&store=session`);
    await first.evaluate(() => window.tab.logIn());
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      first.evaluate(() => void window.open(location.href)),
    ]);
    await copy.waitForFunction(() => 'tab' in window);
    expect(await copy.evaluate(() => window.tab.session.status)).toBe('signed-in');
    server.expireAccessTokens();
    await order(first);
    await expect.poll(async () => (await reportOf(copy)).text).toContain(': got new tokens');
    await order(copy);
    expect(server.stats.reuses).toBe(1);
    const { text } = await reportOf(copy);
    expect(text).toMatch(/ former tab: page opened: signed out\n/);
    expect(text).toMatch(
      / refresh refused: 200 1008, .*; \d+ m?s before, another tab \(tab \d\) had used most likely the same refresh token\n/,
    );
    await expectNoToken([first, copy]);
  });
});
