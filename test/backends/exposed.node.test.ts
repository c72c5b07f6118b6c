import { afterEach, describe, expect, it, vi } from 'vitest';
import { httpBackend, logout, oauth2Backend } from '../../src/index.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function warningsOf(page: string | undefined, make: () => unknown): string[] {
  vi.stubGlobal('location', page === undefined ? undefined : new URL(page));
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  make();
  return warn.mock.calls.map(([message]) => String(message));
}

const WARNING = /http:\/\/.* is not encrypted: others on the network can read the tokens\. Use https/;

describe('an unencrypted URL', () => {
  it.each(['https://app.test/', 'file:///index.html', 'capacitor://localhost/', 'chrome-extension://abc/'])(
    'causes a warning on an encrypted page: %s',
    (page) => {
      const url = 'http://api.test/refresh';
      expect(warningsOf(page, () => oauth2Backend({ url, clientId: 'app' }))).toEqual([
        expect.stringMatching(WARNING),
      ]);
    },
  );

  it.each([
    'HTTP://api.test',
    'http://localhost.evil.test/',
    'http://127.0.0.1.evil.test/',
    'http://10.0.0.1:8000/x',
  ])('causes a warning if it is %s', (url) => {
    expect(warningsOf('https://app.test/', () => httpBackend({ url })).length).toBe(1);
  });

  it.each([
    'https://api.test/',
    '/refresh',
    'https://api.test/?to=http:other',
    'http://localhost/refresh',
    'http://localhost:3000',
    'http://api.localhost:3000/',
    'http://127.0.0.1:8000/x',
    'http://[::1]:8000/x',
  ])('is not %s, so there is no warning', (url) => {
    expect(warningsOf('https://app.test/', () => httpBackend({ url }))).toEqual([]);
  });

  it.each(['http://app.test/', undefined])('causes no warning on the page %s', (page) => {
    expect(warningsOf(page, () => httpBackend({ url: 'http://api.test/' }))).toEqual([]);
  });

  it('causes a warning as a sign-out URL too', () => {
    const make = () => httpBackend({ url: 'https://api.test/', signOut: logout('http://api.test/logout') });
    expect(warningsOf('https://app.test/', make)).toEqual([
      expect.stringContaining('http://api.test/logout'),
    ]);
  });
});
