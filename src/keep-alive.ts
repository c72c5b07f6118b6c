import { coreOf, type Session } from './session.js';
import { startTimer } from './session-timer.js';

const NEVER = Number.POSITIVE_INFINITY;

/** ms between tries, at the least. */
const SHORTEST_TIMER = 1_000;

/**
 * Refreshes ahead of time even if nobody sends a request, so that the session outlives the user's pauses. Without it a hidden or
 * idle tab never refreshes on its own. Each tab has such a timer; as tabs take turns, one refresh serves all. If the backend says
 * when the refresh token expires (`session.endsAt`), it refreshes `refreshAhead` ms before, and does not try when it is too late.
 * @returns stops it; `session.dispose()` does too.
 * @throws {TypeError} if `session` was not made by `createSession`.
 */
export function keepAlive(session: Session): () => void {
  const core = coreOf(session);
  const { state, refresher, settings } = core;

  /** ms until the refresh token must be used, lest it expire. A session that no refresh prolongs gets one such refresh. */
  function lastChanceIn(): number {
    const { endsAt = NEVER, receivedAt = 0 } = state.credentials?.tokens ?? {};
    const lastChance = endsAt - settings.refreshAhead;
    return receivedAt >= lastChance ? NEVER : lastChance - Date.now();
  }

  function due(): number {
    const { ageingIn = NEVER, tokens } = state.credentials ?? {};
    const next = Math.max(Math.min(ageingIn, lastChanceIn()), refresher.breaker.wait, SHORTEST_TIMER);
    return next < (tokens?.endsAt ?? NEVER) - Date.now() ? next : NEVER;
  }

  function act(): Promise<unknown> {
    const renewed = lastChanceIn() > 0 ? refresher.acquire() : refresher.refresh();
    return renewed.catch(() => {});
  }

  return startTimer(core, due, act);
}
