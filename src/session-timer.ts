import { LONGEST_TIMER } from './assert.js';
import type { SessionCore } from './session.js';

/**
 * Calls `act` when `due()` ms have passed, again and again. `Infinity`: there is nothing to wait for. Each event of the session
 * asks `due` anew.
 * @returns stops it; disposing the session does too.
 */
export function startTimer(
  { state, disposal }: SessionCore,
  due: () => number,
  act: () => unknown,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function arm(): void {
    clearTimeout(timer);
    const ms = due();
    if (ms === Number.POSITIVE_INFINITY || disposal.aborted) return;
    timer = setTimeout(run, Math.min(ms, LONGEST_TIMER));
  }

  async function run(): Promise<void> {
    await act();
    arm();
  }

  const unsubscribe = state.subscribe(arm);
  const stop = () => {
    unsubscribe();
    clearTimeout(timer);
    disposal.removeEventListener('abort', stop);
  };
  disposal.addEventListener('abort', stop);
  arm();
  return stop;
}
