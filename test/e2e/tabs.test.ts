import { describe, expect, it } from 'vitest';
import { launch, openTab, serveTabs } from './tabs/browser.ts';

/** Opens tabs that share one signed-in session whose token the server refuses from now on. */
async function openTabs(count: number, query = '') {
  const { origin, server } = await serveTabs();
  const { context } = await launch();
  const first = await openTab(context, `${origin}/${query}`);
  await first.evaluate(() => window.tab.logIn());
  const others = await Promise.all(
    Array.from({ length: count - 1 }, () => openTab(context, `${origin}/${query}`)),
  );
  return { origin, server, context, pages: [first, ...others], first };
}

describe.each([
  ['Web Locks and the ledger', ''],
  ['the lease in the ledger, where there are no Web Locks', '?no-locks'],
])('by %s', (_, query) => {
  it.each([2, 5, 20])(
    '%i tabs whose token is refused at the same moment cost one refresh, and nobody is signed out',
    async (count) => {
      const { server, pages, first } = await openTabs(count, query);
      for (let round = 1; round <= 3; round++) {
        server.expireAccessTokens();
        const waiting = pages.slice(1).map((page) => page.evaluate(() => window.tab.orderOnSignal()));
        await first.evaluate(() => window.tab.giveSignal());
        const results = await Promise.all([...waiting, first.evaluate(() => window.tab.order())]);
        for (const { orders, status, signedOut } of results) {
          expect({ orders, status, signedOut }).toEqual({
            orders: ['200', '200', '200'],
            status: 'signed-in',
            signedOut: 0,
          });
        }
        expect(server.stats).toMatchObject({
          refreshes: round,
          refreshFailures: 0,
          reuses: 0,
          refreshesAtOnce: 1,
        });
      }
    },
  );
});
