import type { AxiosAdapter } from 'axios';
import { expect, it, vi } from 'vitest';
import type { Carry } from '../../src/index.js';
import { ORIGIN } from '../support/app.js';
import { createHandmade, ECHO } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

type Headers = Record<string, string>;

/** The headers that Node's adapter would send after a redirect to `href`. `sent` are those that it sent to the API. */
async function follow(
  href: string,
  carry: Carry,
  sent: (token: string) => Headers,
  beforeRedirect?: () => void,
) {
  const app = createHandmade({ carry });
  await app.session.signIn({ accessToken: 'good' });
  let headers: Headers = {};
  const adapter: AxiosAdapter = async (config) => {
    headers = sent(String(config.headers.get('X-Token')));
    config.beforeRedirect!({ href, headers }, { headers: {}, statusCode: 302 } as never, {} as never);
    return { data: '', status: 200, statusText: '', headers: {}, config };
  };
  await app.api.get(ECHO, { adapter, ...(beforeRedirect && { beforeRedirect }) });
  return headers;
}

const TWO: Carry = () => ({ headers: { 'X-Token': 'secret', 'X-Too': 'secret' } });

it.each(['https://evil.test/', 'https://files.api.test/', `${ORIGIN}:8443/`, 'http://api.test/'])(
  'a redirect to %s loses only the headers that carry the token',
  async (href) => {
    const sent = (token: string) => ({
      'x-token': token,
      'X-TOO': token,
      'X-Other': 'kept',
      'X-Two': 'kept',
    });
    expect(await follow(href, TWO, sent)).toEqual({ 'X-Other': 'kept', 'X-Two': 'kept' });
  },
);

it('a redirect on the same origin keeps the headers that carry the token', async () => {
  expect(await follow(`${ORIGIN}/moved`, TWO, (token) => ({ 'x-token': token }))).toEqual({
    'x-token': 'secret',
  });
});

it('the application’s own beforeRedirect gets the same arguments as without a session', async () => {
  const own = vi.fn();
  await follow('https://evil.test/', TWO, () => ({}), own);
  expect(own.mock.calls).toEqual([
    [{ href: 'https://evil.test/', headers: {} }, { headers: {}, statusCode: 302 }, {}],
  ]);
});
