import { LONGEST_TIMER } from '../options.js';
import type { SessionState } from '../state.js';
import type { Refresher } from './refresh.js';

/** ms between tries, at the least. */
const SHORTEST_TIMER = 1_000;

/**
 * Refreshes ahead of time though nobody asks for anything, so that a session outlives the pauses of its user. Every tab has
 * such a timer; as tabs take turns and hear of each other, one refresh serves all. Returns what ends it.
 */
export function keepAlive(state: SessionState, refresher: Refresher): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function arm(): void {
    clearTimeout(timer);
    const ageingIn = state.credentials?.ageingIn ?? Number.POSITIVE_INFINITY;
    if (ageingIn === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(wake, Math.min(Math.max(ageingIn, refresher.pause, SHORTEST_TIMER), LONGEST_TIMER));
  }

  /** As a request would. */
  function wake(): void {
    refresher.acquire().then(arm, arm);
  }

  const unsubscribe = state.subscribe(arm);
  arm();
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
