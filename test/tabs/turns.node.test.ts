import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { IsOver } from '../../src/coordination/meeting.js';
import { IndexedRecord } from '../../src/tabs/indexed-record.js';
import { TabMeeting } from '../../src/tabs/tab-meeting.js';
import { fakeClock } from '../support/clock.js';
import { usePage } from './page.js';

usePage();
let clock: ReturnType<typeof fakeClock>;
let serial = 0;
let name: string;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  vi.stubGlobal('indexedDB', new IDBFactory());
  name = `app ${serial++}`;
});

const HOLD_FOR = 1_000;

/** A tab that requests the turn. Its work lasts until the test ends it. */
function want({ holdFor = HOLD_FOR, meeting = name } = {}) {
  const controller = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = vi.fn((_isOver?: IsOver) => promise);
  const limits = { holdFor, signal: controller.signal };
  const result = new TabMeeting(meeting, undefined, true).inTurn(work, limits);
  result.catch(() => {});
  return { work, result, end: () => resolve('done'), fail: reject, abort: () => controller.abort() };
}

/** A tab that has the turn. */
async function hold(options?: Parameters<typeof want>[0]) {
  const tab = want(options);
  await clock.pass(40);
  expect(tab.work).toHaveBeenCalledOnce();
  return tab;
}

const withLocks = () => {};
const withoutLocks = () => vi.stubGlobal('navigator', {});
const withoutNavigator = () => vi.stubGlobal('navigator', undefined);
const withoutPage = () => vi.stubGlobal('location', undefined);

