import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchIdle } from '../../src/idle/index.js';
import { memoryStore } from '../../src/index.js';
import { coreOf } from '../../src/session.js';
import { MINUTE, SECOND, START, TOKENS, useBrowser } from './tabs.js';

const { open, pass, settle, sleep, set, tick, page } = useBrowser();

async function signedIn(options = {}) {
  const tab = open(options);
  await tab.session.signIn(TOKENS);
  await settle();
  return tab;
}

/** Two tabs of one session. */
async function pair(options = {}) {
  const first = await signedIn(options);
  const second = open(options);
  await settle();
  expect(second.session.status).toBe('signed-in');
  return { first, second };
}

describe('watchIdle in one tab', () => {
  it('warns, then ends the session', async () => {
    const tab = await signedIn({ onIdle: undefined });
    await pass(14 * MINUTE - SECOND);
    expect(tab.watch.view).toEqual({ status: 'active' });
    await pass(SECOND);
    const endsAt = START + 15 * MINUTE;
    expect(tab.watch.view).toEqual({ status: 'warning', reason: 'idle', endsAt });
    expect(tab.warnings).toEqual([expect.objectContaining({ reason: 'idle', endsAt })]);
    expect(tab.session.status).toBe('signed-in');
    await pass(MINUTE);
    expect(tab.watch.view).toEqual({ status: 'idle', reason: 'idle', endsAt });
    expect(tab.warnings[0]?.signal.aborted).toBe(true);
    expect(tab.session.status).toBe('signed-out');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('with onIdle, leaves it to the application what happens, and tells it once', async () => {
    const tab = await signedIn();
    await pass(60 * MINUTE);
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: false }]);
    expect(tab.session.status).toBe('signed-in');
    expect(tab.watch.view.status).toBe('idle');
  });

  it('starts anew with each activity', async () => {
    const tab = await signedIn();
    for (let times = 0; times < 4; times++) {
      await pass(13 * MINUTE);
      tab.act();
    }
    await pass(14 * MINUTE - SECOND);
    expect([tab.warnings, tab.idle]).toEqual([[], []]);
    await pass(SECOND);
    expect(tab.warnings).toHaveLength(1);
  });

  it('does not take refreshes and requests for activity', async () => {
    const tab = await signedIn();
    for (let minute = 0; minute < 15; minute++) {
      await pass(MINUTE);
      await tab.session.refresh();
      await tab.session.getAccessToken();
    }
    await settle();
    expect(tab.idle).toHaveLength(1);
  });

  it('activity closes a warning, a bumped mouse does not', async () => {
    const tab = await signedIn();
    await pass(14 * MINUTE + 30 * SECOND);
    tab.act(true);
    expect(tab.watch.view.status).toBe('warning');
    tab.act();
    expect(tab.watch.view.status).toBe('active');
    expect(tab.warnings[0]?.signal.aborted).toBe(true);
    await pass(14 * MINUTE - SECOND);
    expect(tab.watch.view.status).toBe('active');
  });

  it('comes too late when the time is over, and so does "stay signed in"', async () => {
    const tab = await signedIn();
    await pass(14 * MINUTE);
    const [warning] = tab.warnings;
    sleep(60 * MINUTE);
    tab.act();
    warning?.stay();
    await settle();
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: false }]);
    tab.act();
    tab.watch.stay();
    await settle();
    expect(tab.watch.view.status).toBe('idle');
  });

  it('starts anew with the next sign-in', async () => {
    const tab = await signedIn({ onIdle: undefined });
    await pass(20 * MINUTE);
    expect(tab.watch.view.status).toBe('idle');
    await tab.session.signIn(TOKENS);
    await settle();
    expect(tab.watch.view.status).toBe('active');
    await pass(14 * MINUTE - SECOND);
    expect(tab.watch.view.status).toBe('active');
    await pass(MINUTE + SECOND);
    expect(tab.watch.view.status).toBe('idle');
  });

  it('does not end a sign-in that came while the end of the last one was being recorded', async () => {
    const tab = await signedIn();
    sleep(60 * MINUTE);
    tab.act();
    await tab.session.signIn({ ...TOKENS, accessToken: 'another' });
    await settle();
    expect(tab.idle).toEqual([]);
    await pass(14 * MINUTE);
    expect(tab.watch.view.status).toBe('warning');
    await pass(MINUTE);
    expect(tab.idle).toHaveLength(1);
  });

  it('watches nobody while nobody is signed in', async () => {
    const tab = open();
    await pass(60 * MINUTE);
    expect(tab.watch.view.status).toBe('active');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a sign-out closes the warning', async () => {
    const tab = await signedIn();
    await pass(14 * MINUTE);
    await tab.session.signOut();
    expect(tab.watch.view.status).toBe('active');
    expect(tab.warnings[0]?.signal.aborted).toBe(true);
    expect(tab.idle).toEqual([]);
  });

  it('tells subscribers of each change, and shows the same object between them', async () => {
    const tab = await signedIn();
    const seen: string[] = [];
    const end = tab.watch.subscribe(() => seen.push(tab.watch.view.status));
    await pass(14 * MINUTE);
    const { view } = tab.watch;
    await pass(30 * SECOND);
    expect(tab.watch.view).toBe(view);
    tab.watch.stay();
    await pass(15 * MINUTE);
    expect(seen).toEqual(['warning', 'active', 'warning', 'idle']);
    end();
    await tab.session.signIn(TOKENS);
    expect(seen).toHaveLength(4);
  });
});

