/** Why the session could not do what you asked. The codes never change their meaning. */
export type SessionErrorCode =
  /** Nobody is signed in, or the user signed out while the request waited. */
  | 'signed_out'
  /** The backend refused the refresh token: the session has ended, the user must sign in again. */
  | 'refresh_rejected'
  /** The backend could not be reached, or has a temporary problem. The session stays; try again later. */
  | 'refresh_unavailable'
  /** The backend did not answer within `refreshTimeout`. The session stays; try again later. */
  | 'refresh_timeout'
  /** Another user signed in while the request waited. It was not sent with the new user's token. */
  | 'session_changed'
  /** The backend's response, or the argument of `signIn`, has no usable access token. */
  | 'invalid_token_response'
  /** The request was refused, and its body (a stream) cannot be sent a second time. */
  | 'request_not_replayable'
  /** The user is signed out, but the server could not be told. Only in the event `revoke-failed`. */
  | 'revoke_failed'
  /** `getAccessToken()` was called, but the access token is in an HttpOnly cookie, where no script can read it. */
  | 'no_access_token';

export interface SessionErrorOptions {
  /** The original error. No token may be reachable through it. @default none */
  cause?: unknown;
  /** ms to wait before the next try, if the backend says so. @default unknown */
  retryAfter?: number | undefined;
}

/** The error class of this SDK. With axios it is the `cause` of the `AxiosError` that you catch. */
export class SessionError extends Error {
  /** `'AbortError'` only with session fetch: the user who made the request is no longer signed in. */
  override readonly name: 'SessionError' | 'AbortError' = 'SessionError';
  /** What happened. A code never changes its meaning. */
  readonly code: SessionErrorCode;
  /** ms to wait before the next try. Absent if unknown. */
  declare readonly retryAfter?: number;

  constructor(code: SessionErrorCode, message: string, options: SessionErrorOptions = {}) {
    super(message, options);
    this.code = code;
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter;
  }
}

/** Whether a value is a `SessionError`, even one from another realm or another copy of this package. */
export function isSessionError(value: unknown, code?: SessionErrorCode): value is SessionError {
  const { name, code: own } = (value ?? {}) as Partial<SessionError>;
  // Every other `AbortError` has no code, a number, or a code in capitals.
  const isOurs = (name === 'SessionError' || name === 'AbortError') && own === String(own).toLowerCase();
  return isOurs && (code ?? own) === own;
}

export function signedOut(message = 'The user is signed out'): SessionError {
  return new SessionError('signed_out', message);
}

export function sessionChanged(): SessionError {
  return new SessionError('session_changed', 'Another user has signed in');
}

export function unavailable(reason: unknown): SessionError {
  const cause = wordsOf(reason);
  return new SessionError('refresh_unavailable', `The refresh failed: ${cause.message}`, { cause });
}

/**
 * Copies only the name, message and stack of an error. Other fields may lead to a token, such as the `config` of an `AxiosError`.
 */
export function wordsOf(reason: unknown): Error {
  const { name = 'Error', message = String(reason), stack } = (reason ?? {}) as Partial<Error>;
  return Object.assign(new Error(message), { name, stack });
}
