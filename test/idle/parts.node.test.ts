import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Display } from '../../src/idle/display.js';
import type { IdleWarning } from '../../src/idle/index.js';
import { SharedTimes } from '../../src/idle/shared-times.js';
import { TabRecord } from '../../src/idle/tab-record.js';
import type { IdleTimes, IdleView } from '../../src/idle/times.js';
import { usePage } from '../tabs/page.js';
import { stubTabs } from '../tabs/quick-channel.js';

usePage();

const NOW = 1_000_000;

describe('the view of watchIdle', () => {
  const WARNING: IdleView = { status: 'warning', reason: 'idle', endsAt: 5 };

  function show() {
    const warnings: IdleWarning[] = [];
    const stay = vi.fn();
    const display = new Display((warning) => warnings.push(warning), stay);
    const listener = vi.fn();
    const end = display.subscribe(listener);
    return { display, listener, end, warnings, stay };
  }

  it('is passed to each subscriber until it unsubscribes', () => {
    const { display, listener, end } = show();
    const other = vi.fn();
    display.subscribe(other);
    display.show(WARNING);
    end();
    display.show({ status: 'active' });
    expect([listener.mock.calls.length, other.mock.calls.length]).toEqual([1, 2]);
  });

  it.each<[Partial<IdleView>, number]>([
    [{}, 1],
    [{ endsAt: 6 }, 2],
    [{ reason: 'absolute' }, 2],
    [{ status: 'idle' }, 2],
  ])('is passed on again only if something changes: %j', (change, times) => {
    const { display, listener } = show();
    display.show(WARNING);
    display.show({ ...WARNING, ...change });
    expect(listener).toHaveBeenCalledTimes(times);
  });

  it('is passed to nobody after dispose(), which closes the warning', () => {
    const { display, listener, warnings } = show();
    display.show(WARNING);
    display.dispose();
    expect(warnings[0]?.signal.aborted).toBe(true);
    display.show({ status: 'active' });
    expect(listener).toHaveBeenCalledOnce();
  });

  it('a warning contains its reason and its end, and can be answered', () => {
    const { display, warnings, stay } = show();
    display.show(WARNING);
    expect(warnings[0]).toMatchObject({ reason: 'idle', endsAt: 5 });
    warnings[0]?.stay();
    expect(stay).toHaveBeenCalledOnce();
  });
});

describe('the times that tabs share', () => {
  const times = (more: Partial<IdleTimes> = {}): IdleTimes => ({
    ...{ sessionId: 'one', signedInAt: NOW - 10, activeAt: NOW },
    ...more,
  });

  beforeEach(() => {
    stubTabs();
  });

  function join() {
    const heard: IdleTimes[] = [];
    const shared = new SharedTimes(
      'app',
      () => NOW,
      (said) => heard.push(said),
    );
    shared.listen(() => {});
    return { shared, heard };
  }

  it.each<[string, Partial<IdleTimes>, Partial<IdleTimes> | undefined]>([
    ['of the same sign-in', {}, {}],
    ['of another sign-in', { sessionId: 'two' }, undefined],
    ['of a clock that is 2 s ahead', { activeAt: NOW + 2_000 }, { activeAt: NOW + 2_000 }],
    ['in the future, from before the clock was set back', { activeAt: NOW + 2_001 }, { activeAt: NOW }],
    [
      'of a sign-in in the future',
      { activeAt: NOW + 9_000, signedInAt: NOW + 5_000, over: true },
      { activeAt: NOW, signedInAt: NOW, over: true },
    ],
  ])('are used only if they are plausible: those %s', async (_, more, read) => {
    const { shared } = join();
    await shared.begin(times(more));
    expect(await shared.read('one')).toEqual(read && times(read));
  });

  it.each<[string, Partial<IdleTimes>, boolean]>([
    ['earlier activity', { activeAt: NOW - 1 }, false],
    ['activity at the same time', { activeAt: NOW }, false],
    ['later activity', { activeAt: NOW + 1 }, true],
    ['an end', { activeAt: NOW - 1, over: true }, true],
    ['later activity in another sign-in', { activeAt: NOW + 1, sessionId: 'two' }, false],
    ['the end of another sign-in', { over: true, sessionId: 'two' }, false],
    ['activity in the future', { activeAt: NOW + 2_001 }, false],
  ])('are kept unless the record has later ones: %s', async (_, more, stands) => {
    const { shared } = join();
    await shared.begin(times(more));
    expect(await shared.publish(times())).toEqual(stands ? times(more) : times());
  });

  it.each([
    ['an earlier sign-in is', -1, true],
    ['a later sign-in is not', 1, false],
  ])('replace the record of a sign-in: %s replaced', async (_, later, isReplaced) => {
    const { shared } = join();
    const another = times({ sessionId: 'two', signedInAt: NOW - 10 + later });
    await shared.begin(another);
    expect(await shared.publish(times({ over: true }))).toEqual(times({ over: true }));
    expect(await shared.read('two')).toEqual(isReplaced ? undefined : another);
  });

  it('are sent to the other tabs: activity at once, an end after it is recorded', async () => {
    const [{ shared }, { heard }] = [join(), join()];
    const published = shared.publish(times());
    expect(heard).toEqual([times()]);
    await published;
    expect(heard).toHaveLength(1);
    await shared.publish(times({ over: true }));
    expect(heard).toEqual([times(), times({ over: true })]);
  });

  it('do not end the session if another tab has recorded later activity', async () => {
    const [{ shared }, { heard }] = [join(), join()];
    await shared.begin(times({ activeAt: NOW + 1 }));
    expect(await shared.publish(times({ over: true }))).toEqual(times({ activeAt: NOW + 1 }));
    expect(heard).toEqual([]);
  });
});

describe('the record of a single tab', () => {
  it('is kept in sessionStorage', async () => {
    const setItem = vi.fn();
    vi.stubGlobal('sessionStorage', { getItem: () => null, setItem });
    await new TabRecord<object>().update(() => ({ a: 1 }));
    expect(setItem).toHaveBeenCalledWith('unexpired:idle', '{"a":1}');
  });

  it('is kept in memory if there is no sessionStorage', async () => {
    vi.stubGlobal('sessionStorage', undefined);
    const record = new TabRecord<object>();
    await record.update(() => ({ a: 1 }));
    expect(await record.update(() => undefined)).toEqual({ a: 1 });
  });
});
