import { vi } from 'vitest';

/** ms */
const STEP = 20;

/** Lets the test control this computer's clocks from `now` on, and also the timers if `timers` is set. */
export function fakeClock({ timers = false, now = Date.parse('2026-11-24T08:00:00.250Z') } = {}) {
  const timerFunctions = timers ? (['setTimeout', 'clearTimeout'] as const) : [];
  vi.useFakeTimers({
    toFake: ['Date', 'performance', ...timerFunctions],
    now,
  });
  const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  /** Lets time pass, and lets messages and transactions between tabs arrive. */
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
