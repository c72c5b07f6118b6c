import { vi } from 'vitest';

/** This computer's clocks under the test's control, from `now` on; timers too where they are asked for. */
export function fakeClock({ timers = false, now = Date.parse('2026-11-24T08:00:00.250Z') } = {}) {
  const timerFunctions = timers ? (['setTimeout', 'clearTimeout'] as const) : [];
  vi.useFakeTimers({
    toFake: ['Date', 'performance', ...timerFunctions],
    now,
  });
  return {
    /** Time passes. */
    tick: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    /** Somebody sets the wall clock. */
    set: (ms: number) => void vi.setSystemTime(Date.now() + ms),
  };
}