describe('activity', () => {
  it('is nothing while nobody is signed in', () => {
    const tab = open();
    tab.act();
    tab.watch.stay();
    expect(tab.watch.view).toEqual({ status: 'active' });
  });

  it('of a bumped mouse, after the computer slept, shows at once that the time is over', async () => {
    const tab = await signedIn();
    sleep(60 * MINUTE);
    tab.act(true);
    await settle();
    expect(tab.idle).toHaveLength(1);
  });

  it.each([
    ['2 s', 60 * SECOND, SECOND, 2_000],
    ['a quarter of the time without a warning', 5 * SECOND, SECOND, 1_000],
  ])('is told to the other tabs every %s', async (_, idleAfter, warnBefore, every) => {
    const tab = await signedIn({ idleAfter, warnBefore });
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    await tick(every - 1);
    tab.act();
    expect(post).not.toHaveBeenCalled();
    await tick(1);
    tab.act();
    tab.act();
    expect(post).toHaveBeenCalledOnce();
  });

  it('is told to nobody once the time is over, and never leaves a second timer', async () => {
    const tab = await signedIn();
    await pass(5 * SECOND);
    const timers = vi.getTimerCount();
    tab.act();
    await settle();
    expect(vi.getTimerCount()).toBe(timers);
    await pass(15 * MINUTE);
    expect(tab.idle).toHaveLength(1);
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    tab.act();
    await settle();
    expect(post).not.toHaveBeenCalled();
  });

  it('is told to nobody if there is none', async () => {
    await signedIn();
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    await pass(30 * SECOND);
    expect(post).not.toHaveBeenCalled();
  });

  it('after the computer slept past the end makes the tab say once that the time is over', async () => {
    const tab = await signedIn();
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    sleep(60 * MINUTE);
    for (let times = 0; times < 5; times++) tab.act(true);
    await settle();
    expect(post).toHaveBeenCalledOnce();
  });

  it('in another tab a while ago puts off the end from then on, not from now', async () => {
    const { first, second } = await pair();
    await pass(5 * MINUTE);
    first.act();
    await settle();
    await pass(14 * MINUTE);
    const endsAt = START + 20 * MINUTE;
    expect(second.watch.view).toEqual({ status: 'warning', reason: 'idle', endsAt });
  });
});

