import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionError, type TokenSet } from '../../src/index.js';
import { outcome } from '../support/outcome.js';
import { entryOf, HOUR, openTab, openTabs, Place, type Tab, tokens, useClock } from './place.js';

const clock = useClock();
let place: Place;

beforeEach(() => {
  place = new Place();
});

const down = async () => {
  throw new TypeError('Failed to fetch');
};
const refuse = async () => {
  throw new SessionError('refresh_rejected', 'refused');
};

/** A tab that is signed in. */
async function signedIn(options: Parameters<typeof openTab>[1] = {}): Promise<Tab> {
  const tab = openTab(place, options);
  await tab.session.signIn(tokens(1));
  await clock.settle();
  return tab;
}

/** Signs in, but delays the write to the ledger. */
function signInSlowly({ session, link }: Tab): void {
  link.before = new Promise(() => {});
  void session.signIn(tokens(5));
  link.before = undefined;
}

/** Takes the turn, as another tab would. Returns the function that ends the turn. */
function takeTurn(): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  void place.queue(() => promise);
  return resolve;
}

/** How often each tab has called the backend. */
const asked = (...tabs: Tab[]) => tabs.map(({ refresh }) => refresh.mock.calls.length);

describe('a tab in its turn', () => {
  it('takes the tokens of another tab that was faster', async () => {
    const [first, second] = await openTabs(place, 2);
    await first.session.signIn(tokens(1));
    await clock.settle();
    await Promise.all([first.session.refresh(), second.session.refresh()]);
    expect(asked(first, second)).toEqual([1, 0]);
    expect(await second.session.getAccessToken()).toBe('access-2');
  });

  it('keeps its turn for at most refreshTimeout', async () => {
    const tab = await signedIn({ refreshTimeout: 7_000 });
    await tab.session.refresh();
    expect(tab.link.limits).toEqual([{ signal: expect.any(AbortSignal), holdFor: 7_000 }]);
  });

  it('does not call the backend if the user signs out while it reads the ledger', async () => {
    const tab = await signedIn();
    const { promise, resolve } = Promise.withResolvers<void>();
    tab.link.after = promise;
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    tab.link.after = undefined;
    await tab.session.signOut();
    resolve();
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    await clock.settle();
    expect(asked(tab)).toEqual([0]);
  });

  it('waits until its own sign-in is in the ledger', async () => {
    const tab = openTab(place);
    await clock.settle();
    const writing = Promise.withResolvers<void>();
    tab.link.before = writing.promise;
    void tab.session.signIn(tokens(1));
    tab.link.before = undefined;
    const refreshing = tab.session.refresh();
    await clock.settle();
    expect(asked(tab)).toEqual([0]);
    writing.resolve();
    await refreshing;
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-2' });
  });

  it('keeps its turn until a sign-in during the refresh is in the ledger', async () => {
    const answer = Promise.withResolvers<void>();
    const writing = Promise.withResolvers<void>();
    const tab = await signedIn({
      async refresh() {
        await answer.promise;
        return tokens(2);
      },
    });
    void outcome(tab.session.refresh());
    await clock.settle();
    tab.link.before = writing.promise;
    void tab.session.signIn(tokens(5));
    answer.resolve();
    const next = vi.fn(async () => {});
    void place.queue(next);
    await clock.settle();
    expect(next).not.toHaveBeenCalled();
    writing.resolve();
    await clock.settle();
    expect(next).toHaveBeenCalledOnce();
  });

  it('reads the ledger once and writes it once', async () => {
    const tab = await signedIn();
    const update = vi.spyOn(tab.link, 'update');
    await tab.session.refresh();
    expect(update).toHaveBeenCalledTimes(2);
  });

  it('lets another tab go first if it has lost its turn, and waits for its turn once more', async () => {
    const tab = await signedIn();
    place.isOver = vi.fn().mockReturnValueOnce(true).mockReturnValue(false);
    await tab.session.refresh();
    expect(tab.link.limits.length).toBe(2);
    expect(asked(tab)).toEqual([1]);
  });

  it('lets another tab go first if the ledger is still empty', async () => {
    place.isOver = vi.fn().mockReturnValueOnce(true).mockReturnValue(false);
    const tab = openTab(place, { kind: 'cookie' });
    await tab.session.ready;
    expect(tab.session.status).toBe('signed-in');
    expect(tab.link.limits.length).toBe(2);
  });

  it('refreshes for the sign-in that is in the ledger, and keeps nothing of the previous one', async () => {
    const tab = await signedIn({ kind: 'cookie', refresh: async () => ({ accessToken: 'access-2' }) });
    await tab.session.signIn({ ...tokens(1), name: 'kevin' });
    tab.link.isDeaf = true;
    place.record({ generation: Date.now() + 1, sessionId: 'of-ann' });
    await outcome(tab.session.refresh());
    expect(tab.refresh.mock.calls[0]?.[0]).toMatchObject({ sessionId: 'of-ann' });
    expect(place.entry).toMatchObject({ sessionId: 'of-ann' });
    expect(tab.session.details).toEqual({});
  });

  it('keeps fields that the response does not contain', async () => {
    const tab = await signedIn({ refresh: async () => ({ accessToken: 'access-2' }) });
    await tab.session.signIn({ ...tokens(1), refreshToken: 'refresh-5', name: 'kevin' });
    await tab.session.refresh();
    expect(place.stored).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-5', name: 'kevin' });
  });

  it('records nothing for a user who was replaced during the call', async () => {
    const answer = Promise.withResolvers<TokenSet>();
    const tab = await signedIn({ refresh: () => answer.promise });
    void outcome(tab.session.refresh());
    await clock.settle();
    signInSlowly(tab);
    answer.resolve(tokens(2));
    await clock.settle();
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-1' });
  });

  it('records no refusal if the user has signed in again in the dialog', async () => {
    const tab: Tab = await signedIn({ refresh: refuse, reauthenticate: async () => signInSlowly(tab) });
    void outcome(tab.session.refresh());
    await clock.settle();
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-1' });
    expect(await tab.session.getAccessToken()).toBe('access-5');
  });

  it('drops a late response if somebody signs in while it is recorded', async () => {
    const answer = Promise.withResolvers<TokenSet>();
    const tab = await signedIn({ refresh: () => answer.promise, refreshTimeout: 5_000 });
    const refreshing = outcome(tab.session.refresh());
    await clock.tick(5_000);
    expect(await refreshing).toMatchObject({ code: 'refresh_timeout' });
    const recording = Promise.withResolvers<void>();
    tab.link.after = recording.promise;
    answer.resolve(tokens(2));
    await clock.settle();
    tab.link.after = undefined;
    await tab.session.signIn(tokens(5));
    recording.resolve();
    await clock.settle();
    expect(await tab.session.getAccessToken()).toBe('access-5');
  });

  it('continues with its own sign-in if the ledger does not have it yet', async () => {
    const tab = await signedIn({ kind: 'cookie' });
    const [{ sessionId }] = [place.entry!];
    place.entry = { generation: 1, sessionId: 'of-ann' };
    await tab.session.refresh();
    expect(place.entry).toMatchObject({ sessionId });
    expect(tab.types()).not.toContain('signed-out');
    expect(await tab.session.getAccessToken()).toBe('access-2');
  });

  it('keeps the tokens of its refresh even if another tab’s clock was ahead', async () => {
    const tab = await signedIn({ kind: 'cookie' });
    const { sessionId } = place.entry!;
    tab.link.isDeaf = true;
    place.record({ generation: Date.now() + HOUR, sessionId: sessionId! });
    await tab.session.refresh();
    expect(tab.types().at(-1)).toBe('refreshed');
    expect(place.entry?.generation).toBeGreaterThan(Date.now() + HOUR);
  });
});

