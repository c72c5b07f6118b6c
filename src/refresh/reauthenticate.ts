import { isSessionError } from '../errors.js';
import type { ReauthenticateEvent } from '../events.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import { bounded } from '../wait.js';

/**
 * Calls the application's `reauthenticate`, which asks the user to sign in again, or to complete a step-up. Any sign-in, also in
 * another tab, aborts `event.signal` and ends the wait. Resolves with whether `reauthenticate` resolved in time and its response,
 * if any, could be used. Never rejects.
 */
export async function reauthenticate(
  state: SessionState,
  { reauthenticate: ask, reauthenticateTimeout }: Settings,
  event: ReauthenticateEvent,
): Promise<boolean> {
  const { reason, signal } = event;
  state.emit({ type: 'reauthenticating', reason });
  try {
    const asked = Promise.resolve(ask?.(event));
    const answer = await bounded(asked, signal, reauthenticateTimeout);
    if (answer !== undefined && !signal.aborted) await state.signIn(answer);
    return true;
  } catch (error) {
    if (isSessionError(error) && !signal.aborted) state.emit({ type: 'refresh-failed', error });
    return false;
  }
}
