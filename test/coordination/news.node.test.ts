import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Elsewhere } from '../../src/coordination/turn.js';
import { SessionError, type TokenSet } from '../../src/index.js';
import type { Outcome } from '../../src/refresh/outcome.js';
import { outcome } from '../support/outcome.js';
import { entryOf, HOUR, openTab, openTabs, Place, tokens, useClock } from './place.js';

const clock = useClock();
let place: Place;

beforeEach(() => {
  place = new Place();
});

/** Tabs of which the first has signed in. */
async function signedIn(count: number, options?: Parameters<typeof openTab>[1]) {
  const tabs = await openTabs(place, count, options);
  await tabs[0].session.signIn(tokens(1));
  await clock.settle();
  return tabs;
}

/** The entry of a sign-in in a tab whose clock is an hour ahead. */
const ahead = () => entryOf(9, Date.now() + HOUR, 'session-9');

describe('a message from another tab', () => {
  it('has an effect once, however often it arrives', async () => {
    const [first, second] = await signedIn(2);
    await first.session.refresh();
    await clock.settle();
    place.tell();
    place.tell();
    await clock.settle();
    expect(second.types()).toEqual(['signed-in', 'adopted']);
    expect(first.types()).toEqual(['signed-in', 'refreshing', 'refreshed']);
  });

  it('is ignored by a session that is disposed while it reads the ledger', async () => {
    const [tab] = await signedIn(1);
    const answering = Promise.withResolvers<void>();
    tab.link.after = answering.promise;
    place.record(ahead());
    await clock.settle();
    tab.session.dispose();
    answering.resolve();
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not reach a disposed session, which leaves no timer', async () => {
    const [tab] = await signedIn(1);
    place.tell();
    await clock.settle();
    tab.session.dispose();
    expect(tab.link.listener).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('about a sign-out empties a store of this tab alone, but not a shared store', async () => {
    const write = vi.fn();
    const own = { read: () => null, write };
    const [first, second] = await signedIn(2, { kind: 'memory', store: own, elsewhere: silent });
    second.link.isDeaf = true;
    await first.session.signOut();
    write.mockClear();
    second.link.listener?.changed();
    await clock.settle();
    expect(write.mock.calls).toEqual([[null]]);

    const shared = { ...place.store(), write: vi.fn() };
    const [third] = await signedIn(1, { store: shared });
    shared.write.mockClear();
    place.record({ generation: Date.now() + HOUR, tokens: null });
    await clock.settle();
    expect(third.session.status).toBe('signed-out');
    expect(shared.write).not.toHaveBeenCalled();
  });
});

/** No other tab can give tokens. */
const silent: Elsewhere = { beforeTurn: () => undefined, inTurn: async () => undefined };

describe('the record of a sign-out', () => {
  it('is written and announced once, although each tab that gets the message could write it', async () => {
    const [first, second] = await signedIn(2);
    await first.session.signOut();
    await clock.settle();
    const [announced] = first.link.notified.slice(-2);
    expect(place.entry).toMatchObject({ generation: announced, tokens: null });
    expect(second.link.notified).toEqual([]);
    expect(second.types()).toEqual(['signed-in', 'signed-out']);
  });

  it('is not written again by the tab that signs out if another tab was faster', async () => {
    const [first, second] = await signedIn(2);
    const writing = Promise.withResolvers<void>();
    first.link.before = writing.promise;
    first.link.notified.length = 0;
    const signingOut = first.session.signOut();
    await clock.settle();
    second.link.notified.length = 0;
    writing.resolve();
    await signingOut;
    await clock.settle();
    expect(first.link.notified).toEqual([place.entry?.generation]);
    expect(second.link.notified).toEqual([]);
  });

  it('is written even if nobody was signed in', async () => {
    const [tab] = await openTabs(place, 1);
    await tab.session.signOut();
    expect(place.entry).toMatchObject({ tokens: null });
  });

  it('does not end a session that began later', async () => {
    const [first, second] = await signedIn(2);
    second.link.listener?.changed(Date.now() - HOUR);
    await clock.settle();
    expect(second.session.status).toBe('signed-in');
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-1' });
    expect(first.types()).toEqual(['signed-in']);
  });

  it('replaces an older sign-out if the sign-in between the two was not recorded', async () => {
    place.entry = { generation: Date.now() - HOUR, tokens: null };
    place.stored = entryOf(1, Date.now() - 10).tokens;
    const tab = openTab(place);
    await tab.session.ready;
    await tab.session.signOut();
    expect(place.entry.generation).toBeGreaterThanOrEqual(Date.now());
  });
});

describe('a sign-in', () => {
  it('is announced to the other tabs as a change, not as a sign-out', async () => {
    const [first, second] = await signedIn(2);
    expect(first.link.notified).toEqual([undefined]);
    expect(second.types()).toEqual(['signed-in']);
  });

  it('wins over the recorded sign-in of a tab whose clock is ahead', async () => {
    const [tab] = await openTabs(place, 1);
    place.entry = ahead();
    await tab.session.signIn(tokens(1));
    expect(place.entry.tokens).toMatchObject({ accessToken: 'access-1' });
    expect(place.entry.generation).toBeGreaterThan(Date.now() + HOUR);
    expect(place.stored).toMatchObject({
      accessToken: 'access-1',
      generation: place.entry.generation,
    });
    expect(await tab.session.getAccessToken()).toBe('access-1');
  });

  it('wins over a clock that is ahead even if the ledger holds no tokens', async () => {
    const write = vi.fn();
    const [tab] = await openTabs(place, 1, { kind: 'cookie', store: { read: () => null, write } });
    place.entry = { generation: Date.now() + HOUR, sessionId: 'session-9' };
    write.mockClear();
    await tab.session.signIn(tokens(1));
    expect(write.mock.calls).toEqual([[expect.objectContaining({ accessToken: 'access-1' })]]);
    expect(place.entry.generation).toBeGreaterThan(Date.now() + HOUR);
  });

  it('gives way if another tab refreshed its tokens before it was recorded', async () => {
    const [slow] = await openTabs(place, 1);
    const writing = Promise.withResolvers<void>();
    slow.link.before = writing.promise;
    slow.link.isDeaf = true;
    const signingIn = slow.session.signIn(tokens(1));
    await clock.tick(10);
    const fast = openTab(place);
    await fast.session.ready;
    await fast.session.refresh();
    slow.link.before = undefined;
    writing.resolve();
    await signingIn;
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-2' });
    expect(await slow.session.getAccessToken()).toBe('access-2');
    expect(place.stored).toMatchObject({ accessToken: 'access-2' });
  });

  it('that is recorded after a sign-out is not written to the store again', async () => {
    const write = vi.fn((next: TokenSet | null) => void (place.stored = next));
    const [tab] = await openTabs(place, 1, { store: { read: () => place.stored, write } });
    place.entry = ahead();
    const answering = Promise.withResolvers<void>();
    tab.link.after = answering.promise;
    const signingIn = tab.session.signIn(tokens(1));
    await clock.settle();
    tab.link.after = undefined;
    await tab.session.signOut();
    write.mockClear();
    answering.resolve();
    await signingIn;
    expect(write).not.toHaveBeenCalled();
    expect(place.stored).toBeNull();
    expect(tab.session.status).toBe('signed-out');
  });

  it('is not written over what another tab records while a slow store writes', async () => {
    const [tab] = await openTabs(place, 1, {
      store: {
        read: () => place.stored,
        async write(next) {
          await null;
          place.stored = next;
          // The second write contains the tokens with their new generation.
          if (next?.generation === place.entry?.generation && next?.accessToken === 'access-1')
            place.entry = entryOf(7, next!.generation! + 1, 'session-7');
        },
      },
    });
    place.entry = ahead();
    await tab.session.signIn(tokens(1));
    expect(place.stored).toMatchObject({ accessToken: 'access-7' });
    expect(await tab.session.getAccessToken()).toBe('access-7');
  });

  it('rejects if it cannot be recorded, and a later refresh still gets its turn', async () => {
    const [tab] = await openTabs(place, 1);
    place.error = new SessionError('refresh_unavailable', 'no connection');
    expect(await outcome(tab.session.signIn(tokens(1)))).toMatchObject({ message: 'no connection' });
    place.error = undefined;
    await tab.session.refresh();
    expect(await tab.session.getAccessToken()).toBe('access-2');
  });
});

it('a sign-out succeeds if the ledger is lost while the store is emptied', async () => {
  const [tab] = await openTabs(place, 1, {
    store: {
      read: () => place.stored,
      async write(next) {
        place.stored = next;
        place.isLost = next === null;
      },
    },
  });
  await tab.session.signIn(tokens(1));
  place.entry = { ...place.entry!, generation: Date.now() + HOUR };
  await tab.session.signOut();
  expect(place.stored).toBeNull();
});

describe('a page that is left during a refresh', () => {
  const hang = () => new Promise<never>(() => {});

  /** A tab whose token is stale, but not expired. */
  async function stale(refresh?: () => Promise<never>) {
    const [tab] = await signedIn(1, refresh && { refresh });
    await clock.tick(HOUR - 5_000);
    return tab;
  }

  it('uses its token until it expires, because the call may have reached the server', async () => {
    const tab = await stale(hang);
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    tab.link.listener?.suspended?.();
    expect(await refreshing).toMatchObject({
      code: 'refresh_unavailable',
      message: 'The page was left during the refresh',
    });
    expect(await tab.session.getAccessToken()).toBe('access-1');
    expect(tab.refresh).toHaveBeenCalledOnce();
  });

  it('refreshes when it returns if it was only waiting for its turn', async () => {
    const tab = await stale();
    const turn = Promise.withResolvers<void>();
    void place.queue(() => turn.promise);
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    tab.link.listener?.suspended?.();
    await refreshing;
    turn.resolve();
    expect(await tab.session.getAccessToken()).toBe('access-2');
  });

  it('is ready but stays in restoring if it was asking the backend by cookie', async () => {
    const tab = openTab(place, { kind: 'cookie', refresh: hang });
    await clock.settle();
    tab.link.listener?.suspended?.();
    await tab.session.ready;
    expect(tab.session.status).toBe('restoring');
  });
});

describe('a sign-in in another tab whose tokens the ledger does not hold', () => {
  const news = () => ({ generation: Date.now() + 5, sessionId: 'of-ann' });

  it('makes this tab ask the backend for the user once, however often the message arrives', async () => {
    const [tab] = await signedIn(1, { kind: 'cookie', identify: (_, { accessToken }) => accessToken });
    const answer = Promise.withResolvers<TokenSet>();
    tab.refresh.mockClear();
    tab.refresh.mockReturnValue(answer.promise);
    place.record(news());
    await clock.settle();
    place.tell();
    await clock.settle();
    answer.resolve(tokens(2));
    await clock.settle();
    expect(await tab.session.getAccessToken()).toBe('access-2');
    expect(tab.refresh).toHaveBeenCalledOnce();
  });

  it('makes this tab ask the other tab for the tokens once, however often the message arrives', async () => {
    const answer = Promise.withResolvers<Outcome>();
    const inTurn = vi.fn(() => answer.promise);
    const [tab] = await signedIn(1, { kind: 'memory', elsewhere: { ...silent, inTurn } });
    const entry = news();
    place.record(entry);
    await clock.settle();
    place.tell();
    await clock.settle();
    answer.resolve({ end: 'superseded', by: { tokens: { ...tokens(8), ...entry } } });
    await clock.settle();
    expect(await tab.session.getAccessToken()).toBe('access-8');
    expect(inTurn).toHaveBeenCalledOnce();
  });

  it('sets the status of a signed-out tab to restoring', async () => {
    const [tab] = await openTabs(place, 1, { kind: 'cookie' });
    await tab.session.signOut();
    tab.refresh.mockReturnValue(new Promise(() => {}));
    place.record(news());
    await clock.settle();
    expect(tab.session.status).toBe('restoring');
  });

  it('leaves a tab signed in with its own tokens until the backend answers', async () => {
    const [tab] = await openTabs(place, 1, { kind: 'cookie' });
    tab.refresh.mockReturnValue(new Promise(() => {}));
    place.record(news());
    await clock.settle();
    expect(tab.session.status).toBe('signed-in');
  });

  it('makes this tab and its store forget the user if the tokens are in cookies', async () => {
    const store = { read: () => null, write: vi.fn() };
    const backend = { giveAccessToken: () => 'in a cookie' };
    const [tab] = await openTabs(place, 1, { kind: 'cookie', backend, store });
    tab.refresh.mockReturnValue(new Promise(() => {}));
    store.write.mockClear();
    place.record(news());
    await clock.settle();
    expect(tab.session.status).toBe('restoring');
    expect(store.write.mock.calls).toEqual([[null]]);
  });

  it('into the same session changes nothing: each tab refreshes when it needs to', async () => {
    const [first, second] = await openTabs(place, 2, { kind: 'cookie' });
    await first.session.signIn(tokens(1));
    await clock.settle();
    first.refresh.mockClear();
    second.refresh.mockClear();
    await first.session.refresh();
    await clock.settle();
    expect(first.refresh).toHaveBeenCalledOnce();
    expect(second.refresh).not.toHaveBeenCalled();
  });
});

describe('tokens that another tab hands over', () => {
  /** A tab that gets this from another tab before it takes a turn. */
  async function given(answer: Outcome) {
    const beforeTurn = vi.fn(() => Promise.resolve(answer));
    const tab = openTab(place, { kind: 'memory', elsewhere: { ...silent, beforeTurn } });
    await tab.session.ready;
    return tab;
  }

  it('need no turn, and end with the next sign-out', async () => {
    const held = { accessToken: 'access-8', generation: Date.now(), sessionId: 'session-8' };
    const tab = await given({ end: 'superseded', by: { tokens: held } });
    expect(await tab.session.getAccessToken()).toBe('access-8');
    expect(tab.link.limits).toEqual([]);
    place.record({ generation: Date.now() + 1, tokens: null });
    await clock.settle();
    expect(tab.session.status).toBe('signed-out');
  });

  it('can be null: this tab signs in later if another tab does', async () => {
    const tab = await given({ end: 'superseded', by: { tokens: null } });
    expect(tab.session.status).toBe('signed-out');
    place.record(entryOf(3, Date.now() + 1));
    await clock.settle();
    expect(await tab.session.getAccessToken()).toBe('access-3');
  });

  it('can be refused: this tab then calls `reauthenticate`, and signs out', async () => {
    const refused: Outcome = { end: 'rejected', error: new SessionError('refresh_rejected', 'lost') };
    const beforeTurn = vi.fn(() => Promise.resolve(refused));
    const reauthenticate = vi.fn(async () => {});
    const options = { kind: 'memory' as const, elsewhere: { ...silent, beforeTurn }, reauthenticate };
    const tab = openTab(place, options);
    onTestFinished(() => tab.session.dispose());
    await tab.session.signIn(tokens(1));
    expect(await outcome(tab.session.refresh())).toMatchObject({ code: 'refresh_rejected' });
    expect(reauthenticate).toHaveBeenCalledOnce();
    expect(tab.session.status).toBe('signed-out');
  });
});
