import type { SessionErrorCode } from '../errors.js';
import type { SessionEvent, SignedOutReason } from '../events.js';
import type { Session } from '../session.js';

/** The type of a recorded event, of the session or of the page. */
export type RecordedType = SessionEvent['type'] | 'opened' | 'left' | 'returned';

/** What the SDK knows about a failed refresh besides the response. */
export type FailureDetail =
  /** No response: no network, a wrong address, or CORS. */
  | 'unreachable'
  /** The backend answered with a redirect. */
  | 'redirect'
  /** The response is not JSON: e.g. the page of a proxy, or of a public Wi-Fi. */
  | 'not_json'
  /** The response has no end, or is far too long for tokens. */
  | 'too_long'
  /** This tab has no refresh token. */
  | 'no_refresh_token'
  /** With `sharedMemoryStore`: all tabs that had the refresh token are closed. */
  | 'no_tab_has_it'
  /** Another tab or another process sent the request for this one, and failed. */
  | 'failed_elsewhere';

/**
 * All words that a record may contain, each with its text in a report. A record takes no other words, so nothing that a
 * server, a store or another tab says can put a token into it.
 */
export const TYPES: Readonly<Record<RecordedType, string>> = {
  opened: 'page opened',
  left: 'page left',
  returned: 'page shown again',
  'signed-in': 'signed in',
  refreshing: 'asks for new tokens',
  refreshed: 'got new tokens',
  adopted: 'took over new tokens',
  'refresh-failed': 'refresh failed',
  reauthenticating: 'asks the user to sign in again in place',
  ending: 'the refresh token expires soon',
  'signed-out': 'signed out',
  'revoke-failed': 'the server could not be told of the sign-out',
  'store-failed': 'the token store failed',
};

export const REASONS: Readonly<Record<SignedOutReason | 'step_up', string>> = {
  signed_out: 'signOut() was called',
  refresh_rejected: 'the backend refused the refresh token',
  signed_out_elsewhere: 'another tab signed out, or the store was emptied',
  step_up: 'the server wants the user to prove more',
};

export const ERRORS: Readonly<Record<SessionErrorCode, string>> = {
  refresh_rejected: 'refresh refused',
  refresh_unavailable: 'refresh failed',
  refresh_timeout: 'refresh failed: no answer in time',
  invalid_token_response: 'refresh failed: the answer has no usable tokens',
  signed_out: 'nobody is signed in',
  session_changed: 'another user has signed in',
  request_not_replayable: 'the request cannot be sent again',
  revoke_failed: 'the server could not be told of the sign-out',
  no_access_token: 'no script can read the access token',
};

export const DETAILS: Readonly<Record<FailureDetail, string>> = {
  unreachable: 'the backend could not be reached',
  redirect: 'a redirect',
  not_json: 'not JSON',
  too_long: 'an answer without an end',
  no_refresh_token: 'there is no refresh token',
  no_tab_has_it: 'no open tab has the refresh token',
  failed_elsewhere: 'another tab or process asked, and failed',
};

export const STATUSES: Readonly<Record<Session['status'], string>> = {
  restoring: 'not known yet who is signed in',
  'signed-in': 'signed in',
  'signed-out': 'signed out',
};

/** Names of errors that a store may throw. */
export const ERROR_NAMES: readonly string[] = [
  ...['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'EvalError', 'URIError'],
  ...['AbortError', 'DataCloneError', 'DataError', 'InvalidStateError', 'NetworkError', 'NotAllowedError'],
  ...['NotFoundError', 'QuotaExceededError', 'SecurityError', 'SessionError', 'TimeoutError', 'UnknownError'],
];

/** Error codes of token endpoints: RFC 6749, 6750, 9449 and 9470, OpenID Connect, djangorestframework-simplejwt. */
export const ANSWERS: readonly string[] = [
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type'],
  ...['invalid_scope', 'access_denied', 'server_error', 'temporarily_unavailable', 'invalid_token'],
  ...['insufficient_scope', 'invalid_dpop_proof', 'use_dpop_nonce', 'insufficient_user_authentication'],
  ...['login_required', 'interaction_required', 'consent_required', 'account_selection_required'],
  'token_not_valid',
];
