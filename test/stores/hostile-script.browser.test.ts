import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createSession,
  localStorageStore,
  memoryStore,
  type Session,
  sessionStorageStore,
  sharedMemoryStore,
  type TokenSet,
  type TokenStore,
} from '../../src/index.js';

const TOKENS = { accessToken: 'secret-access', refreshToken: 'secret-refresh' };

let opened = 0;

/** A session whose store has a key of its own. */
function open(makeStore: (key: string) => TokenStore): { key: string; session: Session } {
  const key = `hostile-${++opened}`;
  const session = createSession({
    backend: {
      readTokens: (body) => body as TokenSet,
      refresh: async () => ({ accessToken: 'next-access', refreshToken: 'secret-refresh' }),
    },
    store: makeStore(key),
  });
  onTestFinished(() => {
    session.dispose();
    localStorage.clear();
    sessionStorage.clear();
  });
  return { key, session };
}

/** The channel of the session’s tabs. */
function lineOf(key: string): { heard: unknown[]; say(message: unknown): void } {
  const channel = new BroadcastChannel(`unexpired:${key}`);
  const heard: unknown[] = [];
  channel.onmessage = ({ data }) => heard.push(data);
  onTestFinished(() => channel.close());
  return { heard, say: (message) => channel.postMessage(message) };
}

function request<Result>(asked: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Runs `act` on the ledger's object store. Creates no database, because that would hide the ledger's own. */
async function withLedger<Result>(
  act: (store: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result | undefined> {
  const databases = await indexedDB.databases();
  if (!databases.some(({ name }) => name === 'unexpired')) return undefined;
  const database = await request(indexedDB.open('unexpired'));
  const result = await request(act(database.transaction('ledger', 'readwrite').objectStore('ledger')));
  database.close();
  return result;
}

const ledgerOf = (key: string) => withLedger((store) => store.get(`unexpired:${key}`));
const writeLedger = (key: string, entry: unknown) =>
  withLedger((store) => store.put(entry, `unexpired:${key}`));

/** A message between two channels of one page arrives in a later task. */
const messages = () => new Promise((resolve) => setTimeout(resolve, 100));

const stores: [string, (key: string) => TokenStore, { stored: string[]; asked: string[] }][] = [
  ['memoryStore', () => memoryStore(), { stored: [], asked: [] }],
  ['sharedMemoryStore', (key) => sharedMemoryStore({ key }), { stored: [], asked: ['access'] }],
  [
    'sessionStorageStore',
    (key) => sessionStorageStore({ key }),
    { stored: ['access', 'refresh'], asked: [] },
  ],
  ['localStorageStore', (key) => localStorageStore({ key }), { stored: ['access', 'refresh'], asked: [] }],
];

describe('the tokens that a hostile script on the origin can get', () => {
  it.each(stores)('from %s', async (_, makeStore, { stored, asked }) => {
    const { key, session } = open(makeStore);
    const { heard, say } = lineOf(key);
    const found = (where: unknown) =>
      ['access', 'refresh'].filter((token) => JSON.stringify(where).includes(`secret-${token}`));

    await session.signIn(TOKENS);
    await messages();
    expect(found(heard), 'without asking').toEqual([]);

    const kept = [{ ...localStorage }, { ...sessionStorage }, (await ledgerOf(key)) ?? null];
    expect(found(kept), 'where tokens are stored').toEqual(stored);

    say({ type: 'asked', by: 'thief', than: 0 });
    await messages();
    expect(found(heard), 'for asking').toEqual(asked);
  });
});

const rubbish: unknown[] = [
  null,
  undefined,
  7,
  'changed',
  [],
  {},
  { type: null },
  { type: 'toString' },
  { type: 'asked' },
  { type: 'asked', by: {}, than: 'NaN' },
  { type: 'promised', to: null },
  { type: 'answered', to: 'somebody', tokens: 7 },
  { type: 'changed', generation: Number.POSITIVE_INFINITY },
  { type: 'changed', ended: Number.POSITIVE_INFINITY },
  { type: 'changed', ended: 'now' },
];

/** Uncaught errors, as an application's monitoring would report them. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const note = (event: ErrorEvent | PromiseRejectionEvent) => {
    event.preventDefault();
    errors.push(event instanceof ErrorEvent ? event.message : event.reason);
  };
  addEventListener('error', note);
  addEventListener('unhandledrejection', note);
  onTestFinished(() => {
    removeEventListener('error', note);
    removeEventListener('unhandledrejection', note);
  });
  return errors;
}

const sharing = stores.filter(([name]) => /shared|local/.test(name));

describe('invalid data from a hostile script', () => {
  it.each(sharing)('in messages does not disturb a session over %s', async (_, makeStore) => {
    const { key, session } = open(makeStore);
    const errors = uncaught();
    await session.signIn(TOKENS);
    const { say } = lineOf(key);
    for (const message of rubbish) say(message);
    await messages();
    expect(errors).toEqual([]);
    expect(session.status).toBe('signed-in');
    await session.refresh();
    expect(await session.getAccessToken()).toBe('next-access');
  });

  const entries: unknown[] = [
    7,
    'text',
    [],
    {},
    { generation: 'newest' },
    { generation: Number.NaN, tokens: TOKENS },
    { generation: 9e15, tokens: { accessToken: 7 } },
    { generation: 9e15, tokens: 'none' },
    { generation: 1, pause: 7 },
    { generation: 1, pause: { until: 'never' } },
  ];

  it.each(sharing.flatMap(([name, makeStore]) => entries.map((entry) => [name, makeStore, entry] as const)))(
    'in the ledger does not disturb a session over %s: %#',
    async (_, makeStore, entry) => {
      const { key, session } = open(makeStore);
      const errors = uncaught();
      await session.signIn(TOKENS);
      await writeLedger(key, entry);
      lineOf(key).say({ type: 'changed' });
      await messages();
      expect(errors).toEqual([]);
      expect(session.status).toBe('signed-in');
      await session.refresh();
      expect(await session.getAccessToken()).toBe('next-access');
    },
  );
});
