import { isSessionError, SessionError, wordsOf } from '../errors.js';
import { bounded } from '../wait.js';

/**
 * Waits for Redis, but no longer than `ms`.
 * @throws {SessionError} `refresh_unavailable`. Only the words of the error are kept: a client's error may lead to the command, and so to tokens.
 */
export function reachable<T>(answer: Promise<T>, ms: number): Promise<T> {
  return bounded(answer, undefined, ms).catch((reason) => {
    if (isSessionError(reason, 'refresh_unavailable')) throw reason;
    const cause = wordsOf(reason);
    throw new SessionError('refresh_unavailable', `Redis could not be asked: ${cause.message}`, { cause });
  });
}
