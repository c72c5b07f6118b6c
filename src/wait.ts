import { SessionError, signedOut } from './errors.js';

/** Waits for `work`, but not beyond an abort. The work itself goes on: it is not the caller's alone (law 3). */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Bounds `work`, which is told of the end by a signal of its own; the timer does not outlive `signal`.
 * @throws {SessionError} `refresh_timeout` after `ms`.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (limit: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new SessionError('refresh_timeout', `No new tokens within ${ms} ms`)),
    ms,
  );
  signal.addEventListener('abort', () => limit.abort(signedOut()));
  return abortable(work(limit.signal), limit.signal).finally(() => clearTimeout(timer));
}
