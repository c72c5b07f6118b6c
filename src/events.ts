import type { SessionError } from './errors.js';
import type { Claims } from './tokens/claims.js';

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
export interface ReauthenticateEvent {
  /** Who has to sign in again: the claims of the last access token, `null` if it was opaque. For display, never for trust. */
  readonly claims: Claims | null;
  /** Aborts when there is nothing to ask any more: somebody signed in or out in some tab, or the time is over. */
  readonly signal: AbortSignal;
}

/** Something that happened in a session. No event ever holds a token. */
export type SessionEvent =
  /** Somebody signed in: with `signIn`, or the store had tokens. */
  | { readonly type: 'signed-in' }
  /** The backend is being asked for new tokens. */
  | { readonly type: 'refreshing' }
  /** New tokens arrived; `expiresAt` in ms since the epoch, if it is known. */
  | { readonly type: 'refreshed'; readonly expiresAt?: number | undefined }
  /** Another tab, or your application, stored new tokens of the same session. */
  | { readonly type: 'adopted'; readonly expiresAt?: number | undefined }
  /** The backend could not be asked, or it refused. A `signed-out` event follows a refusal. */
  | { readonly type: 'refresh-failed'; readonly error: SessionError }
  /** The backend refused, and `reauthenticate` was called. Requests are held until it ends. */
  | { readonly type: 'reauthenticating' }
  | SignedOutEvent
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
