import { isAxiosError } from 'axios';
import { isSessionError } from 'unexpired';

/** Why an order was not answered, in words for the user. */
export function reasonOf(error: unknown): string {
  const cause = isAxiosError(error) ? (error.cause ?? error) : error;
  if (isSessionError(cause, 'refresh_rejected') || isSessionError(cause, 'signed_out'))
    return 'the session has ended';
  if (isSessionError(cause, 'refresh_unavailable') || isSessionError(cause, 'refresh_timeout'))
    return 'no new token could be had';
  if (isAxiosError(error) && error.response)
    return `the backend answered with status ${error.response.status}`;
  return 'the backend cannot be reached';
}
