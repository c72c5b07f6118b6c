import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LedgerEntry } from '../../src/coordination/meeting.js';
import { entryOf, HOUR, openTab, openTabs, Place, tokens, useClock } from './place.js';

const clock = useClock();
let place: Place;

beforeEach(() => {
  place = new Place();
});

describe('the generation of a sign-in', () => {
  it('is the time in ms plus a fraction', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    await openTab(place).session.signIn(tokens(1));
    expect(Math.floor(place.entry!.generation)).toBe(Date.now());
  });

  it('is higher than that of another sign-in in the same millisecond', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.9);
    const tab = openTab(place);
    await tab.session.signIn(tokens(1));
    random.mockReturnValue(0.1);
    await tab.session.signIn(tokens(2));
    await clock.settle();
    expect(tab.types()).toEqual(['signed-in', 'signed-in']);
    expect(place.entry?.generation).toBe(place.stored?.generation);
  });

  it('is stored with the tokens and a new session id', async () => {
    const tab = openTab(place);
    await tab.session.signIn(tokens(1));
    const { sessionId } = place.stored!;
    await tab.session.signIn(tokens(2));
    expect(sessionId).toEqual(expect.any(String));
    expect(place.stored?.sessionId).not.toBe(sessionId);
    expect(place.entry).toEqual({
      generation: place.stored?.generation,
      sessionId: place.stored?.sessionId,
      tokens: expect.objectContaining({ accessToken: 'access-2' }),
      refused: false,
    });
  });
});

describe('a sign-out', () => {
  it('reaches the other tabs even if the page is left before it is recorded, and the clock was set back', async () => {
    const [leaving, other] = await openTabs(place, 2);
    await leaving.session.signIn(tokens(1));
    await clock.settle();
    expect(other.session.status).toBe('signed-in');
    clock.set(-HOUR);
    leaving.link.before = new Promise(() => {});
    void leaving.session.signOut();
    await clock.settle();
    expect(other.session.status).toBe('signed-out');
    expect(place.entry).toMatchObject({ tokens: null });
  });

  it('is not undone by an entry that was read just before it', async () => {
    const tab = openTab(place);
    await tab.session.signIn(tokens(1));
    const answering = Promise.withResolvers<void>();
    tab.link.after = answering.promise;
    const { sessionId } = place.stored!;
    place.record(entryOf(2, Date.now() + 2, sessionId));
    await clock.settle();
    tab.link.after = undefined;
    await clock.tick(10);
    await tab.session.signOut();
    answering.resolve();
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
  });

  it('has a higher generation than the last sign-out that this tab knows of', async () => {
    const tab = openTab(place);
    await tab.session.signIn(tokens(1));
    place.record({ generation: Date.now() + HOUR, tokens: null });
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
    await tab.session.signIn(tokens(2));
    await clock.settle();
    expect(place.entry?.generation).toBeGreaterThan(Date.now() + HOUR);
    expect(tab.types()).toEqual(['signed-in', 'signed-out', 'signed-in']);
  });
});

describe('without a ledger', () => {
  beforeEach(() => {
    place.isLost = true;
  });

  it('the tabs follow the store', async () => {
    const [first, second] = await openTabs(place, 2);
    await first.session.signIn(tokens(1));
    await clock.settle();
    expect(await second.session.getAccessToken()).toBe('access-1');
    await first.session.refresh();
    await clock.tick(500);
    expect(await second.session.getAccessToken()).toBe('access-2');
    expect(second.types()).toEqual(['signed-in', 'adopted']);
    expect(first.types()).toEqual(['signed-in', 'refreshing', 'refreshed']);
  });

  it('a tab with a store of its own reads that store only once', async () => {
    const read = vi.fn(() => null);
    const tab = openTab(place, { kind: 'memory', store: { read, write() {} } });
    await tab.session.signIn(tokens(1));
    await tab.session.refresh();
    tab.link.listener?.changed();
    await clock.settle();
    expect(read).toHaveBeenCalledOnce();
  });
});

describe('a page that opens with an empty store, and with tokens of old code', () => {
  const open = async (entry: LedgerEntry) => {
    place.entry = entry;
    const tab = openTab(place, { existing: () => tokens(7) });
    await tab.session.ready;
    return tab.session;
  };

  it('takes the tokens of a ledger entry that is at most a minute old: another tab has just adopted the old tokens', async () => {
    const session = await open(entryOf(1, Date.now() - 60_000));
    expect(await session.getAccessToken()).toBe('access-1');
  });

  it('is signed out if the entry is older: the store was cleared', async () => {
    const session = await open(entryOf(1, Date.now() - 60_001));
    expect(session.status).toBe('signed-out');
    place.tell();
    await clock.tick(1_000);
    expect(session.status).toBe('signed-out');
  });

  it('is signed out if the old code has no tokens', async () => {
    const tab = openTab(place, { existing: () => null });
    await tab.session.ready;
    expect(tab.session.status).toBe('signed-out');
  });

  it('adopts the old tokens if the ledger has only a pause', async () => {
    const since = Date.now() - HOUR;
    const pause = { failures: 1, since, until: since + 1_000, asked: false };
    const session = await open({ generation: 0, pause });
    expect(await session.getAccessToken()).toBe('access-7');
  });
});

describe('a refresh that is overtaken by another tab', () => {
  it('is dropped, and no other tab is notified', async () => {
    const answer = Promise.withResolvers<void>();
    const tab = openTab(place, {
      async refresh() {
        await answer.promise;
        return tokens(2);
      },
    });
    await tab.session.signIn(tokens(1));
    const refreshing = tab.session.refresh();
    await clock.settle();
    tab.link.isDeaf = true;
    place.record(entryOf(9, Date.now() + 5, place.stored?.sessionId));
    tab.link.notified.length = 0;
    answer.resolve();
    await refreshing;
    expect(await tab.session.getAccessToken()).toBe('access-9');
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-9' });
    expect(tab.link.notified).toEqual([]);
  });
});

describe('a tab without a shared store', () => {
  it('signs out when it wakes up after a sign-out in another tab, and does not call the backend', async () => {
    const [first, second] = await openTabs(place, 2, { kind: 'cookie' });
    await first.session.signIn(tokens(1));
    await clock.settle();
    expect(second.session.status).toBe('signed-in');
    second.link.isDeaf = true;
    await first.session.signOut();
    second.refresh.mockClear();
    second.link.listener?.changed();
    await clock.settle();
    expect(second.session.status).toBe('signed-out');
    expect(second.refresh).not.toHaveBeenCalled();
  });

  it('writes no token to the ledger', async () => {
    const tab = openTab(place, { kind: 'cookie' });
    await tab.session.signIn(tokens(1));
    await tab.session.refresh();
    expect(place.entry).toMatchObject({ sessionId: expect.any(String) });
    expect(JSON.stringify(place.entry)).not.toMatch(/access-|refresh-/);
  });
});

describe('an invalid entry in the ledger', () => {
  const later = Date.now() + HOUR;

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no generation', { tokens: null }],
    ['a generation that is no number', { generation: String(later), tokens: null }],
    ['tokens that are none', { generation: later, tokens: { accessToken: '' } }],
  ])('is ignored: %s', async (_, rubbish) => {
    const tab = openTab(place);
    await tab.session.signIn(tokens(1));
    place.record(rubbish as LedgerEntry);
    await clock.settle();
    expect(await tab.session.getAccessToken()).toBe('access-1');
    await tab.session.refresh();
    expect(tab.types()).toEqual(['signed-in', 'refreshing', 'refreshed']);
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-2' });
  });
});
