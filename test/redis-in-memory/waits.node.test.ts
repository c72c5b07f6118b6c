import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SessionError } from '../../src/index.js';
import { reachable } from '../../src/redis/unreachable.js';
import { Unrecorded } from '../../src/redis/unrecorded.js';
import { outcome } from '../support/outcome.js';
import { useClock } from '../support/session.js';

const clock = useClock();
const forever = new Promise<never>(() => {});

/** A mock that is called when the promise has settled. */
function watch(promise: Promise<unknown>) {
  const settled = vi.fn();
  void outcome(promise).then(settled);
  return settled;
}

describe('the wait for a reply of Redis', () => {
  it('ends with the reply, and leaves no timer', async () => {
    expect(await reachable(Promise.resolve(7), 1_000)).toBe(7);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends after the timeout', async () => {
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

  it('of a few milliseconds is rounded up', async () => {
    const settled = watch(reachable(forever, 11));
    await clock.tick(19);
    expect(settled).not.toHaveBeenCalled();
    await clock.tick(1);
    expect(settled).toHaveBeenCalledOnce();
  });

  /** Slices of the wait, each of which ends `ms` too late because the process is blocked. */
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
    'does not count the time in which the process is blocked: five slices late by %i ms',
    async (late, slices) => {
      const settled = watch(reachable(forever, 1_000));
      await passSlices(5, late);
      await passSlices(slices - 6, 0);
      expect(settled).not.toHaveBeenCalled();
      await passSlices(1, 0);
      expect(settled).toHaveBeenCalledOnce();
    },
  );

  it('ends after twice as many slices if the process is always late', async () => {
    const settled = watch(reachable(forever, 1_000));
    await passSlices(19, 500);
    expect(settled).not.toHaveBeenCalled();
    await passSlices(1, 500);
    expect(settled).toHaveBeenCalledOnce();
  });

  it('keeps only the message of a client’s error, because its fields may contain tokens', async () => {
    const error = Object.assign(new TypeError('closed'), { command: 'SET secret' });
    const told = (await outcome(reachable(Promise.reject(error), 1_000))) as SessionError;
    expect(told).toMatchObject({ code: 'refresh_unavailable', message: 'Redis failed: closed' });
    expect(told.cause).toMatchObject({ name: 'TypeError', message: 'closed' });
    expect(told.cause).not.toHaveProperty('command');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('names an error that has no message', async () => {
    const told = await outcome(reachable(Promise.reject(new RangeError('')), 1_000));
    expect(told).toMatchObject({ message: 'Redis failed: RangeError' });
  });

  it('passes on an error that is already a SessionError', async () => {
    const error = new SessionError('refresh_unavailable', 'Redis is too busy');
    expect(await outcome(reachable(Promise.reject(error), 1_000))).toBe(error);
  });
});

describe('a write that could not be made', () => {
  const failing = () => vi.fn(() => Promise.reject(new Error('down')));
  beforeEach(() => void vi.spyOn(Math, 'random').mockReturnValue(0));

  it.each([
    [0, 125],
    [0.5, 187.5],
  ])('is tried again soon: a random %d leads to %d ms', async (random, ms) => {
    vi.mocked(Math.random).mockReturnValue(random);
    const act = failing();
    new Unrecorded().keep(act);
    await clock.tick(Math.floor(ms) - 1);
    expect(act).not.toHaveBeenCalled();
    await clock.tick(2);
    expect(act).toHaveBeenCalledOnce();
  });

  it('is tried less and less often, and no more after 16 times', async () => {
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

  it('is not tried again once it has succeeded', async () => {
    const act = vi.fn(async () => {});
    new Unrecorded().keep(act);
    await clock.tick(10_000);
    expect(act).toHaveBeenCalledOnce();
  });

  it('is made when Redis responds again, and not again later', async () => {
    const act = vi.fn(async () => {});
    const unrecorded = new Unrecorded();
    unrecorded.keep(act);
    await unrecorded.record();
    await unrecorded.record();
    await clock.tick(10_000);
    expect(act).toHaveBeenCalledOnce();
  });

  it('is kept while it fails', async () => {
    const act = failing();
    const unrecorded = new Unrecorded();
    unrecorded.keep(act);
    await expect(unrecorded.record()).rejects.toThrow('down');
    await expect(unrecorded.record()).rejects.toThrow('down');
  });

  it('is replaced by a later write', async () => {
    const [old, next] = [vi.fn(async () => {}), vi.fn(async () => {})];
    const unrecorded = new Unrecorded();
    unrecorded.keep(old);
    unrecorded.keep(next);
    await clock.tick(10_000);
    expect(old).not.toHaveBeenCalled();
    expect(next).toHaveBeenCalledOnce();
  });

  it('is not tried more often if it replaces an earlier write', async () => {
    const act = failing();
    const unrecorded = new Unrecorded();
    unrecorded.keep(failing());
    unrecorded.keep(act);
    await clock.tick(130);
    expect(act).toHaveBeenCalledOnce();
  });

  it('that comes during an earlier write is not lost', async () => {
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

  it('is dropped after a sign-out', async () => {
    const act = vi.fn(async () => {});
    const unrecorded = new Unrecorded();
    unrecorded.keep(act);
    unrecorded.forget();
    await unrecorded.record();
    await clock.tick(10_000);
    expect(act).not.toHaveBeenCalled();
  });

  it('does not keep the process alive', () => {
    const unref = vi.fn();
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue({ unref } as never);
    new Unrecorded().keep(failing());
    expect(unref).toHaveBeenCalledOnce();
  });

  it('works with a timer that has no unref()', () => {
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue(1 as never);
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    new Unrecorded().keep(failing());
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
