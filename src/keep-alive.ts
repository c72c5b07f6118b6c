import { LONGEST_TIMER } from './options.js';
import { coreOf, type Session } from './session.js';

/** ms between tries, at the least. */
const SHORTEST_TIMER = 1_000;

/**
 * Refreshes ahead of time even if nobody sends a request, so that the session outlives the user's pauses. Without it a hidden or
 * idle tab never refreshes on its own. Each tab has such a timer; as tabs take turns, one refresh serves all.
 * @returns stops it; `session.dispose()` does too.
 * @throws {TypeError} if `session` was not made by `createSession`.
 */
export function keepAlive(session: Session): () => void {
  const { state, refresher, disposal } = coreOf(session);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function arm(): void {
    clearTimeout(timer);
    const ageingIn = state.credentials?.ageingIn ?? Number.POSITIVE_INFINITY;
    if (ageingIn === Number.POSITIVE_INFINITY || disposal.aborted) return;
    const due = Math.max(ageingIn, refresher.breaker.wait, SHORTEST_TIMER);
    timer = setTimeout(wake, Math.min(due, LONGEST_TIMER));
  }

  /** As a request would. */
  function wake(): void {
    refresher.acquire().then(arm, arm);
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
