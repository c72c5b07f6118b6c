import axios, {
  Axios,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { type Carry, createSession, type Session } from '../../src/index.js';
import { type Combination, combine, LISTED } from './combinations.js';
import { Random } from './random.js';
import { type Sent, tap } from './wires.js';

declare module 'vitest' {
  interface ProvidedContext {
    differential: { runs: number; seed: number };
  }
}

/** As many in `npm test`; a hundred times as many in `npm run test:differential`. */
const { runs, seed } = inject('differential');
const TOKEN = 'secret-token';
const CARRIES: Record<Combination['carry'], Carry> = {
  Authorization: {},
  'X-Token': { header: 'X-Token', scheme: '' },
  query: { query: 'token' },
};

afterEach(() => setPageBase(undefined));

/** No page, no document. */
function document_(): Document | undefined {
  return globalThis.document;
}

/** Adapters of an application: one that knows nothing of how axios joins, and one that asks axios. */
const OWN_ADAPTERS: Record<string, AxiosAdapter> = {
  naive: (config) => answerOf(`${config.baseURL ?? ''}${config.url}`, config),
  getUri: (config) => answerOf(new Axios({}).getUri(config), config),
};

async function answerOf(url: string, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const { status, statusText } = await fetch(url, {
    headers: { ...config.headers } as Record<string, string>,
  });
  return { data: '{}', status, statusText, headers: {}, config };
}

/** What fetch takes; the last says of itself that it leads to the page's own origin. */
const INPUTS: Record<string, (url: string) => RequestInfo | URL> = {
  string: (url) => url,
  URL: (url) => new URL(url, document_()?.baseURI),
  Request: (url) => new Request(url),
  liar: (url) =>
    Object.defineProperty(new Request(url), 'url', { value: `${globalThis.location?.origin ?? LISTED}/x` }),
};

/** Puts the page's base where the combination wants it, if that is another than before. */
function setPageBase(href: string | undefined): void {
  const page = document_();
  const base = page?.querySelector('base');
  if (!page || base?.getAttribute('href') === (href ?? null)) return;
  base?.remove();
  if (href !== undefined) page.head.prepend(Object.assign(page.createElement('base'), { href }));
}

async function signedIn(carry: Carry): Promise<Session> {
  const backend = {
    carry,
    refresh: () => Promise.reject(new Error('nothing is refreshed here')),
    readTokens: () => ({ accessToken: TOKEN }),
  };
  const session = createSession({ backend });
  await session.signIn({ accessToken: TOKEN });
  return session;
}

/** Whether the token is anywhere in what left. */
function hasToken({ url, headers }: Sent): boolean {
  return url.search.includes(TOKEN) || Object.values(headers).some((value) => value.includes(TOKEN));
}

/** The same address without the token, as the application would see it in the network panel. */
function withoutToken(url: URL): string {
  return url.href.replace(new RegExp(`[?&]token=${TOKEN}`), '');
}

/** Where a client may send a token: by the rule, not by the code under test. */
function isTrusted({ origin }: URL, own: string | undefined): boolean {
  if (origin === 'null') return false; // not an origin: every such URL says so
  if (origin === LISTED) return true;
  try {
    return origin === new URL(own ?? '', globalThis.location?.href).origin;
  } catch {
    return false;
  }
}

const show = (combination: object) => JSON.stringify(combination);

/** What a request sent, if anything left. */
async function sentBy(act: () => Promise<unknown>, log: Sent[]): Promise<Sent | undefined> {
  log.length = 0;
  await act().catch(() => {});
  expect(log.length).toBeLessThan(2);
  return log[0];
}

interface Count {
  combinations: number;
  sent: number;
  withToken: number;
  withoutToken: number;
}

/** Compares what left with what leaves of a client without a session. */
function compare(
  combination: object,
  { own, mayDiffer, exact }: { own: string | undefined; mayDiffer: boolean; exact: boolean },
  bare: Sent | undefined,
  it_: Sent | undefined,
  count: Count,
): void {
  count.combinations++;
  if (it_) count.sent++;
  const carries = it_ !== undefined && hasToken(it_);
  count[carries ? 'withToken' : 'withoutToken']++;
  if (carries && !isTrusted(it_.url, own))
    throw new Error(`Token sent to ${it_.url.origin}: ${show(combination)}`);
  if (mayDiffer) return;
  if (Boolean(bare) !== Boolean(it_)) throw new Error(`Sent by one only: ${show([combination, bare, it_])}`);
  if (!bare || !it_) return;
  const isSame = exact ? withoutToken(it_.url) === bare.url.href : it_.url.origin === bare.url.origin;
  if (!isSame) throw new Error(`Sent to another address: ${show([combination, bare.url, it_.url])}`);
  if (!carries && isTrusted(bare.url, own)) throw new Error(`No token: ${show([combination, bare.url])}`);
}

describe('a token goes only where it was decided that it may go', () => {
  it(`axios ${axios.VERSION}: ${runs} combinations, seed ${seed}`, { timeout: 3_600_000 }, async () => {
    const random = new Random(seed);
    const log: Sent[] = [];
    const { adapters, options, release } = tap((sent) => log.push(sent));
    const names = [...adapters, 'naive', 'getUri'];
    const sessions = new Map<string, Session>();
    for (const [name, carry] of Object.entries(CARRIES)) sessions.set(name, await signedIn(carry));
    const count: Count = { combinations: 0, sent: 0, withToken: 0, withoutToken: 0 };
    try {
      for (let run = 0; run < runs; run++) {
        const combination = combine(random, names);
        setPageBase(combination.pageBase);
        const { own, baseURL, url, allowAbsoluteUrls, adapter, params, carry } = combination;
        const create = (): AxiosInstance =>
          axios.create({ ...options, ...(own !== undefined && { baseURL: own }) });
        const config = {
          adapter: OWN_ADAPTERS[adapter] ?? adapter,
          ...(baseURL !== undefined && { baseURL }),
          ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
          ...(params && { params: { a: 1 } }),
        };
        const bare = await sentBy(() => create().get(url, { ...config }), log);
        const api = create();
        attachSession(api, sessions.get(carry)!, { origins: [LISTED] });
        const it_ = await sentBy(() => api.get(url, { ...config }), log);
        const mayDiffer =
          // An own adapter that joins in its own way sends elsewhere by itself.
          adapter === 'naive' ||
          // axios puts Basic in the place of the token.
          Boolean(bare?.headers.authorization) ||
          // Versions that do not know the option, and send such a request away.
          (allowAbsoluteUrls === false && axios.VERSION.startsWith('1.7.'));
        compare(combination, { own, mayDiffer, exact: !params }, bare, it_, count);
      }
    } finally {
      release();
      for (const session of sessions.values()) session.dispose();
    }
    console.log(`axios ${axios.VERSION}, ${globalThis.document ? 'page' : 'no page'}, seed ${seed}:`, count);
    expect(count.withToken).toBeGreaterThan(runs / 50);
    expect(count.withoutToken).toBeGreaterThan(runs / 50);
  });

  it(`fetch: ${runs} combinations, seed ${seed}`, { timeout: 3_600_000 }, async () => {
    const random = new Random(seed + 1);
    const log: Sent[] = [];
    const { release } = tap((sent) => log.push(sent));
    const count: Count = { combinations: 0, sent: 0, withToken: 0, withoutToken: 0 };
    const clients = new Map<string, [Session, typeof fetch]>();
    for (const [name, carry] of Object.entries(CARRIES)) {
      const session = await signedIn(carry);
      clients.set(name, [session, createSessionFetch(session, { origins: [LISTED] })]);
    }
    try {
      for (let run = 0; run < runs; run++) {
        const combination = { ...combine(random, ['string', 'URL', 'Request', 'liar']), own: undefined };
        setPageBase(combination.pageBase);
        const { url, adapter: kind, carry } = combination;
        const input = () => INPUTS[kind]!(url);
        const bare = await sentBy(async () => fetch(input()), log);
        const it_ = await sentBy(async () => clients.get(carry)![1](input()), log);
        compare(combination, { own: undefined, mayDiffer: false, exact: true }, bare, it_, count);
      }
    } finally {
      release();
      for (const [session] of clients.values()) session.dispose();
    }
    console.log(`fetch, ${globalThis.document ? 'page' : 'no page'}, seed ${seed}:`, count);
    expect(count.withToken).toBeGreaterThan(runs / 200);
    expect(count.withoutToken).toBeGreaterThan(runs / 200);
  });
});
