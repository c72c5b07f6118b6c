import { vi } from 'vitest';

/** ms */
const STEP = 20;

/** Puts this computer's clocks under the test's control, from `now` on; also the timers, if `timers` is set. */
export function fakeClock({ timers = false, now = Date.parse('2026-11-24T08:00:00.250Z') } = {}) {
  const timerFunctions = timers ? (['setTimeout', 'clearTimeout'] as const) : [];
  vi.useFakeTimers({
    toFake: ['Date', 'performance', ...timerFunctions],
    now,
  });
  const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  /** Lets time pass, including the messages and transactions between tabs that this needs. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP) {
      await tick(STEP);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return {
    /** Lets time pass. */
    tick,
    pass,
    /** Lets time pass until the promise is settled. */
    async through<T>(work: Promise<T>): Promise<T> {
      let isSettled = false;
      const settled = () => void (isSettled = true);
      work.then(settled, settled);
      for (let steps = 0; !isSettled && steps < 10_000; steps++) await pass(STEP);
      return work;
    },
    /** Sets the wall clock, as a user would. */
    set: (ms: number) => void vi.setSystemTime(Date.now() + ms),
  };
}
