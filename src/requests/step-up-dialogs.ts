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
  /** How the last dialog about each challenge ended, and how many dialogs had ended by then. */
  readonly #endings = new Map<string, { ending: Ending; serial: number }>();
  #ended = 0;
  #last: Promise<unknown> = Promise.resolve();
  #current: AbortController | undefined;

  /** How many dialogs have ended. */
  get ended(): number {
    return this.#ended;
  }

  /**
   * Asks the user, unless a dialog about this challenge has ended after the request was sent: then its ending counts. `since`:
   * how many dialogs had ended when the request was sent. Never rejects.
   */
  open(core: SessionCore, held: Credentials, challenge: StepUpChallenge, since: number): Promise<Ending> {
    const { code, acrValues, maxAge } = challenge;
    const key = JSON.stringify([code, acrValues, maxAge]);
    const { ending, serial = 0 } = this.#endings.get(key) ?? {};
    if (ending && serial > since) return Promise.resolve(ending);
    return this.#open.get(key) ?? this.#begin(key, () => this.#ask(core, held, challenge));
  }

  /** Closes the dialog, because the user is asked to sign in again. */
  supersede(): void {
    this.#current?.abort(SUPERSEDED);
  }

  #begin(key: string, ask: () => Promise<Ending>): Promise<Ending> {
    const asked = this.#last.then(ask);
    this.#open.set(key, asked);
    this.#last = asked.then((ending) => {
      this.#open.delete(key);
      // For later responses, a dialog that a sign-in superseded counts as over.
      this.#endings.set(key, { ending: ending === 'gave up' ? ending : 'over', serial: ++this.#ended });
    });
    return asked;
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
