import type { SessionState } from '../state.js';
import type { Refresher } from './refresh.js';

/** What a timer can hold; a longer one fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
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
    const { credentials } = state;
    if (!credentials) return;
    const delay = Math.max(credentials.ageingIn, refresher.pause, SHORTEST_TIMER);
    if (delay < Number.POSITIVE_INFINITY) timer = setTimeout(wake, Math.min(delay, LONGEST_TIMER));
  }

  function wake(): void {
    const due = state.credentials && state.credentials.ageingIn <= 0;
    if (due) void refresher.restore().then(arm);
    else arm();
  }

  const unsubscribe = state.subscribe(arm);
  arm();
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}
