import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionError } from '../../src/index.js';
import { reachable } from '../../src/redis/unreachable.js';
import { Unrecorded } from '../../src/redis/unrecorded.js';
import { outcome } from '../support/outcome.js';
import { useClock } from '../support/session.js';

const clock = useClock();
const forever = new Promise<never>(() => {});

/** Whether a promise has settled by now. */
function watch(promise: Promise<unknown>) {
  const settled = vi.fn();
  void outcome(promise).then(settled);
  return settled;
}

describe('the wait for Redis', () => {
  it('ends with the answer, and leaves no timer', async () => {
    expect(await reachable(Promise.resolve(7), 1_000)).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends after its time', async () => {
    const settled = watch(reachable(forever, 1_000));
    await clock.tick(999);
    expect(settled).not.toHaveBeenCalled();
    await clock.tick(1);
    expect(settled.mock.calls[0]![0]).toMatchObject({
      ...{ name: 'SessionError', code: 'refresh_unavailable' },
      message: 'Redis failed: No answer within 1000 ms',
      cause: { message: 'No answer within 1000 ms' },
    });
  });

  it('of a few milliseconds is a little longer', async () => {
    const settled = watch(reachable(forever, 11));
    await clock.tick(19);
    expect(settled).not.toHaveBeenCalled();
    await clock.tick(1);
    expect(settled).toHaveBeenCalledOnce();
  });

  /** Slices of the wait, each of which ends `ms` too late because this process stands still. */
  async function passSlices(count: number, ms: number): Promise<void> {
    for (let slice = 0; slice < count; slice++) {
      stoodStill += ms;
      await clock.tick(100);
    }
  }
  let stoodStill = 0;
  beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => Date.now() + stoodStill));

  it.each([
    [49, 10],
    [50, 15],
  ])(
    'does not count the time in which this process stood still: five slices late by %i ms',
    async (late, slices) => {
      const settled = watch(reachable(forever, 1_000));
      await passSlices(5, late);
      await passSlices(slices - 6, 0);
      expect(settled).not.toHaveBeenCalled();
      await passSlices(1, 0);
      expect(settled).toHaveBeenCalledOnce();
    },
  );

  it('ends after twice as many slices, if this process is always late', async () => {
    const settled = watch(reachable(forever, 1_000));
    await passSlices(19, 500);
    expect(settled).not.toHaveBeenCalled();
    await passSlices(1, 500);
    expect(settled).toHaveBeenCalledOnce();
  });

  it('keeps only the words of an error of the client, which may lead to tokens', async () => {
    const error = Object.assign(new TypeError('closed'), { command: 'SET secret' });
    const told = (await outcome(reachable(Promise.reject(error), 1_000))) as SessionError;
    expect(told).toMatchObject({ code: 'refresh_unavailable', message: 'Redis failed: closed' });
    expect(told.cause).toMatchObject({ name: 'TypeError', message: 'closed' });
    expect(told.cause).not.toHaveProperty('command');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('names an error without words', async () => {
    const told = await outcome(reachable(Promise.reject(new RangeError('')), 1_000));
    expect(told).toMatchObject({ message: 'Redis failed: RangeError' });
  });

  it('passes on what already says so', async () => {
    const error = new SessionError('refresh_unavailable', 'Redis is too busy');
    expect(await outcome(reachable(Promise.reject(error), 1_000))).toBe(error);
  });
});

describe('what could not be written', () => {
  const failing = () => vi.fn(() => Promise.reject(new Error('down')));
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));

  it.each([
    [0, 125],
    [0.5, 187.5],
  ])('is tried again soon: a random %d makes it %d ms', async (random, ms) => {
    vi.mocked(Math.random).mockReturnValue(random);
    const act = failing();
    new Unrecorded().keep(act);
    await clock.tick(Math.floor(ms) - 1);
    expect(act).not.toHaveBeenCalled();
    await clock.tick(2);
    expect(act).toHaveBeenCalledOnce();
  });

  it('is tried less and less often, and after 16 tries no more', async () => {
    const times: number[] = [];
    const started = Date.now();
    const act = vi.fn(() => {
      times.push(Date.now() - started);
      return Promise.reject(new Error('down'));
    });
    new Unrecorded().keep(act);
    await clock.tick(200_000);
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(waits).toEqual([125, 250, 500, 1_000, 2_000, ...Array(11).fill(2_500)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not tried again once it is written', async () => {
    const act = vi.fn(async () => {});
    new Unrecorded().keep(act);
    await clock.tick(10_000);
    expect(act).toHaveBeenCalledOnce();
  });

  it('is written when Redis answers again, and not again later', async () => {
    const act = vi.fn(async () => {});
    const unrecorded = new Unrecorded();
    unrecorded.keep(act);
    await unrecorded.record();
    await unrecorded.record();
    await clock.tick(10_000);
    expect(act).toHaveBeenCalledOnce();
  });

  it('is kept while that fails', async () => {
    const act = failing();
    const unrecorded = new Unrecorded();
    unrecorded.keep(act);
    await expect(unrecorded.record()).rejects.toThrow('down');
    await expect(unrecorded.record()).rejects.toThrow('down');
  });

  it('gives way to what happens later', async () => {
    const [old, next] = [vi.fn(async () => {}), vi.fn(async () => {})];
    const unrecorded = new Unrecorded();
    unrecorded.keep(old);
    unrecorded.keep(next);
    await clock.tick(10_000);
    expect(old).not.toHaveBeenCalled();
    expect(next).toHaveBeenCalledOnce();
  });

  it('is not tried more often because something was kept before', async () => {
    const act = failing();
    const unrecorded = new Unrecorded();
    unrecorded.keep(failing());
    unrecorded.keep(act);
    await clock.tick(130);
    expect(act).toHaveBeenCalledOnce();
  });

  it('that comes while the older is written is not lost', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const next = vi.fn(async () => {});
    const unrecorded = new Unrecorded();
    unrecorded.keep(() => promise);
    const recorded = unrecorded.record();
    unrecorded.keep(next);
    resolve();
    await recorded;
    await unrecorded.record();
    expect(next).toHaveBeenCalledOnce();
  });

  it('is forgotten after a sign-out', async () => {
    const act = vi.fn(async () => {});
    const unrecorded = new Unrecorded();
    unrecorded.keep(act);
    unrecorded.forget();
    await unrecorded.record();
    await clock.tick(10_000);
    expect(act).not.toHaveBeenCalled();
  });

  it('keeps no process alive', () => {
    const unref = vi.fn();
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue({ unref } as never);
    new Unrecorded().keep(failing());
    expect(unref).toHaveBeenCalledOnce();
  });

  it('needs no timer that can be told so', () => {
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue(1 as never);
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    new Unrecorded().keep(failing());
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