describe('a page that opens with a cookie', () => {
  const opening = () => openTab(place, { kind: 'cookie', refresh: async () => tokens(3) });

  it('calls the backend after an earlier refusal, because the user may have a cookie now', async () => {
    place.entry = { generation: Date.now() - 1, tokens: null, refused: true };
    const tab = opening();
    await tab.session.ready;
    expect(tab.session.status).toBe('signed-in');
  });

  it('does not call the backend if another page has been refused since this page opened', async () => {
    place.entry = { generation: Date.now(), tokens: null, refused: true };
    const tab = opening();
    await tab.session.ready;
    expect(tab.session.status).toBe('signed-out');
    expect(asked(tab)).toEqual([0]);
  });

  it('does not call the backend after a sign-out, however long ago', async () => {
    place.entry = { generation: Date.now() - HOUR, tokens: null };
    const tab = opening();
    await tab.session.ready;
    expect(tab.session.status).toBe('signed-out');
    expect(asked(tab)).toEqual([0]);
  });

  it('makes one call for two pages that open in the same millisecond, if the call is refused', async () => {
    const [first, second] = await openTabs(place, 2, { kind: 'cookie', refresh: refuse });
    expect([first.session.status, second.session.status]).toEqual(['signed-out', 'signed-out']);
    expect(asked(first, second)).toEqual([1, 0]);
  });

  it('calls the backend if the ledger has a sign-in, and joins that session', async () => {
    place.entry = { generation: Date.now() - HOUR, sessionId: 'of-ann' };
    const tab = opening();
    await tab.session.ready;
    expect(place.entry).toMatchObject({ sessionId: 'of-ann', generation: expect.any(Number) });
    expect(place.entry.generation).toBeGreaterThan(Date.now() - 1);
  });
});