describe('an absolute limit', () => {
  it('ends a session that is in use, after a warning that nobody can put off', async () => {
    const tab = await signedIn({ absolute: 30 * MINUTE });
    for (let minute = 0; minute < 29; minute++) {
      await pass(MINUTE);
      tab.act();
    }
    const endsAt = START + 30 * MINUTE;
    expect(tab.warnings).toEqual([expect.objectContaining({ reason: 'absolute', endsAt })]);
    tab.warnings[0]?.stay();
    expect(tab.watch.view).toEqual({ status: 'warning', reason: 'absolute', endsAt });
    await pass(MINUTE);
    expect(tab.idle).toEqual([{ reason: 'absolute', elsewhere: false }]);
  });

  it('counts from the sign-in, over refreshes and reloads', async () => {
    const { first, second } = await pair({ absolute: 30 * MINUTE });
    await pass(10 * MINUTE);
    first.act();
    await first.session.refresh();
    first.session.dispose();
    second.session.dispose();
    await pass(10 * MINUTE);
    const third = open({ absolute: 30 * MINUTE });
    await settle();
    for (let minute = 0; minute < 9; minute++) {
      third.act();
      await pass(MINUTE);
    }
    expect(third.watch.view).toMatchObject({
      status: 'warning',
      reason: 'absolute',
      endsAt: START + 30 * MINUTE,
    });
  });

  it('counts from the next sign-in again', async () => {
    const tab = await signedIn({ absolute: 30 * MINUTE });
    await pass(10 * MINUTE);
    await tab.session.signIn({ ...TOKENS, accessToken: 'another' });
    for (let minute = 0; minute < 28; minute++) {
      await pass(MINUTE);
      tab.act();
    }
    expect(tab.watch.view.status).toBe('active');
  });
});

describe('a computer that sleeps', () => {
  it('wakes signed out, without any event, if the time went by', async () => {
    const tab = await signedIn({ onIdle: undefined });
    await pass(5 * MINUTE);
    sleep(8 * 60 * MINUTE);
    await pass(10 * SECOND);
    expect(tab.session.status).toBe('signed-out');
    expect(tab.warnings).toEqual([]);
  });

  it('wakes into the warning if some time is left', async () => {
    const tab = await signedIn();
    await pass(5 * MINUTE);
    sleep(9 * MINUTE + 30 * SECOND);
    await pass(10 * SECOND);
    expect(tab.watch.view).toEqual({ status: 'warning', reason: 'idle', endsAt: START + 15 * MINUTE });
  });

  it('wakes signed out at once when the page is seen', async () => {
    const tab = await signedIn();
    sleep(8 * 60 * MINUTE);
    page().dispatchEvent(new Event('pageshow'));
    await settle();
    expect(tab.idle).toHaveLength(1);
  });

  it('a clock that is set back does not give time', async () => {
    const tab = await signedIn();
    await pass(5 * MINUTE);
    set(-60 * MINUTE);
    await pass(10 * MINUTE);
    expect(tab.idle).toHaveLength(1);
  });

  it('a tab that is opened after the clock was set back is not held to times yet to come', async () => {
    const first = await signedIn();
    first.session.dispose();
    set(-60 * MINUTE);
    const tab = open();
    await settle();
    await pass(15 * MINUTE);
    expect(tab.idle).toHaveLength(1);
  });
});

