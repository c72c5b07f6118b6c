import { isSessionError } from '../errors.js';
import type { ReauthenticateEvent } from '../events.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import { bounded } from '../wait.js';

/**
 * Has the application ask the user to sign in again in place, or to prove more. A sign-in, here or in another tab, aborts
 * `event.signal` and settles whatever waits. Returns whether the application's function resolved in time, and its answer could be
 * used. Never rejects.
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
