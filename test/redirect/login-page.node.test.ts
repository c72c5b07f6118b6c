import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createSession,
  loginRedirect,
  readReturnTo,
  type SignedOutEvent,
  simpleJwtBackend,
} from '../../src/index.js';

afterEach(() => void vi.unstubAllGlobals());

/** The page that `loginRedirect` opens when a session ends; `undefined` if it opens none. */
function target(to: string, page: string): string | undefined {
  const { pathname, search, hash } = new URL(page, 'https://app.test');
  vi.stubGlobal('location', { pathname, search, hash });
  const navigate = vi.fn<(url: string) => void>();
  loginRedirect({ to, navigate })({ type: 'signed-out', reason: 'refresh_rejected', returnTo: '/' });
  return navigate.mock.calls[0]?.[0];
}

/** The `returnTo` of the event when a session ends on a page. */
async function returnToOn(location: object | undefined): Promise<string | undefined> {
  vi.stubGlobal('location', location);
  let event: SignedOutEvent | undefined;
  const session = createSession({
    backend: simpleJwtBackend({ url: 'https://api.test/token/refresh/' }),
    onSignedOut: (ended) => void (event = ended),
  });
  await session.signIn({ access: 'a', refresh: 'r' });
  await session.signOut();
  session.dispose();
  return event?.returnTo;
}

describe('the login page', () => {
  it.each([
    [7, '7'],
    [{}, 'an object with no fields'],
    [['/login'], 'an array'],
    [null, 'null'],
    [true, 'true'],
  ])('cannot be %j', (to, got) => {
    // @ts-expect-error only a string is allowed
    expect(() => loginRedirect({ to })).toThrow(`"to" must be the path or URL of the login page, got ${got}`);
  });

  it('in a fragment differs from the same path outside it', () => {
    expect(target('/#/login', '/login')).toBe('/#/login?returnTo=%2F');
    expect(target('/login', '/#/login')).toBe('/login?returnTo=%2F');
  });
});

describe('the page to return to', () => {
  it('is the path, query and fragment of the page on which the session ended', async () => {
    const location = { pathname: '/orders', search: '?page=2', hash: '#lines' };
    expect(await returnToOn(location)).toBe('/orders?page=2#lines');
  });

  it.each([
    ['outside a browser', undefined],
    ['on about:blank', { pathname: 'blank', search: '', hash: '' }],
  ])('is the root %s', async (_, location) => {
    expect(await returnToOn(location)).toBe('/');
  });

  it.each(['orders/7', 'https:/orders', 'evil.example/orders'])(
    'is never %s, which does not begin with a slash',
    (path) => {
      expect(readReturnTo(new URLSearchParams({ returnTo: path }), '/home')).toBe('/home');
    },
  );

  it.each(['/100%', '/%E0%A4%A'])('may contain a percent sign that encodes nothing: %s', (path) => {
    expect(readReturnTo(new URLSearchParams({ returnTo: path }), '/home')).toBe(path);
  });

  it('may be a fallback on another site, if the application chooses it', () => {
    expect(readReturnTo('', 'https://www.example.com/')).toBe('https://www.example.com/');
  });
});
