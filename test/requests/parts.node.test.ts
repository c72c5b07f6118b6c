import { describe, expect, it, vi } from 'vitest';
import { mentions } from '../../src/requests/mentions.js';
import { cancelStream, isStream } from '../../src/requests/stream.js';
import { withQuery } from '../../src/requests/with-query.js';

describe('a request mentions a token', () => {
  const form = new FormData();
  form.set('grant_type', 'refresh_token');
  form.set('refresh_token', 'a+b');
  it.each([
    ['in the URL', 'https://api.test/?token=a+b'],
    ['encoded in the URL', 'https://api.test/?token=a%2Bb'],
    ['in a text body', '{"refresh":"a+b"}'],
    ['in a URL-encoded body', new URLSearchParams({ refresh: 'a+b' })],
    ['in a field of a form', form],
  ])('%s', (_, part) => {
    expect(mentions('a+b', undefined, part)).toBe(true);
    expect(mentions('other', undefined, part)).toBe(false);
  });

  it.each([
    ['as text of an object', { toString: (): string => 'a+b' }],
    ['in a binary body', new TextEncoder().encode('a+b')],
    ['in an absent body', null],
  ])('but not %s, which is not read', (_, part) => {
    expect(mentions('a+b', part)).toBe(false);
  });

  it('only as a whole, not in two parts or two fields', () => {
    const split = new FormData();
    split.set('one', 'a+');
    split.set('two', 'b');
    expect(mentions('a+b', 'a+', 'b')).toBe(false);
    expect(mentions('a+b', split)).toBe(false);
  });

  it('and a form whose fields cannot be read, as in React Native, mentions none', () => {
    const unreadable = new FormData();
    Object.defineProperty(unreadable, 'values', { value: undefined });
    expect(mentions('a+b', unreadable)).toBe(false);
  });
});

describe('a stream', () => {
  it.each([
    ['of Node', { pipe() {} }],
    ['of browsers', new ReadableStream()],
  ])('%s is one', (_, value) => {
    expect(isStream(value)).toBe(true);
  });

  it.each([null, undefined, 'text', {}, { pipe: 1 }, { getReader: true }, new Blob()])(
    '%j is none',
    (value) => {
      expect(isStream(value)).toBe(false);
    },
  );

  it('of Node is destroyed when nobody will read it', () => {
    const destroy = vi.fn();
    cancelStream({ destroy });
    expect(destroy).toHaveBeenCalledOnce();
  });

  it('of browsers is cancelled when nobody will read it, even if it cannot be', async () => {
    const cancel = vi.fn(() => Promise.reject(new TypeError('locked')));
    cancelStream({ cancel });
    expect(cancel).toHaveBeenCalledOnce();
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail this test
  });

  it('may be absent', () => {
    expect(() => cancelStream(null)).not.toThrow();
  });
});

describe('a URL with more in its query', () => {
  it.each([
    ['/orders', '/orders?token=a+b'],
    ['/orders?page=2', '/orders?page=2&token=a+b'],
    ['/orders#top', '/orders?token=a+b#top'],
    ['/orders?page=2#top', '/orders?page=2&token=a+b#top'],
    ['/orders#', '/orders?token=a+b#'],
    ['/orders#a?b', '/orders?token=a+b#a?b'],
  ])('%s becomes %s', (url, longer) => {
    expect(withQuery(url, { token: 'a b' })).toBe(longer);
  });
});
