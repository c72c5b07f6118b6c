import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenSet } from '../../src/index.js';
import {
  entryOf,
  HOUR,
  openTab,
  openTabs,
  Place,
  type Tab,
  type TabOptions,
  tokens,
  useClock,
} from './place.js';

const clock = useClock();
let place: Place;

beforeEach(() => {
  place = new Place();
});

/** The time in ms until the store and the ledger are compared. */
const SETTLED = 500;

/** A store that tells its session about changes by others. */
function createStore(
  put: (next: TokenSet | null) => void | Promise<void> = (next) => void (place.stored = next),
) {
  const store = {
    /** Awaited before a read returns what the store held when the read began. */
    reading: undefined as Promise<void> | undefined,
    isBroken: false,
    changed: () => {},
    read() {
      if (store.isBroken) throw new Error('broken');
      const { stored } = place;
      return store.reading ? store.reading.then(() => stored) : stored;
    },
    write: vi.fn(put),
    subscribe(changed: () => void) {
      store.changed = changed;
      return () => {};
    },
  };
  return store;
}

type Store = ReturnType<typeof createStore>;

/** A tab with a store that reports changes. */
async function open(options: TabOptions & { store?: Store } = {}) {
  const store = options.store ?? createStore();
  const tab = openTab(place, { ...options, store });
  await tab.session.ready;
  await clock.settle();
  return { ...tab, store };
}

async function signedIn(options?: TabOptions & { store?: Store }) {
  const tab = await open(options);
  await tab.session.signIn(tokens(1));
  await clock.tick(SETTLED);
  return tab;
}

/** Another tab or script writes to the store. */
function write({ store }: { store: Store }, next: TokenSet | null): void {
  place.stored = next;
  store.changed();
}

const token = ({ session }: Pick<Tab, 'session'>) => session.getAccessToken();

