import { SessionError } from './errors.js';

/**
 * Waits for `work`, until `signal` aborts or `ms` have passed. The work itself continues, because others may wait for it too. Leaves no
 * timer and no listener behind.
 * @throws {SessionError} `refresh_timeout` after `ms`. @throws the signal's reason on abort.
 */
export function bounded<T>(work: Promise<T>, signal: AbortSignal | undefined, ms?: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort!: () => void;
  return new Promise<T>((resolve, reject) => {
    abort = () => reject(signal?.reason);
    const tooLate = () => reject(new SessionError('refresh_timeout', `No answer within ${ms} ms`));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    if (ms !== undefined) timer = setTimeout(tooLate, ms);
    work.then(resolve, reject);
  }).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  });
}
