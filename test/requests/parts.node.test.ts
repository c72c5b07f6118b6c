import { afterEach, describe, expect, it, vi } from 'vitest';
import { jsonOrText } from '../../src/bodies/json.js';
import { cancelStream, isStream } from '../../src/bodies/stream.js';
import { mentions } from '../../src/requests/mentions.js';
import { Requester } from '../../src/requests/requester.js';
import { isSameAddress } from '../../src/requests/same-address.js';
import { withQuery } from '../../src/requests/with-query.js';
import type { SessionCore } from '../../src/session.js';

describe('a request contains a token', () => {
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

  it('only if the whole token is in one part or one field', () => {
    const split = new FormData();
    split.set('one', 'a+');
    split.set('two', 'b');
    expect(mentions('a+b', 'a+', 'b')).toBe(false);
    expect(mentions('a+b', split)).toBe(false);
  });

  it('but not in a form whose fields cannot be read, such as that of the package form-data', () => {
    const unreadable = new FormData();
    Object.defineProperty(unreadable, 'entries', { value: undefined });
    expect(mentions('a+b', unreadable)).toBe(false);
  });
});

describe('a stream', () => {
  it.each([
    ['of Node', { pipe() {} }],
    ['of browsers', new ReadableStream()],
  ])('can be %s', (_, value) => {
    expect(isStream(value)).toBe(true);
  });

  it.each([null, undefined, 'text', {}, { pipe: 1 }, { getReader: true }, new Blob()])(
    'is not recognized in %j',
    (value) => {
      expect(isStream(value)).toBe(false);
    },
  );

  it('of Node is destroyed if it will not be read', () => {
    const destroy = vi.fn();
    cancelStream({ destroy });
    expect(destroy).toHaveBeenCalledOnce();
  });

  it('of a browser is cancelled if it will not be read, and an error of that is ignored', async () => {
    const cancel = vi.fn(() => Promise.reject(new TypeError('locked')));
    cancelStream({ cancel });
    expect(cancel).toHaveBeenCalledOnce();
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail this test
  });

  it('may be absent', () => {
    expect(() => cancelStream(null)).not.toThrow();
  });
});

describe('a parameter in the query of a URL', () => {
  it.each([
    ['/orders', '/orders?token=a+b'],
    ['/orders?page=2', '/orders?page=2&token=a+b'],
    ['/orders#top', '/orders?token=a+b#top'],
    ['/orders?page=2#top', '/orders?page=2&token=a+b#top'],
    ['/orders#', '/orders?token=a+b#'],
    ['/orders#a?b', '/orders?token=a+b#a?b'],
  ])('changes %s to %s', (url, longer) => {
    expect(withQuery(url, { token: 'a b' })).toBe(longer);
  });
});

describe('two URLs', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it.each([
    ['https://api.test/token', 'https://api.test/token', true],
    ['https://api.test/token', 'https://api.test/other', false],
    ['https://api.test/ä', 'https://API.test:443/%C3%A4', true],
    ['/token', '/token', true],
    ['/token', '/other', false],
    ['/token', 'https://api.test/token', false],
  ])('outside a page: %s and %s are the same: %s', (one, other, isSame) => {
    expect(isSameAddress(one, other)).toBe(isSame);
  });

  it.each([
    ['/token', 'https://api.test/token', true],
    ['token', 'https://api.test/app/token', true],
    ['/token', 'https://other.test/token', false],
    ['/token', 'https://api.test/token#client', true],
  ])('are relative to the page: %s and %s are the same: %s', (one, other, isSame) => {
    vi.stubGlobal('location', new URL('https://api.test/app/page'));
    expect(isSameAddress(one, other)).toBe(isSame);
  });
});

describe('the text of a body', () => {
  it.each<[string, unknown]>([
    ['{"a":[1]}', { a: [1] }],
    ['null', null],
    ['7', 7],
    ['plain', 'plain'],
    ['', ''],
  ])('is parsed as JSON, or stays text: %j', (text, value) => {
    expect(jsonOrText(text)).toEqual(value);
  });
});

describe('the user of a request', () => {
  type Claim = Parameters<Requester['claim']>[0];
  const user = (owner: number, subject?: string) => ({ owner, subject }) as unknown as NonNullable<Claim>;
  const requesterOf = (credentials: Claim) =>
    new Requester({ state: { credentials } } as unknown as SessionCore);
  const codeOf = (requester: Requester, held: Claim) => requester.claim(held)?.code;

  it.each<[string, Claim, Claim, string | undefined]>([
    ['the same sign-in', user(1), user(1), undefined],
    ['the same user, who has signed in again', user(1, 'ann'), user(2, 'ann'), undefined],
    ['another user', user(1, 'ann'), user(2, 'bob'), 'session_changed'],
    ['a new sign-in whose user is unknown', user(1), user(2), 'session_changed'],
    ['nobody', user(1), null, 'signed_out'],
  ])('may be sent for %s', (_, at, held, code) => {
    expect(codeOf(requesterOf(at), held)).toBe(code);
  });

  it('is the first user whose token it carries, if nobody was signed in', () => {
    const requester = requesterOf(null);
    expect(codeOf(requester, null)).toBeUndefined();
    expect(codeOf(requester, user(1, 'ann'))).toBeUndefined();
    expect(codeOf(requester, user(2, 'bob'))).toBe('session_changed');
    expect(codeOf(requester, null)).toBe('signed_out');
  });

  it('does not change, even after a check for another user', () => {
    const requester = requesterOf(user(1, 'ann'));
    requester.claim(user(2, 'bob'));
    expect(codeOf(requester, user(1, 'ann'))).toBeUndefined();
  });
});
