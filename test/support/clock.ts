import { vi } from 'vitest';

/** ms */
const STEP = 20;

/** This computer's clocks under the test's control, from `now` on; timers too where they are asked for. */
export function fakeClock({ timers = false, now = Date.parse('2026-11-24T08:00:00.250Z') } = {}) {
  const timerFunctions = timers ? (['setTimeout', 'clearTimeout'] as const) : [];
  vi.useFakeTimers({
    toFake: ['Date', 'performance', ...timerFunctions],
    now,
  });
  const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  /** Time passes, with the messages and transactions between tabs that it takes. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP) {
      await tick(STEP);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return {
    /** Time passes. */
    tick,
    pass,
    /** Time passes until that is settled. */
    async through<T>(work: Promise<T>): Promise<T> {
      let isSettled = false;
      const settled = () => void (isSettled = true);
      work.then(settled, settled);
      for (let steps = 0; !isSettled && steps < 10_000; steps++) await pass(STEP);
      return work;
    },
    /** Somebody sets the wall clock. */
    set: (ms: number) => void vi.setSystemTime(Date.now() + ms),
  };
}
