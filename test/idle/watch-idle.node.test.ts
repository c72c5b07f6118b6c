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

  it('calls onIdle once instead of ending the session, if it is given', async () => {
    const tab = await signedIn();
    await pass(60 * MINUTE);
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: false }]);
    expect(tab.session.status).toBe('signed-in');
    expect(tab.watch.view.status).toBe('idle');
  });

  it('starts its time again with each activity', async () => {
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

  it('does not count refreshes and requests as activity', async () => {
    const tab = await signedIn();
    for (let minute = 0; minute < 15; minute++) {
      await pass(MINUTE);
      await tab.session.refresh();
      await tab.session.getAccessToken();
    }
    await settle();
    expect(tab.idle).toHaveLength(1);
  });

  it('closes a warning after activity, but not after a small movement of the mouse', async () => {
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

  it('ignores activity and stay() after the time is over', async () => {
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

  it('starts its time again with the next sign-in', async () => {
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

  it('does not end a sign-in that happens while the end of the previous session is recorded', async () => {
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

  it('starts no timer while nobody is signed in', async () => {
    const tab = open();
    await pass(60 * MINUTE);
    expect(tab.watch.view.status).toBe('active');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('closes the warning after a sign-out', async () => {
    const tab = await signedIn();
    await pass(14 * MINUTE);
    await tab.session.signOut();
    expect(tab.watch.view.status).toBe('active');
    expect(tab.warnings[0]?.signal.aborted).toBe(true);
    expect(tab.idle).toEqual([]);
  });

  it('notifies subscribers of each change, and returns the same object until then', async () => {
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

describe('activity in a tab', () => {
  it('is ignored while nobody is signed in', () => {
    const tab = open();
    tab.act();
    tab.watch.stay();
    expect(tab.watch.view).toEqual({ status: 'active' });
  });

  it('ends the session at once if the computer slept past the end, even if only the mouse moved', async () => {
    const tab = await signedIn();
    sleep(60 * MINUTE);
    tab.act(true);
    await settle();
    expect(tab.idle).toHaveLength(1);
  });

  it.each([
    ['2 s', 60 * SECOND, SECOND, 2_000],
    ['a quarter of the time without a warning', 5 * SECOND, SECOND, 1_000],
  ])('is sent to the other tabs every %s', async (_, idleAfter, warnBefore, every) => {
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

  it('is not sent after the time is over, and never leaves a second timer', async () => {
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

  it('is not sent if there is none', async () => {
    await signedIn();
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    await pass(30 * SECOND);
    expect(post).not.toHaveBeenCalled();
  });

  it('sends one message if the computer slept past the end', async () => {
    const tab = await signedIn();
    const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    onTestFinished(() => post.mockRestore());
    sleep(60 * MINUTE);
    for (let times = 0; times < 5; times++) tab.act(true);
    await settle();
    expect(post).toHaveBeenCalledOnce();
  });

  it('counts in another tab from the time of the activity, not of the message', async () => {
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
  it('ends a session in use, after a warning that activity does not close', async () => {
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

  it('counts from the sign-in, across refreshes and reloads', async () => {
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
  it('signs the user out after it wakes up, without any event, if the time is over', async () => {
    const tab = await signedIn({ onIdle: undefined });
    await pass(5 * MINUTE);
    sleep(8 * 60 * MINUTE);
    await pass(10 * SECOND);
    expect(tab.session.status).toBe('signed-out');
    expect(tab.warnings).toEqual([]);
  });

  it('shows the warning after it wakes up if some time is left', async () => {
    const tab = await signedIn();
    await pass(5 * MINUTE);
    sleep(9 * MINUTE + 30 * SECOND);
    await pass(10 * SECOND);
    expect(tab.watch.view).toEqual({ status: 'warning', reason: 'idle', endsAt: START + 15 * MINUTE });
  });

  it('signs the user out at once when the page becomes visible', async () => {
    const tab = await signedIn();
    sleep(8 * 60 * MINUTE);
    page().dispatchEvent(new Event('pageshow'));
    await settle();
    expect(tab.idle).toHaveLength(1);
  });

  it('whose clock is set back gives no more time', async () => {
    const tab = await signedIn();
    await pass(5 * MINUTE);
    set(-60 * MINUTE);
    await pass(10 * MINUTE);
    expect(tab.idle).toHaveLength(1);
  });

  it('whose clock was set back ignores recorded times in the future', async () => {
    const first = await signedIn();
    first.session.dispose();
    set(-60 * MINUTE);
    const tab = open();
    await settle();
    await pass(15 * MINUTE);
    expect(tab.idle).toHaveLength(1);
  });

  it.each([1, 30])(
    'whose clock is set back by %i min. does not start the absolute limit again on the next page',
    async (minutes) => {
      const limits = { absolute: 60 * MINUTE };
      const first = await signedIn(limits);
      for (let i = 0; i < 5; i++) {
        await pass(10 * MINUTE);
        first.act();
      }
      await settle();
      first.session.dispose();
      set(-minutes * MINUTE);
      const tab = open(limits);
      await settle();
      for (let i = 0; i < 1 + minutes / 10; i++) {
        expect(tab.idle).toEqual([]);
        tab.act();
        await pass(10 * MINUTE);
      }
      expect(tab.idle).toMatchObject([{ reason: 'absolute' }]);
    },
  );

  it('whose clock is set back does not unlock a page that custom code has locked', async () => {
    const first = await signedIn();
    await pass(15 * MINUTE);
    expect(first.idle).toHaveLength(1);
    first.session.dispose();
    set(-60 * MINUTE);
    const tab = open();
    await settle();
    expect(tab.idle).toHaveLength(1);
  });
});

describe('the tabs of a session', () => {
  it('count activity in one tab for all', async () => {
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

  it('do not keep each other active: messages about activity are no activity', async () => {
    const { first, second } = await pair();
    first.act();
    second.act();
    await pass(15 * MINUTE + 2 * SECOND);
    expect([first.watch.view.status, second.watch.view.status]).toEqual(['idle', 'idle']);
  });

  it('all close the warning after stay() in one tab', async () => {
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

  it('end the session once: one tab itself, the others with `elsewhere`', async () => {
    const { first, second } = await pair();
    await pass(15 * MINUTE);
    const told = [...first.idle, ...second.idle].sort((a, b) => Number(a.elsewhere) - Number(b.elsewhere));
    expect(told).toEqual([
      { reason: 'idle', elsewhere: false },
      { reason: 'idle', elsewhere: true },
    ]);
  });

  it('ask before they end the session, in case they slept through messages', async () => {
    const first = await signedIn();
    const Channel = BroadcastChannel;
    // As on a frozen page, which does not receive messages in time.
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

  it('sign the user out when they open after the time is over, even if no tab was open then', async () => {
    const first = await signedIn();
    first.session.dispose();
    await pass(20 * MINUTE);
    const second = open({ onIdle: undefined });
    expect(second.session.status).toBe('signed-in');
    await settle();
    expect(second.session.status).toBe('signed-out');
  });

  it('do not count opening or reloading a page as activity', async () => {
    const first = await signedIn();
    await pass(10 * MINUTE);
    first.session.dispose();
    const second = open();
    await settle();
    await pass(5 * MINUTE);
    expect(second.idle).toHaveLength(1);
  });

  it('start no watch if the user signs out before the record is read', async () => {
    await signedIn();
    const tab = open();
    await tab.session.signOut();
    await settle();
    await pass(14 * MINUTE);
    expect(tab.watch.view).toEqual({ status: 'active' });
  });

  it.each([
    ['after a sign-out', true],
    ['that replaces an earlier sign-in', false],
  ])('start their time again after a sign-in in another tab %s', async (_, hasSignedOut) => {
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

describe('a session in a single tab', () => {
  it('has its own idle time', async () => {
    const tab = open({}, { store: memoryStore() });
    const other = open({}, { store: memoryStore() });
    await tab.session.signIn(TOKENS);
    await other.session.signIn(TOKENS);
    await pass(10 * MINUTE);
    other.act();
    await pass(5 * MINUTE);
    expect([tab.idle.length, other.idle.length]).toEqual([1, 0]);
  });

  it('starts its absolute limit again with the next sign-in', async () => {
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

  it.each(['synchronous', 'asynchronous'])(
    'keeps its idle time after a reload, with a %s store that keeps the session',
    async (kind) => {
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
    },
  );
});

describe('the end of watchIdle', () => {
  it.each(['stop', 'dispose'])('by %s leaves no listener, timer or warning', async (way) => {
    const ends: string[] = [];
    const tab = await signedIn({ activity: () => () => ends.push('activity') });
    await pass(14 * MINUTE);
    const remove = vi.fn();
    vi.stubGlobal('removeEventListener', remove);
    if (way === 'stop') tab.watch.stop();
    else tab.session.dispose();
    if (way === 'stop') await pass(SECOND); // the session has a timer of its own
    expect(ends).toEqual(['activity']);
    expect(remove.mock.calls.map(([type]) => type)).toEqual(expect.arrayContaining(['pageshow', 'pagehide']));
    expect(vi.getTimerCount()).toBe(0);
    expect(tab.warnings[0]?.signal.aborted).toBe(true);
    await pass(10 * MINUTE);
    expect(tab.idle).toEqual([]);
  });

  it('leaves no listener on the session', async () => {
    const { session } = open();
    const { disposal } = coreOf(session);
    const add = vi.spyOn(disposal, 'addEventListener');
    const remove = vi.spyOn(disposal, 'removeEventListener');
    watchIdle(session, { idleAfter: MINUTE, activity: () => () => {} }).stop();
    expect(add).toHaveBeenCalled();
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });

  it('comes at once if the session is already disposed', async () => {
    const tab = await signedIn();
    tab.session.dispose();
    const end = vi.fn();
    watchIdle(tab.session, { idleAfter: MINUTE, activity: () => end });
    expect(end).toHaveBeenCalledOnce();
    await tick(10 * MINUTE);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the options of watchIdle', () => {
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
  ])('%o cause an error that says what is wrong', (options, message) => {
    const { session } = open();
    expect(() => watchIdle(session, options as never)).toThrow(message);
  });

  it('include warnBefore: a minute or half of idleAfter by default, and no warning if it is 0', async () => {
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
