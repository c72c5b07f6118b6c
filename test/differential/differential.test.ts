import axios, {
  Axios,
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { type Carry, createSession, type Session } from '../../src/index.js';
import { type Combination, combine, LISTED } from './combinations.js';
import { Random } from './random.js';
import { type Adapters, type Sent, tap } from './wires.js';

declare module 'vitest' {
  interface ProvidedContext {
    differential: { runs: number; seed: number };
  }
}

/** The number in `npm test`; `npm run test:differential` tries a hundred times as many. */
const { runs, seed } = inject('differential');
const TOKEN = 'secret-token';
const isOld = axios.VERSION.startsWith('1.7.');
const CARRIES: Record<Combination['carry'], Carry> = {
  Authorization: {},
  'X-Token': { header: 'X-Token', scheme: '' },
  query: { query: 'token' },
};

/** Custom adapters: one does not know how axios joins addresses, and one asks axios. */
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

/** Inputs of fetch. The last one claims to lead to the page's own origin. */
const INPUTS: Record<string, (url: string) => RequestInfo | URL> = {
  string: (url) => url,
  URL: (url) => new URL(url, globalThis.document?.baseURI),
  Request: (url) => new Request(url),
  liar: (url) =>
    Object.defineProperty(new Request(url), 'url', { value: `${globalThis.location?.origin ?? LISTED}/x` }),
};

/** Sets the page's base for the combination, if it differs from the last one. */
function setPageBase(href: string | undefined): void {
  const page = globalThis.document as Document | undefined;
  const base = page?.querySelector('base');
  if (!page || base?.getAttribute('href') === href) return;
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
  onTestFinished(() => session.dispose());
  return session;
}

/** Whether the sent request has the token. */
function hasToken({ url, headers }: Sent): boolean {
  return url.search.includes(TOKEN) || Object.values(headers).some((value) => value.includes(TOKEN));
}

/** The same address without the token. */
function withoutToken(url: URL): string {
  return url.href.replace(new RegExp(`[?&]token=${TOKEN}`), '');
}

/** The origins to which a client may send a token: by the rule, and not by the tested code. */
function isTrusted({ origin }: URL, own: string | undefined): boolean {
  if (origin === 'null') return false; // not an origin: all such URLs have this value
  if (origin === LISTED) return true;
  try {
    return origin === new URL(own ?? '', globalThis.location?.href).origin;
  } catch {
    return false;
  }
}

/** The same request without a session and with one. */
interface Client {
  kinds: readonly string[];
  bare(combination: Combination): Promise<unknown>;
  withSession(combination: Combination, session: Session): Promise<unknown>;
  /** Whether the instance has a `baseURL`. If not, its own origin is that of the page. */
  hasBase: boolean;
  /** Whether the request without a session may go to another address, or not be sent at all. */
  mayDiffer(combination: Combination, bare: Sent | undefined): boolean;
}

/** @throws {Error} if a token was sent to a wrong origin or is missing, or if the address differs. */
function compare(
  combination: Combination,
  client: Client,
  bare: Sent | undefined,
  sent: Sent | undefined,
): void {
  const fail = (what: string) => {
    throw new Error(`${what}: ${JSON.stringify([combination, bare?.url, sent?.url])}`);
  };
  const { params } = combination;
  const own = client.hasBase ? combination.own : undefined;
  const carries = sent !== undefined && hasToken(sent);
  if (carries && !isTrusted(sent.url, own)) fail('The token went astray');
  if (client.mayDiffer(combination, bare)) return;
  // An address that axios's adapter cannot read and rejects may be sent once it is one absolute URL.
  if (bare && !sent) fail('It was not sent');
  if (!bare || !sent) return;
  // If the URL is incomplete, axios appends params after a space, and the platform reads the space differently.
  const isSame = (params && client.hasBase) || withoutToken(sent.url) === bare.url.href;
  if (!isSame) fail('Sent to another address');
  if (!carries && isTrusted(bare.url, own)) fail('The token was left out');
}

async function compareAll(name: string, client: Client, adapters: Adapters): Promise<void> {
  const random = new Random(seed);
  const sessions = new Map<string, Session>();
  for (const [carry, how] of Object.entries(CARRIES)) sessions.set(carry, await signedIn(how));
  const count = { combinations: 0, sent: 0, withToken: 0, withoutToken: 0 };
  const sentBy = async (act: () => Promise<unknown>) => {
    adapters.sent.length = 0;
    await act().catch(() => {});
    expect(adapters.sent.length).toBeLessThan(2);
    return adapters.sent[0];
  };
  for (let run = 0; run < runs; run++) {
    const combination = combine(random, client.kinds);
    setPageBase(combination.pageBase);
    const bare = await sentBy(async () => client.bare(combination));
    const sent = await sentBy(async () => client.withSession(combination, sessions.get(combination.carry)!));
    compare(combination, client, bare, sent);
    count.combinations++;
    if (sent) count.sent++;
    if (sent) count[hasToken(sent) ? 'withToken' : 'withoutToken']++;
  }
  console.log(
    `${name}, ${globalThis.document ? 'in a page' : 'in Node'}, seed ${seed}:`,
    JSON.stringify(count),
  );
  // So that the test cannot pass without requests.
  expect(count.withToken).toBeGreaterThan(runs / 1_000);
  expect(count.withoutToken).toBeGreaterThan(runs / 1_000);
}

describe('a token is sent only to the origins that are allowed', { timeout: 3_600_000 }, () => {
  let adapters: Adapters;
  beforeEach(() => {
    adapters = tap();
  });
  afterEach(() => {
    adapters.release();
    setPageBase(undefined);
  });

  it(`axios ${axios.VERSION}: ${runs} combinations, seed ${seed}`, async () => {
    /** Instances are reused: a remembered base must not survive a change of the page's base. */
    const instances = new Map<string, AxiosInstance>();
    const instanceFor = ({ own, carry }: Combination, session?: Session): AxiosInstance => {
      const key = JSON.stringify([own, session && carry]);
      const known = instances.get(key);
      if (known) return known;
      const api = axios.create({ ...adapters.options, ...(own !== undefined && { baseURL: own }) });
      if (session) attachSession(api, session, { origins: [LISTED] });
      if (instances.size < 500) instances.set(key, api);
      return api;
    };
    const ask = (api: AxiosInstance, { baseURL, url, allowAbsoluteUrls, adapter, params }: Combination) =>
      api.get(url, {
        adapter: OWN_ADAPTERS[adapter] ?? adapter,
        ...(baseURL !== undefined && { baseURL }),
        ...(allowAbsoluteUrls !== undefined && { allowAbsoluteUrls }),
        ...(params && { params: { a: 1 } }),
      });
    const client: Client = {
      hasBase: true,
      kinds: [...adapters.names, ...Object.keys(OWN_ADAPTERS)],
      bare: (combination) => ask(instanceFor(combination), combination),
      withSession: (combination, session) => ask(instanceFor(combination, session), combination),
      mayDiffer: ({ adapter, allowAbsoluteUrls }, bare) =>
        // This adapter sends to another address if it does not get a single one.
        adapter === 'naive' ||
        // With credentials in the URL, axios sends Basic instead of the token.
        Boolean(bare?.headers.authorization) ||
        // It does not know the option.
        (isOld && allowAbsoluteUrls === false),
    };
    await compareAll(`axios ${axios.VERSION}`, client, adapters);
  });

  it.skipIf(isOld)(`fetch: ${runs} combinations, seed ${seed}`, async () => {
    const clients = new Map<Session, typeof fetch>();
    const client: Client = {
      hasBase: false,
      kinds: Object.keys(INPUTS),
      bare: ({ adapter, url }) => fetch(INPUTS[adapter]!(url)),
      withSession({ adapter, url }, session) {
        const known = clients.get(session) ?? createSessionFetch(session, { origins: [LISTED] });
        clients.set(session, known);
        return known(INPUTS[adapter]!(url));
      },
      mayDiffer: () => false,
    };
    await compareAll('fetch', client, adapters);
  });
});