describe('a refusal', () => {
  it('ends the session in every tab', async () => {
    const [first, second] = await openTabs(place, 2, { refresh: refuse });
    await first.session.signIn(tokens(1));
    await clock.settle();
    expect(await outcome(first.session.refresh())).toMatchObject({ code: 'refresh_rejected' });
    await clock.settle();
    expect(second.session.status).toBe('signed-out');
    expect(place.entry).toMatchObject({ tokens: null, refused: true });
    expect(place.entry?.generation).toBeGreaterThan(Date.now());
  });

  it('is recorded as the reason of the sign-out even if another tab’s clock was ahead', async () => {
    const tab = await signedIn({ kind: 'cookie', refresh: refuse });
    place.entry = { ...place.entry!, generation: Date.now() + HOUR };
    await outcome(tab.session.refresh());
    expect(tab.events.at(-1)).toMatchObject({ type: 'signed-out', reason: 'refresh_rejected' });
    expect(place.entry).toMatchObject({ tokens: null, refused: true });
  });

  it('while a tab slept ends its session without another call', async () => {
    const tab = await signedIn();
    tab.link.isDeaf = true;
    await clock.tick(1_000);
    place.record({ generation: Date.now() - 500, tokens: null, refused: true });
    expect(await outcome(tab.session.refresh())).toMatchObject({ code: 'signed_out' });
    expect(asked(tab)).toEqual([0]);
  });

  it('is ignored if another tab signed in meanwhile', async () => {
    const tab = await signedIn({
      async refresh() {
        tab.link.isDeaf = true;
        place.record(entryOf(9, Date.now() + 5, place.stored?.sessionId));
        return refuse();
      },
    });
    await tab.session.refresh();
    expect(await tab.session.getAccessToken()).toBe('access-9');
    expect(tab.types()).toEqual(['signed-in', 'refreshing', 'adopted']);
  });

  it('is not recorded while the user can sign in again in the dialog', async () => {
    const dialog = Promise.withResolvers<void>();
    const tab = await signedIn({ refresh: refuse, reauthenticate: () => dialog.promise });
    const { generation } = place.entry!;
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    expect(place.entry).toMatchObject({ generation, tokens: expect.anything() });
    dialog.resolve();
    expect(await refreshing).toMatchObject({ code: 'refresh_rejected' });
    expect(place.entry).toMatchObject({ tokens: null, refused: true });
    expect(tab.session.status).toBe('signed-out');
  });

  it('is ignored if another tab has new tokens when the dialog closes', async () => {
    const dialog = Promise.withResolvers<void>();
    const tab = await signedIn({ refresh: refuse, reauthenticate: () => dialog.promise });
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    tab.link.isDeaf = true;
    place.record(entryOf(9, Date.now() + 5, place.stored?.sessionId));
    dialog.resolve();
    await refreshing;
    expect(await tab.session.getAccessToken()).toBe('access-9');
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-9' });
  });

  it('for a page that opens is recorded at once, without a dialog', async () => {
    const reauthenticate = vi.fn(async () => {});
    const tab = openTab(place, { kind: 'cookie', refresh: refuse, reauthenticate });
    await tab.session.ready;
    expect(place.entry).toMatchObject({ tokens: null, refused: true });
    expect(reauthenticate).not.toHaveBeenCalled();
  });
});

