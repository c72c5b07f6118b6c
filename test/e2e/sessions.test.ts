import type { Page } from 'playwright-core';
import type { TestBackendOptions } from 'unexpired/testing';
import { describe, expect, it } from 'vitest';
import { newContext } from '../support/browser.ts';
import { openTab, serveTabs } from './tabs/browser.ts';

const USERS = [
  { username: 'kevin', password: 'open-sesame', id: 1 },
  { username: 'ann', password: 'a', id: 2 },
];

async function openTabs(
  count: number,
  { query = '', ...options }: TestBackendOptions & { query?: string } = {},
) {
  const { origin, server } = await serveTabs({ users: USERS, ...options });
  const context = await newContext(query.includes('store=') ? 'pages' : 'tabs');
  const open = () => openTab(context, `${origin}/?${query}`);
  const first = await open();
  await first.evaluate(() => window.tab.logIn());
  const others: Page[] = [];
  for (let index = 1; index < count; index++) others.push(await open());
  return { origin, server, context, open, pages: [first, ...others] as [Page, Page, Page, ...Page[]] };
}

const order = (page: Page) => page.evaluate(() => window.tab.order());
const state = (page: Page) => page.evaluate(() => window.tab.state());
const statuses = (pages: Page[]) => Promise.all(pages.map(async (page) => (await state(page)).status));
const GOOD = { orders: ['200', '200', '200'], status: 'signed-in', signedOut: 0 };

const modes = [
  ['localStorage', ''],
  ['shared memory', 'store=shared'],
  ['a cookie, and memory', 'backend=cookie&store=memory'],
  ['a cookie, and shared memory', 'backend=cookie&store=shared'],
] as const;

it.each(modes)('one browser, one session, over %s, from sign-in to sign-out', async (name, query) => {
  const { pages, server, open } = await openTabs(4, { query });
  await expect.poll(() => statuses(pages)).toEqual(Array(4).fill('signed-in'));
  // A new tab is signed in without asking the user.
  pages.push(await open());
  await expect.poll(() => statuses(pages)).toEqual(Array(5).fill('signed-in'));

  // Each new tab without a response from another tab sends one request with the cookie.
  const { refreshes, refreshFailures } = server.stats;
  server.expireAccessTokens();
  const results = await Promise.all(pages.map(order));
  for (const result of results) expect(result).toMatchObject(GOOD);
  if (name !== 'a cookie, and memory') expect(server.stats.refreshes - refreshes).toBe(1);
  expect(server.stats).toMatchObject({ refreshFailures, reuses: 0, refreshesAtOnce: 1 });

  // Tokens are on the disk only if the store is.
  const disk = await readDisk(pages[0]);
  expect(disk).toContain('generation');
  expect(/ey[\w-]+\./.test(disk)).toBe(name === 'localStorage');

  await pages[1].evaluate(() => window.tab.session.signOut());
  await expect.poll(() => statuses(pages)).toEqual(Array(5).fill('signed-out'));
  expect((await state(pages[0])).signedOut).toBe(1);
});

/** All storage that the SDK could have written. */
function readDisk(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open('unexpired');
      request.onsuccess = () => resolve(request.result);
    });
    const entries = await new Promise((resolve) => {
      const request = database.transaction('ledger').objectStore('ledger').getAll();
      request.onsuccess = () => resolve(request.result);
    });
    return JSON.stringify([entries, { ...localStorage }, { ...sessionStorage }, document.cookie]);
  });
}

describe('a cookie that was not set by the session', () => {
  const query = 'backend=cookie&store=memory';
  /** A login by the server itself: on its own page, or on another site. */
  const logInElsewhere = (page: Page) =>
    page.evaluate(() =>
      fetch('/cookie/login', { method: 'POST', body: '{"username":"kevin","password":"open-sesame"}' }),
    );

  it('signs in the next page, even if the previous page was refused', async () => {
    const { origin } = await serveTabs({ users: USERS });
    const context = await newContext();
    const visitor = await openTab(context, `${origin}/?${query}`);
    await expect.poll(() => statuses([visitor])).toEqual(['signed-out']);
    await logInElsewhere(visitor);
    const next = await openTab(context, `${origin}/?${query}`);
    await expect.poll(() => statuses([next])).toEqual(['signed-in']);
    expect(await order(next)).toMatchObject(GOOD);
  });

  it('does not undo a sign-out', async () => {
    const { pages, open } = await openTabs(1, { query });
    await pages[0].evaluate(() => window.tab.session.signOut());
    const next = await open();
    await next.evaluate(() => window.tab.session.ready);
    expect(await statuses([next])).toEqual(['signed-out']);
  });
});

