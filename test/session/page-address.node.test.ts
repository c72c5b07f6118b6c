import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { simpleJwtBackend } from '../../src/index.js';
import { REFRESH_ADDRESSES } from '../support/refresh-addresses.js';
import { openSession, tokens } from '../support/session.js';
import { stubPage } from '../support/stub-page.js';

afterEach(() => vi.unstubAllGlobals());

/** The URL to which a backend with this `url` sends its refresh request. */
const addressOf = (url: string) => simpleJwtBackend({ url }).refreshUrl;

describe('the URL to which a backend sends its refresh request', () => {
  it.each(REFRESH_ADDRESSES)('%j on the page %s with base %s is %s', (url, href, base, expected) => {
    stubPage(href, base);
    expect(addressOf(url)).toBe(expected);
  });

  it.each(['refresh', '?refresh', 'x/refresh', '//id.test/refresh'])(
    '%j throws if <base> moves it to another origin',
    (url) => {
      stubPage('https://shop.test/orders/7', 'http://elsewhere.test/x/');
      expect(() => addressOf(url)).toThrow(
        /^"url" must be an absolute URL or begin with a slash: <base> takes it to http:\/\/(elsewhere|id)\.test$/,
      );
    },
  );

  it('throws if it cannot be resolved against <base>', () => {
    stubPage('https://shop.test/', 'data:text/html,x');
    expect(() => addressOf('refresh')).toThrow('"url" must be an absolute URL or begin with a slash');
  });

  it('stays unchanged outside a page, or if it is no URL', () => {
    expect(addressOf('/refresh')).toBe('/refresh');
    stubPage('https://shop.test/');
    expect(addressOf('https://')).toBe('https://');
  });
});

it('a relative URL is resolved against the current <base>, or against the page if there is no document', async () => {
  const { session } = openSession();
  await session.signIn(tokens(1));
  const seen: (string | null)[] = [];
  const request = createSessionFetch(session, {
    async fetch(...args) {
      const { url, headers } = new Request(...args);
      seen.push(url, headers.get('authorization'));
      return new Response();
    },
  });
  stubPage('https://shop.test/', 'https://shop.test/app/');
  await request('orders');
  vi.stubGlobal('document', undefined);
  await request('orders');
  expect(seen).toEqual([
    'https://shop.test/app/orders',
    'Bearer access-1',
    'https://shop.test/orders',
    'Bearer access-1',
  ]);
});
