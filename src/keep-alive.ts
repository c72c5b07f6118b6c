import { coreOf, type Session } from './session.js';
import { startTimer } from './session-timer.js';

const NEVER = Number.POSITIVE_INFINITY;

/** The shortest time between two tries, in ms. */
const SHORTEST_TIMER = 1_000;

/**
 * Keeps the session alive while no request is sent: it refreshes whenever the access token is about to expire. If the backend
 * reports when the refresh token expires (`session.endsAt`), it also refreshes `refreshAhead` ms before that time; after that
 * time it does not try. Without `keepAlive`, a hidden or idle tab never refreshes. Each tab has a timer of its own, but one
 * refresh serves all tabs that share the session.
 * @returns a function that stops it; `session.dispose()` stops it too.
 * @throws {TypeError} if `session` was not created by `createSession`.
 */
export function keepAlive(session: Session): () => void {
  const core = coreOf(session);
  const { state, refresher, settings } = core;

  /**
   * ms until the refresh token has to be used before it expires. `Infinity` if that has been done and did not prolong the
   * session.
   */
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
