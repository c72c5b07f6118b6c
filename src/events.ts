import type { StepUpChallenge } from './backends/backend.js';
import type { SessionError } from './errors.js';

/** Why a session ended. */
export type SignedOutReason =
  /** `signOut()` was called in this tab. */
  | 'signed_out'
  /** The backend refused the refresh token. */
  | 'refresh_rejected'
  /** The store was emptied by somebody else: another tab, or the application itself. */
  | 'signed_out_elsewhere';

/** What `onSignedOut` is told, once per ended session. */
export interface SignedOutEvent {
  readonly type: 'signed-out';
  readonly reason: SignedOutReason;
  /** Path, query and fragment of the page on which the session ended; `'/'` outside a browser. */
  readonly returnTo: string;
}

/** What `reauthenticate` is told. */
export type ReauthenticateEvent<C extends object = Record<string, unknown>> = ReauthenticateDetails<C> &
  (
    | {
        /** Absent: the backend has refused the refresh token, and the user must sign in again. */
        readonly reason?: undefined;
        readonly challenge?: undefined;
      }
    | {
        /** The server asks the user to prove more. Only with `withStepUp`. */
        readonly reason: 'step_up';
        readonly challenge: StepUpChallenge;
      }
  );

export interface ReauthenticateDetails<C extends object> {
  /** Who has to sign in again: the claims of the last access token, `null` if it was opaque. For display, never for trust. */
  readonly claims: Readonly<C> | null;
  /** Aborted when there is nothing to ask any more: signed in or out meanwhile, in whatever tab, or the time is over. */
  readonly signal: AbortSignal;
}

/** What happened in a session. No event ever holds a token. */
export type SessionEvent =
  /**
   * Somebody signed in: by `signIn` on this page, by tokens that the application wrote to its own store, or, with
   * `elsewhere: true`, in another tab or before this page opened.
   */
  | { readonly type: 'signed-in'; readonly elsewhere?: true | undefined }
  /** The backend is being asked for new tokens. */
  | { readonly type: 'refreshing' }
  /** New tokens have arrived; `expiresAt` in ms since the epoch, where it is known. */
  | { readonly type: 'refreshed'; readonly expiresAt?: number | undefined }
  /** Another tab, or the application itself, stored new tokens of the same session. */
  | { readonly type: 'adopted'; readonly expiresAt?: number | undefined }
  /** The backend could not be asked, or refused. After a refusal a `signed-out` event follows. */
  | { readonly type: 'refresh-failed'; readonly error: SessionError }
  /** `reauthenticate` was called, and requests are held until it ends. `reason`: why, as it is told. */
  | { readonly type: 'reauthenticating'; readonly reason?: 'step_up' | undefined }
  /** The refresh token expires soon, at `endsAt`, in ms since the epoch. Only with `warnBeforeEnd`. */
  | { readonly type: 'ending'; readonly endsAt: number }
  | SignedOutEvent
  /** The user is signed out, but the server could not be told: what it issued may still be good there. */
  | { readonly type: 'revoke-failed'; readonly error: SessionError }
  /** The store threw, or did not answer within `refreshTimeout`. The session goes on in memory. */
  | { readonly type: 'store-failed'; readonly error: Error };

export type SessionListener = (event: SessionEvent) => void;

/** Calls application code whose errors are the application's: reported, never thrown into the session. */
export function callOut<Args extends unknown[], Result>(
  callback: ((...args: Args) => Result) | undefined,
  ...args: Args
): Result | undefined {
  try {
    return callback?.(...args);
  } catch (error) {
    // As an event target does: https://html.spec.whatwg.org/#report-the-exception
    queueMicrotask(() => {
      throw error;
    });
    return undefined;
  }
}
