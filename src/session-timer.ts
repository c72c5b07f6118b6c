import { LONGEST_TIMER } from './assert.js';
import type { SessionCore } from './session.js';

/**
 * Calls `act` repeatedly, each time after `due()` ms. `Infinity`: no call is due. `due` is also called again after each event of
 * the session.
 * @returns a function that stops it; disposing the session stops it too.
 */
export function startTimer(
  { state, disposal }: SessionCore,
  due: () => number,
  act: () => unknown,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = disposal.aborted;

  function arm(): void {
    clearTimeout(timer);
    const ms = due();
    if (ms === Number.POSITIVE_INFINITY || stopped) return;
    timer = setTimeout(run, Math.min(ms, LONGEST_TIMER));
  }

  async function run(): Promise<void> {
    await act();
    arm();
  }

  const unsubscribe = state.subscribe(arm);
  const stop = () => {
    stopped = true; // `act` may be under way
    unsubscribe();
    clearTimeout(timer);
    disposal.removeEventListener('abort', stop);
  };
  disposal.addEventListener('abort', stop);
  arm();
  return stop;
}
