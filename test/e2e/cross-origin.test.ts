import { join } from 'node:path';
import { expect, it } from 'vitest';
import { visit } from '../contracts/browser.js';
import { startServer } from '../contracts/child.js';
import { logIn } from '../contracts/oidc/log-in.js';
import { openProxy } from '../contracts/proxy.js';

it('a page from another origin refreshes at oidc-provider without a preflight', async () => {
  const server = join(import.meta.dirname, '../contracts/oidc/server.ts');
  const provider = await startServer(process.execPath, [server]);
  const proxy = await openProxy(provider);
  const visited = await visit({
    backend: 'oauth2',
    url: `${proxy.origin}/token`,
    answer: await logIn(provider),
    order: `${proxy.origin}/orders`,
  });
  expect(visited).toEqual({ orders: [200, 200], session: 'signed-in' });
  expect(proxy.count('/token', 200)).toBe(1);
  expect(proxy.preflights).not.toContain('/token');
  expect(proxy.preflights).toContain('/orders');
});