describe('the tabs of a session', () => {
  it('activity in one counts for all', async () => {
    const { first, second } = await pair();
    for (let minute = 0; minute < 40; minute++) {
      await pass(MINUTE);
      second.act();
    }
    await settle();
    expect([first.warnings, first.idle]).toEqual([[], []]);
    await pass(14 * MINUTE);
    expect([first.warnings.length, second.warnings.length]).toEqual([1, 1]);
    expect(first.watch.view).toEqual(second.watch.view);
  });

  it('do not keep each other awake: only activity counts, not the message of it', async () => {
    const { first, second } = await pair();
    first.act();
    second.act();
    await pass(15 * MINUTE + 2 * SECOND);
    expect([first.watch.view.status, second.watch.view.status]).toEqual(['idle', 'idle']);
  });

  it('"stay signed in" in one closes the warning in all', async () => {
    const { first, second } = await pair();
    await pass(14 * MINUTE);
    expect([first.warnings.length, second.warnings.length]).toEqual([1, 1]);
    second.warnings[0]?.stay();
    await settle();
    expect(first.watch.view.status).toBe('active');
    expect(first.warnings[0]?.signal.aborted).toBe(true);
    await pass(13 * MINUTE);
    expect([first.idle, second.idle]).toEqual([[], []]);
  });

  it('find out once that the time is over, and all hear of it', async () => {
    const { first, second } = await pair();
    await pass(15 * MINUTE);
    const told = [...first.idle, ...second.idle].sort((a, b) => Number(a.elsewhere) - Number(b.elsewhere));
    expect(told).toEqual([
      { reason: 'idle', elsewhere: false },
      { reason: 'idle', elsewhere: true },
    ]);
  });

  it('a tab that has slept through messages asks before it ends anything', async () => {
    const first = await signedIn();
    const Channel = BroadcastChannel;
    // As on a page that is frozen: what is said meanwhile is not heard in time.
    vi.stubGlobal(
      'BroadcastChannel',
      class extends Channel {
        override set onmessage(_: null) {}
      },
    );
    const second = open();
    await settle();
    vi.stubGlobal('BroadcastChannel', Channel);
    for (let minute = 0; minute < 40; minute++) {
      await pass(MINUTE);
      first.act();
    }
    await settle();
    expect(second.idle).toEqual([]);
    await pass(15 * MINUTE);
    expect([first.idle.length, second.idle.length]).toEqual([1, 1]);
  });

  it('a page that is opened when the time has gone by is signed out, though no tab was there to see it', async () => {
    const first = await signedIn();
    first.session.dispose();
    await pass(20 * MINUTE);
    const second = open({ onIdle: undefined });
    expect(second.session.status).toBe('signed-in');
    await settle();
    expect(second.session.status).toBe('signed-out');
  });

  it('to open or reload a page is no activity', async () => {
    const first = await signedIn();
    await pass(10 * MINUTE);
    first.session.dispose();
    const second = open();
    await settle();
    await pass(5 * MINUTE);
    expect(second.idle).toHaveLength(1);
  });

  it('a page whose user signs out before the record has been read watches nobody', async () => {
    await signedIn();
    const tab = open();
    await tab.session.signOut();
    await settle();
    await pass(14 * MINUTE);
    expect(tab.watch.view).toEqual({ status: 'active' });
  });

  it.each([
    ['after a sign-out', true],
    ['over an earlier one', false],
  ])('a sign-in in another tab %s starts anew here', async (_, hasSignedOut) => {
    const { first, second } = await pair();
    await pass(10 * MINUTE);
    if (hasSignedOut) await first.session.signOut();
    await settle();
    await first.session.signIn({ accessToken: 'c', refreshToken: 's' });
    await settle();
    await pass(13 * MINUTE);
    expect([first.idle, second.idle, second.warnings]).toEqual([[], [], []]);
    await pass(2 * MINUTE);
    expect(second.idle).toHaveLength(1);
  });
});

describe('a session that no other tab shares', () => {
  it('is watched alone', async () => {
    const tab = open({}, { store: memoryStore() });
    const other = open({}, { store: memoryStore() });
    await tab.session.signIn(TOKENS);
    await other.session.signIn(TOKENS);
    await pass(10 * MINUTE);
    other.act();
    await pass(5 * MINUTE);
    expect([tab.idle.length, other.idle.length]).toEqual([1, 0]);
  });

  it('is another one after the next sign-in', async () => {
    const tab = open({ absolute: 30 * MINUTE }, { store: memoryStore() });
    await tab.session.signIn(TOKENS);
    await pass(10 * MINUTE);
    await tab.session.signIn({ ...TOKENS, accessToken: 'another' });
    await pass(10 * MINUTE);
    tab.act();
    await pass(14 * MINUTE);
    tab.act();
    const endsAt = START + 40 * MINUTE;
    await pass(5 * MINUTE);
    expect(tab.watch.view).toEqual({ status: 'warning', reason: 'absolute', endsAt });
  });

  it.each(['synchronous', 'asynchronous'])('goes on over a reload where its %s store does', async (kind) => {
    const kept = new Map<string, string>();
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    const memory = memoryStore();
    const store = {
      ...memory,
      read: () => (kind === 'synchronous' ? memory.read() : Promise.resolve(memory.read())),
    };
    const first = open({}, { store });
    await settle();
    await first.session.signIn(TOKENS);
    await pass(10 * MINUTE);
    first.session.dispose();
    const second = open({}, { store });
    await settle();
    await pass(5 * MINUTE);
    expect(second.idle).toHaveLength(1);
    expect([...kept.values()].join()).not.toContain('"a"');
  });
});

