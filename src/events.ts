import type { StepUpChallenge } from './backends/backend.js';
import type { SessionError } from './errors.js';

/** Why a session ended. */
export type SignedOutReason =
  /** `signOut()` was called in this tab. */
  | 'signed_out'
  /** The backend refused the refresh token. */
  | 'refresh_rejected'
  /** Another tab signed out, or your application emptied the store. */
  | 'signed_out_elsewhere';

/** The argument of `onSignedOut`. */
export interface SignedOutEvent {
  readonly type: 'signed-out';
  readonly reason: SignedOutReason;
  /** Path, query and fragment of the page on which the session ended; `'/'` outside a browser. */
  readonly returnTo: string;
}

/** The argument of `reauthenticate`. */
export type ReauthenticateEvent<C extends object = Record<string, unknown>> = ReauthenticateDetails<C> &
  (
    | {
        /** Absent: the backend refused the refresh token, and the user must sign in again. */
        readonly reason?: undefined;
        readonly challenge?: undefined;
      }
    | {
        /** The server requires a stronger sign-in (a step-up). Only with `withStepUp`. */
        readonly reason: 'step_up';
        readonly challenge: StepUpChallenge;
      }
  );

export interface ReauthenticateDetails<C extends object> {
  /**
   * The claims of the last access token, which show who has to sign in again. `null` if the token is opaque. For display only:
   * they are not verified.
   */
  readonly claims: Readonly<C> | null;
  /**
   * Aborts when the dialog is no longer needed: a user signed in or out in any tab, the session was disposed, or
   * `reauthenticateTimeout` has passed.
   */
  readonly signal: AbortSignal;
}

/** Something that happened in a session. Events contain no tokens. */
export type SessionEvent =
  /**
   * A user signed in: with `signIn` on this page, with tokens that your application wrote to its own store, or, with
   * `elsewhere: true`, in another tab or before this page opened.
   */
  | { readonly type: 'signed-in'; readonly elsewhere?: true | undefined }
  /**
   * A refresh request is sent to the backend. `waited`: ms that the refresh waited for another tab's turn, or for a pause to end.
   */
  | { readonly type: 'refreshing'; readonly waited: number }
  /** New tokens arrived; `expiresAt` in ms since the epoch, if it is known. */
  | { readonly type: 'refreshed'; readonly expiresAt?: number | undefined }
  /** Another tab, or your application, stored new tokens of the same user, and this session now uses them. */
  | { readonly type: 'adopted'; readonly expiresAt?: number | undefined }
  /** The refresh failed. If the backend refused it, a `signed-out` event follows. */
  | { readonly type: 'refresh-failed'; readonly error: SessionError }
  /** `reauthenticate` was called. Requests that need it wait until it settles. `reason`: absent after a refused refresh. */
  | { readonly type: 'reauthenticating'; readonly reason?: 'step_up' | undefined }
  /** The refresh token expires soon, at `endsAt`, in ms since the epoch. Only with `warnBeforeEnd`. */
  | { readonly type: 'ending'; readonly endsAt: number }
  | SignedOutEvent
  /** The user is signed out, but the server could not be told. The tokens may still be valid there. */
  | { readonly type: 'revoke-failed'; readonly error: SessionError }
  /** The store threw, or did not answer within `refreshTimeout`. The session continues in memory. */
  | { readonly type: 'store-failed'; readonly error: Error };

export type SessionListener = (event: SessionEvent) => void;

/** Calls a function of the application. Its errors are reported, and never reach the session. */
export function callOut<Args extends unknown[], Result>(
  callback: ((...args: Args) => Result) | undefined,
  ...args: Args
): Result | undefined {
  try {
    return callback?.(...args);
  } catch (error) {
    report(error);
    return undefined;
  }
}

/** Reports an error of the application as an event target does: https://html.spec.whatwg.org/#report-the-exception */
export function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