describe('a pause after a failure', () => {
  /** Two tabs with one session whose backend is down. */
  async function openBoth() {
    const [first, second] = await openTabs(place, 2, { refresh: down });
    await first.session.signIn(tokens(1));
    await clock.settle();
    return { first, second };
  }

  it('applies to the other tabs too', async () => {
    const { first, second } = await openBoth();
    await outcome(first.session.refresh());
    await clock.tick(100);
    const later = outcome(second.session.refresh());
    await clock.settle();
    expect(asked(first, second)).toEqual([1, 0]);
    await clock.tick(900);
    expect(await later).toMatchObject({ code: 'refresh_unavailable' });
    expect(asked(first, second)).toEqual([1, 1]);
    expect(place.entry?.pause).toMatchObject({ failures: 2 });
    expect(place.entry?.tokens).toMatchObject({ accessToken: 'access-1' });
  });

  it('rejects the refresh of a tab that waited for its turn meanwhile, with a retryAfter', async () => {
    const { first, second } = await openBoth();
    const both = [first, second].map(({ session }) => outcome(session.refresh()));
    const [, error] = await Promise.all(both);
    const { since, until } = place.entry!.pause!;
    expect(error).toMatchObject({
      code: 'refresh_unavailable',
      message: 'The refresh of another tab or process failed',
      retryAfter: until - since,
    });
    expect(asked(first, second)).toEqual([1, 0]);
  });

  /** Refreshes in a tab that finds this pause in the ledger. */
  async function finding(pause: object) {
    const tab = await signedIn();
    const now = Date.now();
    place.entry = {
      ...place.entry!,
      pause: { failures: 1, since: now - 5_000, until: now + 5_000, asked: false, ...pause },
    };
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    return { tab, refreshing };
  }

  it('lasts as long as the ledger says', async () => {
    const { tab } = await finding({});
    await clock.tick(4_999);
    expect(asked(tab)).toEqual([0]);
    await clock.tick(1);
    expect(asked(tab)).toEqual([1]);
  });

  it('lasts no longer than planned if the clock was set back since', async () => {
    const { tab, refreshing } = await finding({ since: Date.now() + HOUR - 5_000, until: Date.now() + HOUR });
    expect(await refreshing).toMatchObject({ code: 'refresh_unavailable', retryAfter: 5_000 });
    const later = tab.session.refresh();
    await clock.tick(5_000);
    await later;
    expect(asked(tab)).toEqual([1]);
  });

  it('does not count towards later pauses once it is over', async () => {
    const tab = await signedIn({ refresh: down });
    const now = Date.now();
    const over = { failures: 5, since: now - 5_000, until: now, asked: false };
    place.entry = { ...place.entry!, pause: over };
    await outcome(tab.session.refresh());
    expect(place.entry.pause).toMatchObject({ failures: 1 });
  });

  it.each([
    ['is skipped', false, 1],
    ['applies if the server asked for it', true, 0],
  ])('from before the network came back %s', async (_, isAsked, calls) => {
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    const { tab } = await finding({});
    const now = Date.now();
    place.entry!.pause = { failures: 2, since: now, until: now + 10_000, asked: isAsked };
    page.dispatchEvent(new Event('online'));
    await clock.settle();
    expect(asked(tab)).toEqual([calls]);
    vi.unstubAllGlobals();
  });

  it('ends with one call for two tabs that waited for it: the other tab waits for the next pause', async () => {
    const { first, second } = await openBoth();
    await outcome(first.session.refresh());
    await clock.tick(100);
    const both = [first, second].map(({ session }) => outcome(session.refresh()));
    await clock.tick(900);
    await Promise.all(both);
    expect(asked(first, second)).toEqual([2, 0]);
  });
});

describe('a tab that waits for its turn', () => {
  it('does not call the backend if its page was left meanwhile', async () => {
    const tab = await signedIn();
    const endTurn = takeTurn();
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    tab.link.listener?.suspended?.();
    expect(await refreshing).toMatchObject({ code: 'refresh_unavailable' });
    endTurn();
    await clock.settle();
    expect(asked(tab)).toEqual([0]);
  });

  it('gives back its turn at once if its page is left while it reads the ledger', async () => {
    const tab = await signedIn({ refresh: () => new Promise(() => {}) });
    const reading = Promise.withResolvers<void>();
    tab.link.after = reading.promise;
    void outcome(tab.session.refresh());
    await clock.settle();
    tab.link.listener?.suspended?.();
    reading.resolve();
    const next = vi.fn(async () => {});
    void place.queue(next);
    await clock.settle();
    expect(next).toHaveBeenCalledOnce();
  });
});