describe('while requests wait in another tab', () => {
  it('a sign-in of another user rejects them, and that tab follows the sign-in', async () => {
    const { pages, server } = await openTabs(2);
    server.configure({ latency: { refresh: 400 } });
    server.expireAccessTokens();
    const waiting = order(pages[1]);
    await expect.poll(() => server.stats.ordersRefused).toBe(3);
    await pages[0].evaluate(() => window.tab.logIn('ann', 'a'));
    expect((await waiting).orders).toEqual(Array(3).fill('session_changed'));
    await expect.poll(async () => (await state(pages[1])).claims).toMatchObject({ user_id: 2 });
    expect((await state(pages[1])).status).toBe('signed-in');
  });

  it('a sign-in of the same user lets them continue', async () => {
    const { pages, server } = await openTabs(2);
    server.configure({ latency: { refresh: 400 } });
    server.expireAccessTokens();
    const waiting = order(pages[1]);
    await expect.poll(() => server.stats.ordersRefused).toBe(3);
    await pages[0].evaluate(() => window.tab.logIn());
    expect(await waiting).toMatchObject(GOOD);
  });

  it('a sign-out wins over the running refresh', async () => {
    const { pages, server } = await openTabs(2);
    server.configure({ latency: { refresh: 400 } });
    server.expireAccessTokens();
    const waiting = order(pages[1]);
    await expect.poll(() => server.stats.ordersRefused).toBe(3);
    await pages[0].evaluate(() => window.tab.session.signOut());
    expect((await waiting).orders).toEqual(Array(3).fill('signed_out'));
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await statuses(pages)).toEqual(['signed-out', 'signed-out']);
    expect(await pages[0].evaluate(() => localStorage.getItem('unexpired'))).toBeNull();
  });
});

describe('signing in again in a dialog', () => {
  const dialogs = (pages: Page[]) =>
    Promise.all(pages.map((page) => page.evaluate(() => window.tab.dialogs())));

  it('in one tab is enough: all held requests are sent, and all dialogs close', async () => {
    const { pages, server } = await openTabs(3, { query: 'dialog' });
    await expect.poll(() => statuses(pages)).toEqual(Array(3).fill('signed-in'));
    server.revoke();
    const waiting = pages.map(order);
    await expect.poll(() => dialogs(pages)).toEqual([1, 1, 1]);
    expect(await statuses(pages)).toEqual(Array(3).fill('signed-in'));
    await pages[0].evaluate(() => window.tab.logIn());
    for (const result of await Promise.all(waiting)) expect(result).toMatchObject(GOOD);
    expect(await dialogs(pages)).toEqual([0, 0, 0]);
  });

  it('as another user rejects the held requests in all tabs', async () => {
    const { pages, server } = await openTabs(2, { query: 'dialog' });
    await expect.poll(() => statuses(pages)).toEqual(['signed-in', 'signed-in']);
    server.revoke();
    const waiting = pages.map(order);
    await expect.poll(() => dialogs(pages)).toEqual([1, 1]);
    await pages[0].evaluate(() => window.tab.logIn('ann', 'a'));
    for (const { orders } of await Promise.all(waiting))
      expect(orders).toEqual(Array(3).fill('session_changed'));
    expect(await dialogs(pages)).toEqual([0, 0]);
  });

  it('does not delay a tab that signs out', async () => {
    const { pages, server } = await openTabs(2, { query: 'dialog' });
    await expect.poll(() => statuses(pages)).toEqual(['signed-in', 'signed-in']);
    server.revoke();
    const waiting = order(pages[0]);
    await expect.poll(() => dialogs(pages)).toEqual([1, 0]);
    await pages[1].evaluate(() => window.tab.session.signOut());
    expect((await waiting).orders).toEqual(Array(3).fill('signed_out'));
    expect(await dialogs(pages)).toEqual([0, 0]);
  });
});

