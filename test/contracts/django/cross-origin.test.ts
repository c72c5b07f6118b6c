import { beforeAll, describe, expect, it } from 'vitest';
import { USER } from '../../support/app.js';
import { visit } from '../browser.js';
import type { Visit } from '../page.js';
import { openProxy } from '../proxy.js';
import { type Django, startDjango } from './django.js';

type Addresses = [backend: Visit['backend'], logIn: string, refresh: string, order: string];

const ENVELOPE: Addresses = ['envelope', '/login/', '/update_token/', '/order/'];
const SIMPLE_JWT: Addresses = ['simpleJwt', '/api/token/', '/api/token/refresh/', '/api/orders/'];

async function visitDjango([backend, logIn, refresh, order]: Addresses, { origin }: Django) {
  const proxy = await openProxy(origin);
  const headers = { 'Content-Type': 'application/json' };
  const login = await fetch(origin + logIn, { method: 'POST', headers, body: JSON.stringify(USER) });
  const answer: unknown = await login.json();
  const visited = await visit({ backend, url: proxy.origin + refresh, answer, order: proxy.origin + order });
  return { visited, proxy };
}

describe('a page from another origin', () => {
  /** The tutorial's header is allowed. */
  let allowing: Django;
  /** The default configuration of django-cors-headers. */
  let plain: Django;
  beforeAll(async () => {
    [allowing, plain] = await Promise.all([startDjango(), startDjango({ CORS: 'default' })]);
  });

  it.each([ENVELOPE, SIMPLE_JWT])('refreshes with %s if django-cors-headers allows it', async (...names) => {
    const { visited, proxy } = await visitDjango(names, allowing);
    expect(visited).toEqual({ orders: [200, 200], session: 'signed-in' });
    expect(proxy.preflights).toEqual(expect.arrayContaining([names[2], names[3]]));
  });

  it('refreshes with simpleJwt in the default configuration of django-cors-headers', async () => {
    const { visited } = await visitDjango(SIMPLE_JWT, plain);
    expect(visited).toEqual({ orders: [200, 200], session: 'signed-in' });
  });

  it('cannot refresh with envelope if RefreshAuthorization is not allowed; the error says what to check, and nobody is signed out', async () => {
    const { visited, proxy } = await visitDjango(ENVELOPE, plain);
    expect(visited).toEqual({
      error: `refresh_unavailable: ${proxy.origin}/update_token/ could not be reached. Check the network, the address, and that CORS allows its headers`,
      orders: [200, 200],
      session: 'signed-in',
    });
    expect(proxy.preflights).toContain('/update_token/');
    expect(proxy.count('/update_token/')).toBe(0);
  });
});
