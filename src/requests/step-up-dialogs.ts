import type { StepUpChallenge } from '../backends/backend.js';
import { reauthenticate } from '../refresh/reauthenticate.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';

/**
 * `over`: the user has completed the step-up, or the session has changed. `superseded`: the user is asked to sign in
 * again instead.
 */
export type Ending = 'over' | 'gave up' | 'superseded';

const SUPERSEDED = Symbol();

/**
 * Asks the user once for all requests with the same challenge, and handles different challenges one after the other.
 */
export class StepUpDialogs {
  readonly #open = new Map<string, Promise<Ending>>();
  #last: Promise<unknown> = Promise.resolve();
  #current: AbortController | undefined;

  /** Never rejects. */
  open(core: SessionCore, held: Credentials, challenge: StepUpChallenge): Promise<Ending> {
    const { code, acrValues, maxAge } = challenge;
    const key = JSON.stringify([code, acrValues, maxAge]);
    const known = this.#open.get(key);
    if (known) return known;
    const proven = this.#last.then(() => this.#ask(core, held, challenge));
    this.#open.set(key, proven);
    this.#last = proven.then(() => void this.#open.delete(key));
    return proven;
  }

  /** Closes the dialog, because the user is asked to sign in again. */
  supersede(): void {
    this.#current?.abort(SUPERSEDED);
  }

  async #ask(
    core: SessionCore,
    { claims, tokens }: Credentials,
    challenge: StepUpChallenge,
  ): Promise<Ending> {
    const { state, settings, disposal } = core;
    const dialog = new AbortController();
    const close = () => dialog.abort();
    const unsubscribe = state.subscribe(({ type }) => {
      // Tokens that were only refreshed, here or in another tab, do not complete a step-up.
      const isSame = state.credentials?.tokens.sessionId === tokens.sessionId;
      if (type === 'signed-in' || type === 'signed-out' || !isSame) close();
    });
    disposal.addEventListener('abort', close);
    if (disposal.aborted) close();
    this.#current = dialog;
    const event = { reason: 'step_up', challenge, claims, signal: dialog.signal } as const;
    const isAnswered = await reauthenticate(state, settings, event);
    const { aborted, reason } = dialog.signal;
    close();
    unsubscribe();
    disposal.removeEventListener('abort', close);
    if (reason === SUPERSEDED) return 'superseded';
    return isAnswered || aborted ? 'over' : 'gave up';
  }
}
