import { isAxiosError } from 'axios';
import { isSessionError } from 'unexpired';

/** Returns the reason why a request failed, for the user. */
export function reasonOf(error: unknown): string {
  const cause = isAxiosError(error) ? (error.cause ?? error) : error;
  if (isSessionError(cause, 'refresh_rejected') || isSessionError(cause, 'signed_out'))
    return 'the session has ended';
  if (isSessionError(cause, 'refresh_unavailable') || isSessionError(cause, 'refresh_timeout'))
    return 'the token could not be refreshed';
  if (isAxiosError(error) && error.response)
    return `the backend answered with status ${error.response.status}`;
  return 'the backend cannot be reached';
}
