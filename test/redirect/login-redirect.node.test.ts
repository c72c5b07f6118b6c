import { afterEach, describe, expect, it, vi } from 'vitest';
import { loginRedirect, readReturnTo, type SignedOutEvent } from '../../src/index.js';

const ended = (reason: SignedOutEvent['reason'] = 'refresh_rejected'): SignedOutEvent => ({
  type: 'signed-out',
  reason,
  returnTo: '/orders?page=2&sort=a b#lines',
});

function target(options: Partial<Parameters<typeof loginRedirect>[0]>, event = ended()): string | undefined {
  const navigate = vi.fn<(url: string) => void>();
  loginRedirect({ to: '/login', navigate, ...options })(event);
  return navigate.mock.calls[0]?.[0];
}

describe('loginRedirect', () => {
  it('opens the login page with returnTo in its query', () => {
    const url = target({})!;
    expect(url.startsWith('/login?returnTo=')).toBe(true);
    expect(readReturnTo(url.slice('/login'.length))).toBe('/');
    expect(new URLSearchParams(url.split('?')[1]).get('returnTo')).toBe(ended().returnTo);
  });

  it('adds to the query of the login page, and accepts another parameter name', () => {
    expect(target({ to: '/login?theme=dark', param: 'next' })).toMatch(/^\/login\?theme=dark&next=%2Forders/);
  });

  it('adds no returnTo after a deliberate sign-out', () => {
    expect(target({}, ended('signed_out'))).toBe('/login');
  });

  it('adds returnTo if the session has ended elsewhere', () => {
    expect(target({}, ended('signed_out_elsewhere'))).toContain('returnTo=');
  });

  it('does nothing if the location cannot be replaced, as in a shim', () => {
    vi.stubGlobal('location', {});
    expect(() => loginRedirect({ to: '/login' })(ended())).not.toThrow();
    vi.unstubAllGlobals();
  });

  it('names the option that depends on a <base> of another origin', () => {
    vi.stubGlobal('location', new URL('https://app.test/'));
    vi.stubGlobal('document', { baseURI: 'https://cdn.test/' });
    expect(() => loginRedirect({ to: 'login' })).toThrow(
      '"to" must be an absolute URL or begin with a slash',
    );
    vi.unstubAllGlobals();
  });

  it('does nothing on a page without a location and without a navigate function', () => {
    vi.stubGlobal('location', undefined);
    expect(() => loginRedirect({ to: '/login' })(ended())).not.toThrow();
    vi.unstubAllGlobals();
  });

  it.each(['/login', '/login/', '/login?returnTo=%2Forders', '/login#form'])(
    'stays on %s, which is the login page',
    (page) => {
      const { pathname, search, hash } = new URL(page, 'https://app.test');
      vi.stubGlobal('location', { pathname, search, hash });
      expect(target({})).toBeUndefined();
      vi.unstubAllGlobals();
    },
  );

  it.each([
    ['/登录', '/登录'],
    ['https://app.test/login', '/login?returnTo=%2Forders'],
    ['#/login', '/app/#/login'],
  ])('stays on the login page %s, whose address the browser writes in another way', (to, page) => {
    const replace = vi.fn();
    vi.stubGlobal('location', Object.assign(new URL(page, 'https://app.test'), { replace }));
    loginRedirect({ to })(ended());
    expect(replace).not.toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  it('leaves a page whose path only begins like the login page', () => {
    vi.stubGlobal('location', { pathname: '/login-help', search: '', hash: '' });
    expect(target({})).toContain('/login?returnTo=');
    vi.unstubAllGlobals();
  });

  describe('with the login page of a hash router', () => {
    const at = (page: string) => {
      const { pathname, search, hash } = new URL(page, 'https://app.test');
      vi.stubGlobal('location', { pathname, search, hash });
    };
    const to = '/#/login';
    afterEach(() => void vi.unstubAllGlobals());

    it.each(['/#/login', '/#/login/', '/?lang=en#/login?returnTo=%2F', '/#/login#form'])(
      'stays on %s, which is the login page',
      (page) => {
        at(page);
        expect(target({ to })).toBeUndefined();
      },
    );

    it.each(['/', '/#/orders', '/#/login-help', '/other#/login'])('leaves %s', (page) => {
      at(page);
      expect(target({ to })).toContain('/#/login?returnTo=');
    });

    it('puts returnTo in the fragment, and returns to a page in the fragment', () => {
      at('/#/orders?page=2');
      const returnTo = '/?lang=en#/orders?page=2';
      for (const to of ['/#/login', '/?lang=en#/login', '/#/login?theme=dark']) {
        const { hash } = new URL(target({ to }, { ...ended(), returnTo })!, 'https://app.test');
        expect(hash).toMatch(/^#\/login\?/);
        expect(readReturnTo(hash.slice(hash.indexOf('?')))).toBe(returnTo);
      }
    });
  });

  it('replaces the page in the history by default', () => {
    const replace = vi.fn();
    vi.stubGlobal('location', { pathname: '/orders', search: '', hash: '', replace });
    loginRedirect({ to: '/login' })(ended('signed_out'));
    expect(replace).toHaveBeenCalledExactlyOnceWith('/login');
    vi.unstubAllGlobals();
  });

  it('names the invalid option', () => {
    expect(() => loginRedirect({ to: '' })).toThrow('"to" must be the path or URL of the login page');
    // @ts-expect-error it is required
    expect(() => loginRedirect({})).toThrow('"to" must be');
    // @ts-expect-error so are the options
    expect(() => loginRedirect()).toThrow('"to" must be the path or URL of the login page, got undefined');
  });
});
