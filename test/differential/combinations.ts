import type { Random } from './random.js';

/** One way to send a request: from which page, to which address, and with what. */
export interface Combination {
  /** The instance's own `baseURL`. */
  own: string | undefined;
  /** The `baseURL` of the request; `undefined`: the instance's. */
  baseURL: string | undefined;
  url: string;
  allowAbsoluteUrls: boolean | undefined;
  adapter: string;
  params: boolean;
  carry: 'Authorization' | 'X-Token' | 'query';
  /** The `href` of the page's `<base>`; `undefined`: none. Unused without a page. */
  pageBase: string | undefined;
}

export const OWN_HOST = 'api.test';
export const LISTED = 'https://files.test';

const BLANKS = [
  '',
  '',
  '',
  ' ',
  '\t',
  '\n',
  '\r',
  '\0',
  '\x0b',
  '\x1f',
  '\x7f',
  '\u00a0',
  '\ufeff',
  '\u2028',
  '\u3000',
];
const SCHEMES = [
  'https:',
  'http:',
  'https:',
  'http:',
  'HTTPS:',
  'hTTp:',
  'https',
  'ftp:',
  'file:',
  'data:',
  'blob:',
  'javascript:',
  'ws:',
  'h\tttps:',
  'x-y+z.1:',
];
const SLASHES = [
  '',
  '/',
  '//',
  '///',
  '////',
  '\\',
  '\\\\',
  '/\\',
  '\\/',
  '/\t/',
  '/ /',
  '／',
  '／／',
  '/./',
  '/../',
  '%2f%2f',
  '%5c',
  '∕∕',
];
const HOSTS = [
  OWN_HOST,
  OWN_HOST,
  'files.test',
  'files.test',
  'files.test',
  ...Array<string>(4).fill(globalThis.location?.host ?? 'files.test'),
  'API.TEST',
  'ａｐｉ.test',
  'api。test',
  'api.test.',
  'api%2etest',
  'api.test.evil.test',
  'evil.test',
  'files.test',
  'api.test@evil.test',
  'evil.test@api.test',
  'user:pass@api.test',
  'api.test\\@evil.test',
  'api.test#@evil.test',
  'api.test?@evil.test',
  'b\u00fccher.test',
  'xn--bcher-kva.test',
  '[::1]',
  '[::ffff:7f00:1]',
  '127.0.0.1',
  '0x7f.1',
  '2130706433',
  'localhost',
  '..',
  '',
];
const PORTS = ['', '', '', ':', ':443', ':80', ':8443', ':0', ':99999', ':4\t43'];
const PATHS = [
  '',
  '/',
  '/orders',
  'orders',
  '/a/../b',
  '/%2e%2e/x',
  '/..//evil.test',
  '?q=https://evil.test',
  '#//evil.test',
  '/a?b=1#c',
  '/ä b',
  ';x',
  '@evil.test',
  '.evil.test',
  ':8443/x',
  '//evil.test/x',
  '/\\evil.test',
  '/%00',
  '/a%',
  '/orders,1&2=+',
];
const BASES = [
  undefined,
  '',
  '/',
  '//',
  '/api',
  '/api/',
  'api',
  '../x',
  '?x',
  '#x',
  ' ',
  '/\t',
  '/\\',
  `https://${OWN_HOST}`,
  `https://${OWN_HOST}/`,
  `https://${OWN_HOST}/v1//`,
  `https://${OWN_HOST}?x=`,
  `https://${OWN_HOST}#`,
  `https://${OWN_HOST}:443`,
  `HTTPS://${OWN_HOST.toUpperCase()}/V1`,
  ` https://${OWN_HOST}`,
  `https://${OWN_HOST} `,
  `https:${OWN_HOST}`,
  `https:/${OWN_HOST}`,
  `//${OWN_HOST}`,
  `http://${OWN_HOST}`,
  'https://',
  'https://evil.test',
  'https://[::1]:8443/v1',
  'https://b\u00fccher.test',
];
const PAGE_BASES = [
  undefined,
  undefined,
  '/app/',
  'deep/er/',
  'https://elsewhere.test/',
  '//elsewhere.test/x/',
  'http://elsewhere.test:81/',
  `https://${OWN_HOST}/`,
  'data:text/html,x',
  'https://',
];
const MARKS = [
  ...BLANKS,
  ...SLASHES,
  '@',
  ':',
  '.',
  '?',
  '#',
  '%',
  '[',
  ']',
  '|',
  '^',
  '"',
  '<',
  '`',
  '{',
  '’',
  '\ud800',
  '٠',
];

export function combine(random: Random, adapters: readonly string[]): Combination {
  const own = random.chance(0.8) ? random.pick(BASES) : urlOf(random);
  return {
    own,
    baseURL: random.chance(0.7) ? undefined : random.chance(0.8) ? random.pick(BASES) : urlOf(random),
    url: random.chance(0.3) ? random.pick(PATHS) : urlOf(random),
    allowAbsoluteUrls: random.pick([undefined, undefined, true, false]),
    adapter: random.pick(adapters),
    params: random.chance(0.2),
    carry: random.pick(['Authorization', 'Authorization', 'X-Token', 'query']),
    pageBase: random.pick(PAGE_BASES),
  };
}

function urlOf(random: Random): string {
  const some = (values: readonly string[], probability = 0.7) =>
    random.chance(probability) ? random.pick(values) : '';
  const url =
    some(BLANKS, 0.3) + some(SCHEMES) + some(SLASHES, 0.9) + some(HOSTS, 0.9) + some(PORTS) + some(PATHS);
  return random.chance(0.3) ? withMark(random, url) : url;
}

/** Inserts something unusual somewhere. */
function withMark(random: Random, url: string): string {
  const at = Math.floor(random.next() * (url.length + 1));
  return url.slice(0, at) + random.pick(MARKS) + url.slice(at);
}
