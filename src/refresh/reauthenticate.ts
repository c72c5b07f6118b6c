import { isSessionError } from '../errors.js';
import type { Settings } from '../options.js';
import type { SessionState } from '../state.js';
import type { Claims } from '../tokens/claims.js';
import { bounded } from '../wait.js';

/**
 * Has the application ask the user to sign in again in place. A sign-in, here or in another tab, aborts `signal`; if this returns
 * without that, nobody signed in. Never rejects.
 */
export async function reauthenticate(
  state: SessionState,
  { reauthenticate: ask, reauthenticateTimeout }: Settings,
  claims: Claims | null,
  signal: AbortSignal,
): Promise<void> {
  state.emit({ type: 'reauthenticating' });
  try {
    const asked = Promise.resolve(ask?.({ claims, signal }));
    const answer = await bounded(asked, signal, reauthenticateTimeout);
    if (answer !== undefined && !signal.aborted) await state.signIn(answer);
  } catch (error) {
    if (isSessionError(error) && !signal.aborted) state.emit({ type: 'refresh-failed', error });
  }
}