describe('crashes and damaged storage', () => {
  it.each([
    ['a lock', ''],
    ['a lease', 'no-locks&refreshTimeout=1000'],
  ])(
    'a refreshing tab with %s that closes before the server has rotated lets another tab continue',
    async (_, query) => {
      const { pages, server } = await openTabs(2, { query });
      server.failNext('refresh', 'timeout');
      server.expireAccessTokens();
      void order(pages[0]).catch(() => {});
      await expect.poll(() => server.stats.requests).toBeGreaterThanOrEqual(5);
      const waiting = order(pages[1]);
      await expect.poll(() => server.stats.ordersRefused).toBe(6);
      await pages[0].close();
      expect(await waiting).toMatchObject(GOOD);
      expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
    },
  );

  it.each([
    ['strict', 'signed-out'],
    ['grace', 'signed-in'],
    ['none', 'signed-in'],
  ] as const)(
    'a refreshing tab that closes after a %s server has rotated leaves the other tabs %s',
    async (rotation, expected) => {
      const { pages, server } = await openTabs(3, { rotation });
      server.expireAccessTokens();
      // The server rotates at once and responds late, so its response is lost when the tab closes.
      server.failNext('refresh', 'lost-answer');
      const lost = order(pages[0]);
      await lost;
      await pages[0].close();
      const results = await Promise.all([order(pages[1]), order(pages[2])]);
      for (const { status } of results) expect(status).toBe(expected);
      for (const { signedOut } of results) expect(signedOut).toBe(expected === 'signed-out' ? 1 : 0);
    },
  );

  it('cleared storage signs out all tabs, and a new sign-in works', async () => {
    const { pages } = await openTabs(2);
    await pages[0].evaluate(async () => {
      localStorage.clear();
      await new Promise((resolve) => {
        indexedDB.deleteDatabase('unexpired').onsuccess = resolve;
      });
    });
    await expect.poll(() => statuses([pages[1]])).toEqual(['signed-out']);
    await pages[1].evaluate(() => window.tab.logIn());
    await expect.poll(() => statuses(pages)).toEqual(['signed-in', 'signed-in']);
    expect(await order(pages[0])).toMatchObject({ ...GOOD, signedOut: expect.any(Number) });
  });

  it('an invalid value in the storage is ignored by a new tab, and overwritten by a sign-in', async () => {
    const { pages, open } = await openTabs(1);
    await pages[0].evaluate(() => localStorage.setItem('unexpired', '{"v":2,"somebody":"else"}'));
    const second = await open();
    expect(await statuses([second])).toEqual(['signed-out']);
    await second.evaluate(() => window.tab.logIn());
    expect(await order(second)).toMatchObject(GOOD);
    expect(await order(pages[0])).toMatchObject({ orders: ['200', '200', '200'], status: 'signed-in' });
  });
});

describe('without IndexedDB', () => {
  it('tabs share one refresh with the store alone', async () => {
    const { pages, server } = await openTabs(3, { query: 'no-ledger' });
    server.expireAccessTokens();
    const stored = (page: Page) => page.evaluate(() => localStorage.getItem('unexpired'));
    for (const page of pages) {
      expect(await order(page)).toMatchObject(GOOD);
      // Without a ledger, another tab could lose the session before it sees the write.
      const newest = await stored(page);
      for (const other of pages) await expect.poll(() => stored(other)).toBe(newest);
    }
    expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  });
});

describe('an outage of the server', () => {
  it('makes ten tabs send one call, and all tabs respect Retry-After', async () => {
    const { pages, server } = await openTabs(10);
    server.fail('refresh', { status: 503, retryAfter: 30 });
    server.expireAccessTokens();
    for (let round = 0; round < 2; round++) {
      const results = await Promise.all(pages.map(order));
      for (const { orders, status } of results) {
        expect({ orders, status }).toEqual({
          orders: Array(3).fill('refresh_unavailable'),
          status: 'signed-in',
        });
      }
    }
    expect(server.stats.refreshFailures).toBe(1);
  });

  it('costs all tabs one refresh when it has ended', async () => {
    const { pages, server } = await openTabs(5);
    server.failNext('refresh', { status: 503, retryAfter: 1 });
    server.expireAccessTokens();
    await Promise.all(pages.map(order));
    const results = await Promise.all(pages.map(order));
    for (const result of results) expect(result).toMatchObject(GOOD);
    expect(server.stats).toMatchObject({ refreshFailures: 1, refreshes: 1 });
  });
});

describe('keepAlive', () => {
  it('refreshes early without any request, in one tab for all', async () => {
    const { pages, server } = await openTabs(3, { query: 'keepAlive', accessLifetime: 4_000 });
    await expect.poll(() => server.stats.refreshes, { timeout: 10_000 }).toBe(1);
    expect(await statuses(pages)).toEqual(Array(3).fill('signed-in'));
    expect(server.stats).toMatchObject({ ordersOk: 0, reuses: 0 });
  });
});