describe.each([
  ['Web Locks', withLocks],
  ['a lease, because the browser has no Web Locks', withoutLocks],
  ['a lease, because there is no navigator', withoutNavigator],
  ['a lease, because there is no page', withoutPage],
])('the turn of a tab, by %s', (_, prepare) => {
  beforeEach(() => void prepare());

  it('begins when the previous tab’s turn has ended', async () => {
    const first = await hold();
    const second = want();
    await clock.pass(500);
    expect(second.work).not.toHaveBeenCalled();
    first.end();
    await clock.pass(200);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it('begins when the previous tab’s work has failed', async () => {
    const first = await hold();
    const second = want();
    first.fail(new Error('failed'));
    await clock.pass(200);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it('returns what its work returns', async () => {
    const tab = await hold();
    tab.end();
    expect(await tab.result).toBe('done');
  });

  it('rejects if its work does, and does not run the work again', async () => {
    const tab = await hold();
    tab.fail(new Error('failed'));
    await expect(tab.result).rejects.toThrow('failed');
    expect(tab.work).toHaveBeenCalledOnce();
  });

  it('does not wait for a session with another name', async () => {
    await hold();
    await hold({ meeting: `another than ${name}` });
  });

  it.each([
    [1_000, 2_000],
    [20_000, 25_000],
  ])(
    'of at most %i ms blocks other tabs for at most %i ms, because its tab may be frozen',
    async (holdFor, patience) => {
      await hold({ holdFor });
      const second = want({ holdFor });
      await clock.pass(patience - 100);
      expect(second.work).not.toHaveBeenCalled();
      await clock.pass(300);
      expect(second.work).toHaveBeenCalledOnce();
    },
  );

  it('does not run its work again when its wait for a frozen tab is over', async () => {
    const frozen = await hold();
    const second = want();
    await clock.pass(2_200);
    expect(second.work).toHaveBeenCalledOnce();
    frozen.end();
    await clock.pass(500);
    second.end();
    await clock.pass(500);
    expect(second.work).toHaveBeenCalledOnce();
    expect(await second.result).toBe('done');
  });

  it('begins soon after its wait is aborted', async () => {
    await hold();
    const second = want();
    await clock.pass(40);
    second.abort();
    await clock.pass(120);
    expect(second.work).toHaveBeenCalledOnce();
  });
});

describe('with Web Locks', () => {
  it('tabs that have waited for a frozen tab take turns', async () => {
    await hold();
    const [second, third] = [want(), want()];
    await clock.pass(2_200);
    expect(second.work.mock.calls.length + third.work.mock.calls.length).toBe(1);
    second.end();
    third.end();
    await clock.pass(200);
    expect(second.work).toHaveBeenCalledOnce();
    expect(third.work).toHaveBeenCalledOnce();
  });

  it('a tab waits as long as turns pass from tab to tab, because no tab is frozen', async () => {
    const first = await hold();
    const [second, third, fourth] = [want(), want(), want()];
    for (const [ends, begins] of [
      [first, second],
      [second, third],
    ] as const) {
      await clock.pass(1_500);
      ends.end();
      await clock.pass(40);
      expect(begins.work).toHaveBeenCalledOnce();
    }
    await clock.pass(1_900);
    expect(fourth.work).not.toHaveBeenCalled();
    third.end();
    await clock.pass(40);
    expect(fourth.work).toHaveBeenCalledOnce();
  });

  it('turns of a session whose name only ends the same do not count', async () => {
    const meeting = `not ${name}`;
    const other = await hold({ meeting });
    await hold();
    const second = want();
    await clock.pass(500);
    other.end();
    await hold({ meeting });
    await clock.pass(1_700);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it.each([
    ['tell which tab has them', undefined],
    ['allow a query', () => Promise.reject(new Error('forbidden'))],
    ['tell anything', async () => ({})],
  ])('that do not %s, a tab waits for a frozen tab once', async (_, query) => {
    const { locks } = navigator;
    const request = (...args: Parameters<LockManager['request']>) => locks.request(...args);
    vi.stubGlobal('navigator', { locks: { request, query } });
    await hold();
    const second = want();
    await clock.pass(1_900);
    expect(second.work).not.toHaveBeenCalled();
    await clock.pass(300);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it('a tab that has its turn does not look again for other turns', async () => {
    const query = vi.spyOn(navigator.locks, 'query');
    const tab = await hold();
    tab.end();
    await tab.result;
    expect(query).toHaveBeenCalledOnce();
  });

  it('a tab with the lock does not ask whether its turn is over', async () => {
    const { work } = await hold();
    expect(work.mock.calls).toEqual([[]]);
  });

  it('an abort ends the wait at once', async () => {
    await hold();
    const second = want();
    await clock.pass(40);
    second.abort();
    await clock.tick(0);
    expect(second.work).toHaveBeenCalledOnce();
  });

  it.each([
    [
      'throw',
      () => {
        throw new Error('forbidden');
      },
    ],
    ['reject', () => Promise.reject(new Error('forbidden'))],
  ])('that %s, a tab works without a lock', async (_, request) => {
    vi.stubGlobal('navigator', { locks: { request } });
    const tab = want();
    await clock.pass(120);
    expect(tab.work).toHaveBeenCalledOnce();
  });

  it('a tab that works without the lock withdraws its request', async () => {
    const request = vi.fn((_name: string, _options: { signal: AbortSignal }) => new Promise(() => {}));
    vi.stubGlobal('navigator', { locks: { request } });
    const tab = want();
    await clock.pass(1_980);
    const [[lock, { signal }]] = request.mock.calls as [Parameters<typeof request>];
    expect([lock, signal.aborted]).toEqual([`unexpired:${name}`, false]);
    await clock.pass(220);
    expect(tab.work).toHaveBeenCalledOnce();
    expect(signal.aborted).toBe(true);
  });

  it('a server does not use Node’s locks, because all its users would share them', async () => {
    const request = vi.fn();
    vi.stubGlobal('navigator', { locks: { request } });
    vi.stubGlobal('location', undefined);
    await hold();
    expect(request).not.toHaveBeenCalled();
  });
});

describe('a lease (without Web Locks)', () => {
  beforeEach(() => void withoutLocks());

  it('is not needed without IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await hold();
    await hold();
  });

  /** Until nothing is pending but timers. */
  async function settle() {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  it.each([
    [0, 20],
    [0.5, 60],
    [1, 100],
  ])('is tried again after a random time: with random %d after %i ms', async (random, ms) => {
    const first = await hold();
    const second = want();
    vi.spyOn(Math, 'random').mockReturnValue(random);
    await settle();
    first.end();
    await settle();
    vi.advanceTimersByTime(ms - 1);
    await settle();
    expect(second.work).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    await settle();
    expect(second.work).toHaveBeenCalledOnce();
  });

  /** How often the next tab begins when it checks `ms` after the end of a lease. */
  async function beginsAfter(ms: number): Promise<number> {
    await hold();
    const record = new IndexedRecord<{ until: number }>(`unexpired:${name}:lease`);
    const { until } = (await record.update(() => undefined))!;
    vi.setSystemTime(until + ms);
    const second = want();
    await settle();
    return second.work.mock.calls.length;
  }

  it.each([
    [-1, 0],
    [0, 1],
  ])('ends at its time: %i ms after it, the next tab begins %i times', async (ms, times) => {
    expect(await beginsAfter(ms)).toBe(times);
  });

  it.each([
    [1_000, 0],
    [1_001, 1],
  ])(
    'that seems to last %i ms too long is ignored if a clock was set back: the next tab begins %i times',
    async (ms, times) => {
      expect(await beginsAfter(-2_000 - ms)).toBe(times);
    },
  );

  it('may have disappeared at the end of the turn, because the user has cleared the site’s data', async () => {
    const tab = await hold();
    await new Promise((resolve) => {
      indexedDB.deleteDatabase('unexpired').onsuccess = resolve;
    });
    tab.end();
    expect(await tab.result).toBe('done');
    await hold();
  });

  it('of a frozen tab that lost it is not given back while another tab has it', async () => {
    const frozen = await hold();
    const second = want();
    await clock.pass(2_200);
    expect(second.work).toHaveBeenCalledOnce();
    frozen.end();
    await clock.pass(200);
    const third = want();
    await clock.pass(500);
    expect(third.work).not.toHaveBeenCalled();
  });
});
