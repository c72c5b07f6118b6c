import { describe, expect, it } from 'vitest';
import { readReturnTo } from '../../src/index.js';

const query = (value: string) => `?returnTo=${encodeURIComponent(value)}`;

describe('readReturnTo', () => {
  it('returns a path of at most 8,000 characters, which servers accept', () => {
    const longest = `/${'a'.repeat(7_999)}`;
    expect(readReturnTo(query(longest))).toBe(longest);
    expect(readReturnTo(query(`${longest}a`))).toBe('/');
  });

  it.each([
    '/',
    '/100%',
    '/%E4%B8%AD/%E4',
    '/orders',
    '/orders/7?tab=lines&q=a%20b#top',
    '/search?next=https://example.com/',
    '/sale?off=100%',
    '/中文',
    '/a//b',
  ])('accepts %s', (path) => {
    expect(readReturnTo(query(path), '/home')).toBe(path);
  });

  it.each([
    '//evil.example',
    '\\\\evil.example',
    '/\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'https://evil.example/',
    'https:evil.example',
    'evil.example',
    'orders',
    '',
    '/%2Fevil.example',
    '/%2fevil.example',
    '/%5Cevil.example',
    '/%252Fevil.example',
    '/%25252Fevil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/%09/evil.example',
    '/%2Fevil.example/100%',
    '/%252Fevil.example%25',
    '/orders\\..\\..',
    '/orders\u0000',
    '/orders\u007f',
    '/or ders',
  ])('rejects %j', (value) => {
    expect(readReturnTo(query(value), '/home')).toBe('/home');
  });

  it('decodes the parameter once, so an encoded host is still rejected', () => {
    expect(readReturnTo('?returnTo=%2F%2Fevil.example')).toBe('/');
    expect(readReturnTo('?returnTo=%252F%252Fevil.example')).toBe('/');
  });

  it('returns the fallback, by default the root, if there is no parameter', () => {
    expect(readReturnTo('')).toBe('/');
    expect(readReturnTo('?other=/orders')).toBe('/');
    expect(readReturnTo('?other=/orders', '/home')).toBe('/home');
  });

  it('reads another parameter, and a URLSearchParams', () => {
    expect(readReturnTo(new URLSearchParams({ next: '/orders' }), '/', 'next')).toBe('/orders');
  });

  it('uses the first of several parameters', () => {
    expect(readReturnTo('?returnTo=//evil.example&returnTo=/orders', '/home')).toBe('/home');
  });
});