describe('a page that opens', () => {
  it('is signed out at once if the store is empty', () => {
    expect(openTab(place).session.status).toBe('signed-out');
  });

  it('is signed in at once if the store has tokens', async () => {
    place.stored = entryOf(1, Date.now() - 10).tokens;
    const { session } = openTab(place);
    expect(session.status).toBe('signed-in');
    await session.ready;
  });

  it('is ready with the tokens of the ledger if they are newer than those of the store', async () => {
    place.stored = entryOf(1, Date.now() - 10).tokens;
    place.entry = entryOf(2, Date.now() - 5);
    const { session } = openTab(place);
    await session.ready;
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('does not ask old code for tokens if somebody signs in while it reads the ledger', async () => {
    const existing = vi.fn(() => tokens(7));
    const answering = Promise.withResolvers<void>();
    const tab = openTab(place, { existing });
    tab.link.after = answering.promise;
    await Promise.resolve();
    const signingIn = tab.session.signIn(tokens(1));
    answering.resolve();
    await signingIn;
    await clock.settle();
    expect(existing).not.toHaveBeenCalled();
    expect(await token(tab)).toBe('access-1');
  });

  it('follows a sign-in of the same moment that it first took for an old one', async () => {
    const [tab] = [openTab(place)];
    place.entry = entryOf(3, Date.now());
    await clock.settle();
    place.stored = place.entry.tokens as TokenSet;
    place.tell();
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
    await clock.tick(SETTLED);
    expect(await token(tab)).toBe('access-3');
  });

  it('starts no comparison if each tab has its own store', async () => {
    await open({ kind: 'memory' });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a store that holds the tokens of old code', () => {
  beforeEach(() => {
    place.stored = tokens(7);
  });

  it('gives them to one tab, which stores them for all', async () => {
    const [first, second] = await openTabs(place, 2);
    await clock.tick(SETTLED);
    expect([await token(first), await token(second)]).toEqual(['access-7', 'access-7']);
    expect(first.types()).toEqual(['signed-in', 'refreshed']);
    expect(second.types()).toEqual(['signed-in']);
    expect(place.stored?.generation).toBe(place.entry?.generation);
  });

  it('signs in with them if the last session of the ledger is old, because the application wrote them', async () => {
    place.entry = { generation: Date.now() - HOUR, tokens: null };
    const tab = await open();
    expect(tab.types()).toEqual(['signed-in']);
    expect(await token(tab)).toBe('access-7');
    expect(place.entry.generation).toBeGreaterThanOrEqual(Date.now());
  });

  it('signs in with them at once if each tab has its own store', async () => {
    const { session } = openTab(place, { kind: 'memory', store: place.store() });
    expect(session.status).toBe('signed-in');
    await session.ready;
    expect(place.entry).toMatchObject({ sessionId: expect.any(String) });
  });

  it('does not replace a sign-in that happens while the ledger is read', async () => {
    place.entry = { generation: Date.now() - HOUR, tokens: null };
    const answering = Promise.withResolvers<void>();
    const tab = openTab(place);
    tab.link.before = answering.promise;
    await Promise.resolve();
    const signingIn = tab.session.signIn(tokens(1));
    answering.resolve();
    await signingIn;
    await clock.settle();
    expect(await token(tab)).toBe('access-1');
  });
});

describe('a store to which the application writes', () => {
  it('signs in with tokens that have no generation', async () => {
    const tab = await signedIn();
    write(tab, tokens(6));
    await clock.settle();
    expect(tab.types()).toEqual(['signed-in', 'signed-in']);
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-6' });
  });

  it('causes a store-failed event if the tokens are invalid, and the session continues', async () => {
    const tab = await signedIn();
    write(tab, { accessToken: 'white space' });
    await clock.settle();
    expect(tab.types()).toEqual(['signed-in', 'store-failed']);
    expect(await token(tab)).toBe('access-1');
  });

  it('opens with tokens of generation 0 if the ledger has none', async () => {
    place.stored = entryOf(4, 0).tokens;
    expect(await token(await open())).toBe('access-4');
  });

  it('opens with the tokens of the ledger if they are newer', async () => {
    place.stored = entryOf(4, 0).tokens;
    place.entry = entryOf(5, Date.now() - 5);
    expect(await token(await open())).toBe('access-5');
  });

  it('is not read again for tokens that the session already has', async () => {
    const store = createStore();
    const tab = await open({ kind: 'memory', store });
    await tab.session.signIn(tokens(1));
    const update = vi.spyOn(tab.link, 'update');
    store.changed();
    await clock.settle();
    expect(update).not.toHaveBeenCalled();
  });
});

describe('a store that another tab has written', () => {
  it('does not override a sign-out in the ledger', async () => {
    const tab = await signedIn();
    tab.link.isDeaf = true;
    const generation = Date.now() + 5;
    place.entry = { generation: generation + 1, tokens: null };
    write(tab, entryOf(2, generation, place.stored?.sessionId).tokens);
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
    expect(tab.types()).toEqual(['signed-in', 'signed-out']);
  });

  it('too late does not bring back old tokens, and is repaired', async () => {
    const tab = await signedIn();
    const old = place.stored;
    await clock.tick(1_000);
    await tab.session.refresh();
    write(tab, old);
    await clock.settle();
    expect(await token(tab)).toBe('access-2');
    await clock.tick(SETTLED);
    expect(place.stored).toMatchObject({ accessToken: 'access-2', generation: place.entry?.generation });
  });

  it('is not written again if it agrees with the ledger', async () => {
    const [first, second] = [await open(), await open()];
    await first.session.signIn(tokens(1));
    await clock.tick(2 * SETTLED);
    expect(first.store.write).toHaveBeenCalledOnce();
    expect(second.store.write).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a store that is emptied', () => {
  it('signs out all tabs half a second later', async () => {
    const [first, second] = [await open(), await open()];
    await first.session.signIn(tokens(1));
    await clock.tick(SETTLED);
    const { generation } = place.entry!;
    write(first, null);
    await clock.tick(SETTLED - 1);
    expect(first.session.status).toBe('signed-in');
    await clock.tick(1);
    expect([first.session.status, second.session.status]).toEqual(['signed-out', 'signed-out']);
    expect(first.events.at(-1)).toMatchObject({ reason: 'signed_out_elsewhere' });
    expect(first.link.limits).toEqual([]);
    expect(place.entry).toMatchObject({ tokens: null });
    expect(place.entry?.generation).toBeGreaterThan(generation);
  });

  it('signs out a tab that has never read it', async () => {
    const [first, second] = [await open(), await open()];
    await first.session.signIn(tokens(1));
    await clock.settle();
    first.session.dispose();
    write(second, null);
    await clock.tick(SETTLED);
    expect(second.session.status).toBe('signed-out');
  });

  it('does not sign out a tab that knows of a sign-in before the store does', async () => {
    const tab = await open();
    await clock.tick(SETTLED);
    place.record(entryOf(3, Date.now() + 1));
    await clock.tick(SETTLED);
    expect(await token(tab)).toBe('access-3');
    expect(place.stored).toMatchObject({ accessToken: 'access-3' });
  });

  it('does not sign out a tab that knew of a sign-in first, even if the ledger is lost afterwards', async () => {
    const tab = await open();
    place.record(entryOf(3, Date.now() + 1));
    await clock.settle();
    place.isLost = true;
    await clock.tick(SETTLED);
    expect(await token(tab)).toBe('access-3');
  });

  it('does not end the session of another tab’s sign-in at the same time', async () => {
    const store = createStore();
    const tab = await signedIn({ store });
    const reading = Promise.withResolvers<void>();
    write(tab, null);
    store.reading = reading.promise;
    await clock.tick(SETTLED);
    tab.link.isDeaf = true;
    place.record(entryOf(8, Date.now() + 5, 'session-8'));
    store.reading = undefined;
    reading.resolve();
    await clock.settle();
    expect(await token(tab)).toBe('access-8');
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-8' });
  });

  it('does not end the session if this tab signs in while the store is read', async () => {
    const store = createStore();
    const tab = await signedIn({ store });
    const reading = Promise.withResolvers<void>();
    write(tab, null);
    store.reading = reading.promise;
    await clock.tick(SETTLED);
    store.reading = undefined;
    await tab.session.signIn(tokens(5));
    reading.resolve();
    await clock.tick(SETTLED);
    expect(await token(tab)).toBe('access-5');
  });

  it('while this tab slept makes it ignore the entry that remains in the ledger', async () => {
    const tab = await open();
    tab.link.isDeaf = true;
    place.entry = entryOf(3, Date.now() - 5);
    tab.store.changed();
    await clock.tick(SETTLED);
    tab.link.listener?.changed();
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
  });

  it('before anybody signed in has no effect', async () => {
    const tab = await open();
    tab.store.changed();
    await clock.tick(SETTLED);
    expect(tab.session.status).toBe('signed-out');
    expect(tab.events).toEqual([]);
  });
});

describe('a slow store', () => {
  it('is written once for each sign-in', async () => {
    const writing = Promise.withResolvers<void>();
    const store = createStore(async (next) => {
      await writing.promise;
      place.stored = next;
    });
    const tab = await open({ store });
    const signingIn = tab.session.signIn(tokens(1));
    tab.store.changed();
    await clock.tick(3 * SETTLED);
    writing.resolve();
    await signingIn;
    await clock.tick(2 * SETTLED);
    expect(store.write).toHaveBeenCalledOnce();
    expect(await token(tab)).toBe('access-1');
  });

  it('waits for a sign-in to be recorded before it is compared with the ledger', async () => {
    const tab = await open();
    place.entry = entryOf(9, Date.now() + HOUR, 'session-9');
    const writing = Promise.withResolvers<void>();
    tab.link.before = writing.promise;
    const signingIn = tab.session.signIn(tokens(1));
    tab.link.before = undefined;
    tab.store.changed();
    await clock.tick(2 * SETTLED);
    expect(await token(tab)).toBe('access-1');
    writing.resolve();
    await signingIn;
    expect(await token(tab)).toBe('access-1');
  });

  it('ends no session if it cannot be read', async () => {
    const store = createStore();
    const tab = await signedIn({ store });
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    tab.link.listener?.changed();
    store.isBroken = true;
    await clock.tick(SETTLED);
    expect(tab.types()).toEqual(['signed-in', 'store-failed']);
    expect(tab.session.status).toBe('signed-in');
    expect(place.stored).toMatchObject({ accessToken: 'access-1' });
  });

  it('is not written by a session that was disposed while the store was read', async () => {
    const store = createStore();
    const tab = await signedIn({ store });
    await tab.session.signOut();
    const reading = Promise.withResolvers<void>();
    write(tab, entryOf(1, 1).tokens);
    await clock.settle();
    store.reading = reading.promise;
    store.write.mockClear();
    await clock.tick(SETTLED);
    tab.session.dispose();
    reading.resolve();
    await clock.settle();
    expect(store.write).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
