import { afterEach, describe, expect, it, vi } from 'vitest';
import { createScope, type ScopeOptions } from '../../src/requests/scope.js';

const BASE = 'https://api.test/v1';

/** Whether a request to this URL may carry a token, in a client with this base URL. */
function mayCarry(url: string, options: ScopeOptions = {}, base: string | undefined = BASE): boolean {
  const { origin, pathname } = new URL(base);
  return createScope(options)(new URL(url, base), origin, pathname);
}

describe('a request may carry a token', () => {
  it.each(['/orders', 'orders', 'https://api.test/', '//api.test/orders'])('to its own origin: %s', (url) => {
    expect(mayCarry(url)).toBe(true);
  });

  it.each(['https://api.test/orders', 'https://files.test/a'])('to a listed origin: %s', (url) => {
    const scope = createScope({ origins: ['https://api.test', 'https://files.test/folder/'] });
    expect(scope(new URL(url), undefined)).toBe(true);
  });
});

describe('a request carries no token', () => {
  it.each(['https://evil.test/', 'http://api.test/', 'https://api.test:8443/', '//evil.test/orders'])(
    'to another origin: %s',
    (url) => {
      expect(mayCarry(url, { origins: ['https://files.test'] })).toBe(false);
    },
  );

  it('if the client has no origin', () => {
    expect(createScope({})(new URL('https://api.test/orders'), undefined)).toBe(false);
  });

  it.each(['blob:https://api.test/7d6e', 'data:text/plain,a', 'about:blank'])(
    'to a URL without a host: %s',
    (url) => {
      expect(mayCarry(url)).toBe(false);
      expect(mayCarry(url, {}, 'about:blank')).toBe(false);
    },
  );
});

describe('an excluded path', () => {
  it.each([
    ['/login', '/login'],
    ['/login', '/login/'],
    ['/login/', '/login'],
    ['/login', 'https://api.test/v1/login'],
    ['/login', 'https://api.test/v1/login/'],
    ['/v1/login', 'https://api.test/v1/login'],
    ['/a/b', 'https://api.test/v1/a/b'],
    ['/', 'https://api.test/'],
    ['/', 'https://api.test/v1/'],
    ['/public/*', '/public/a/b'],
    ['/*/photo/*', '/1/photo/2'],
  ])('%s matches %s', (pattern, url) => {
    expect(mayCarry(url, { exclude: [pattern] })).toBe(false);
  });

  it.each([
    ['/login', '/login/help'],
    ['/login', '/log'],
    ['/login', '/help/login'],
    ['/login', '/xx/login'],
    ['/a/b', '/ab'],
    ['/a.b', '/axb'],
    ['/a+', '/aa'],
    ['/(a)', '/a'],
    ['/[a]', '/a'],
    ['/a|/b', '/b'],
    ['/a$', '/a'],
    ['/^a', '/a'],
    ['/public/*', '/private/a'],
  ])('%s does not match %s', (pattern, url) => {
    expect(mayCarry(url, { exclude: [pattern] })).toBe(true);
  });

  it.each([`${BASE}/`, BASE])('is relative to the base URL of the client: %s', (base) => {
    expect(mayCarry('https://api.test/v1/a/b', { exclude: ['/a/b'] }, base)).toBe(false);
    expect(mayCarry('https://api.test/v2/a/b', { exclude: ['/a/b'] }, base)).toBe(true);
  });

  it('works for another origin if the client has no base URL', () => {
    const scope = createScope({ origins: ['https://api.test'], exclude: ['/login'] });
    expect(scope(new URL('https://api.test/login'), undefined)).toBe(false);
    expect(scope(new URL('https://api.test/orders'), undefined)).toBe(true);
  });

  it('can be a regular expression, even one with the flag g', () => {
    const exclude = [/^\/v1\/public/g, /\.png$/];
    const scope = createScope({ exclude });
    for (let times = 0; times < 2; times++) {
      expect(scope(new URL('https://api.test/v1/public/a'), 'https://api.test')).toBe(false);
      expect(scope(new URL('https://api.test/v1/a.png'), 'https://api.test')).toBe(false);
      expect(scope(new URL('https://api.test/v1/a.jpg'), 'https://api.test')).toBe(true);
    }
  });

  it('can be a function of the URL', () => {
    const exclude = [({ searchParams }: URL) => searchParams.has('public')];
    expect(mayCarry('/a?public', { exclude })).toBe(false);
    expect(mayCarry('/a', { exclude })).toBe(true);
  });
});

describe('an invalid option', () => {
  it.each([['api.test'], ['/orders'], ['data:text/plain,a'], ['']])('throws: the origin %j', (origin) => {
    expect(() => createScope({ origins: [origin] })).toThrow(
      new TypeError(`"origins" takes an array of origins such as https://api.example.com, got ${origin}`),
    );
  });

  it.each([['login'], [''], [7], [null]])('throws: the path %j', (pattern) => {
    const options = { exclude: [pattern] } as unknown as ScopeOptions;
    expect(() => createScope(options)).toThrow(
      new TypeError(
        `"exclude" takes an array of paths that begin with a slash, regular expressions and functions, got ${pattern}`,
      ),
    );
  });

  it('throws: not an array', () => {
    const of = (options: object) => () => createScope(options);
    expect(of({ origins: 'https://api.test' })).toThrow('"origins" takes an array of origins');
    expect(of({ exclude: '/login' })).toThrow('"exclude" takes an array of paths');
  });
});

describe('a pattern with wildcards', () => {
  const excludes = (pattern: string, path: string) => !mayCarry(path, { exclude: [pattern] });

  it.each([
    ['/a/*/b/*/c', '/a/1/b/2/c'],
    ['/a/*/b/*/c', '/a/1/2/b/3/4/c/'],
    ['/a/*/b/*/c', '/a/1/b//c'],
    ['/a/*/b/*/c', '/a/b/b/c/c'],
    ['/a*a', '/aa'],
  ])('%s matches %s', (pattern, path) => {
    expect(excludes(pattern, path)).toBe(true);
  });

  it.each([
    ['/a/*/b/*/c', '/a/1/c'],
    ['/a/*/b/*/c', '/a/1/x/2/c'],
    ['/a/*/b/*/c', '/a/1/b/c'],
    ['/a/*/b/*/c', '/a/1/b/2/x'],
    ['/a/*/b/*/c', '/x/1/b/2/c'],
    ['/a*a', '/a'],
    ['/login', '/other/'],
    ['/login', '/loginx'],
  ])('%s does not match %s', (pattern, path) => {
    expect(excludes(pattern, path)).toBe(false);
  });
});

it('an unknown option throws an error', () => {
  expect(() => createScope({ orgins: [] } as ScopeOptions)).toThrow(
    new TypeError('There is no option "orgins": check its spelling'),
  );
});

describe('a platform without a standard URL class', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it.each([
    ['because there is none', undefined],
    [
      'because it adds a slash, as that of React Native does',
      class {
        readonly pathname = '/b/';
      },
    ],
  ])('causes an error that names what is missing: %s', (_, URL) => {
    vi.stubGlobal('URL', URL);
    expect(() => createScope({})).toThrow(
      new TypeError('A standard URL class is missing: see docs/environments.md'),
    );
  });
});