describe('what is left behind', () => {
  it.each(['stop', 'dispose'])('nothing after %s', async (way) => {
    const ends: string[] = [];
    const tab = await signedIn({ activity: () => () => ends.push('activity') });
    await pass(14 * MINUTE);
    const remove = vi.fn();
    vi.stubGlobal('removeEventListener', remove);
    if (way === 'stop') tab.watch.stop();
    else tab.session.dispose();
    if (way === 'stop') await pass(SECOND); // what the session itself waits for
    expect(ends).toEqual(['activity']);
    expect(remove.mock.calls.map(([type]) => type)).toEqual(expect.arrayContaining(['pageshow', 'pagehide']));
    expect(vi.getTimerCount()).toBe(0);
    expect(tab.warnings[0]?.signal.aborted).toBe(true);
    await pass(10 * MINUTE);
    expect(tab.idle).toEqual([]);
  });

  it('no listener of the session', async () => {
    const { session } = open();
    const { disposal } = coreOf(session);
    const add = vi.spyOn(disposal, 'addEventListener');
    const remove = vi.spyOn(disposal, 'removeEventListener');
    watchIdle(session, { idleAfter: MINUTE, activity: () => () => {} }).stop();
    expect(add).toHaveBeenCalled();
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });

  it('of a session that was disposed before: nothing is begun', async () => {
    const tab = await signedIn();
    tab.session.dispose();
    const end = vi.fn();
    watchIdle(tab.session, { idleAfter: MINUTE, activity: () => end });
    expect(end).toHaveBeenCalledOnce();
    await tick(10 * MINUTE);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('options', () => {
  it.each([
    [undefined, '"idleAfter" must be a positive number of milliseconds, at most 2147483647, got undefined'],
    [{ idleAfter: 0 }, '"idleAfter" must be a positive number of milliseconds, at most 2147483647, got 0'],
    [{ idleAfter: '15' }, '"idleAfter" must be a positive number of milliseconds'],
    [
      { idleAfter: 60_000, warnBefore: 60_000 },
      '"warnBefore" must be less than "idleAfter", 60000 ms, got 60000',
    ],
    [{ idleAfter: 60_000, warnBefore: -1 }, '"warnBefore" must be a non-negative number of milliseconds'],
    [{ idleAfter: 60_000, absolute: 0 }, '"absolute" must be a positive number of milliseconds'],
    [{ idleAfter: 60_000, onIdle: 'signOut' }, '"onIdle" must be a function, got a string'],
    [{ idleAfter: 60_000, onWarning: 1 }, '"onWarning" must be a function, got 1'],
    [{ idleAfter: 60_000, warnAfter: 5 }, 'There is no option "warnAfter"'],
    [{ idleAfter: 60_000, activity: [] }, '"activity" must be a function, got an array'],
  ])('%o: says what is wrong', (options, message) => {
    const { session } = open();
    expect(() => watchIdle(session, options as never)).toThrow(message);
  });

  it('warnBefore is a minute, and half of idleAfter at most; 0: no warning', async () => {
    const long = await signedIn({ warnBefore: undefined });
    await pass(14 * MINUTE);
    expect(long.warnings).toHaveLength(1);
    const short = open({ warnBefore: undefined, idleAfter: 20 * SECOND }, { store: memoryStore() });
    const none = open({ warnBefore: 0, idleAfter: 20 * SECOND }, { store: memoryStore() });
    await Promise.all([short.session.signIn(TOKENS), none.session.signIn(TOKENS)]);
    await pass(10 * SECOND);
    expect([short.watch.view.status, none.watch.view.status]).toEqual(['warning', 'active']);
    await pass(10 * SECOND);
    expect([short.idle.length, none.idle.length, none.warnings.length]).toEqual([1, 1, 0]);
  });
});
