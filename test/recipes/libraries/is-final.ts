import { isSessionError } from 'unexpired';

/** Whether a request failed for good: above all, because its user is no longer signed in. */
export function isFinal(error: unknown): boolean {
  const reason = isSessionError(error) ? error : (error as Error | undefined)?.cause; // axios, ofetch
  return isSessionError(reason) && !['refresh_unavailable', 'refresh_timeout'].includes(reason.code);
}
