import { isSessionError, SessionError, wordsOf } from '../errors.js';

/** The wait consists of this many short timers. Late timers show that this process was too busy to read the reply. */
const SLICES = 10;

/**
 * Waits for a reply of Redis, but no longer than `ms`. Time in which this process was blocked does not count: a reply from
 * that time has not been read yet.
 * @throws {SessionError} `refresh_unavailable`. Its `cause` has only the name, message and stack of the error: a client's
 * error may contain the command, and so tokens.
 */
export async function reachable<T>(answer: Promise<T>, ms: number): Promise<T> {
  const limit = startLimit(ms);
  try {
    return await Promise.race([answer, limit.passed]);
  } catch (reason) {
    if (isSessionError(reason, 'refresh_unavailable')) throw reason;
    const cause = wordsOf(reason);
    const message = `Redis failed: ${cause.message || cause.name}`;
    throw new SessionError('refresh_unavailable', message, { cause });
  } finally {
    limit.stop();
  }
}

/**
 * `passed` rejects after `ms`. A slice that ends late does not count, and another one follows. A process that is always
 * late waits for at most twice as many slices.
 */
function startLimit(ms: number): { passed: Promise<never>; stop(): void } {
  const slice = Math.ceil(ms / SLICES);
  let timer: ReturnType<typeof setTimeout>;
  const passed = new Promise<never>((_, reject) => {
    let ended = 0;
    let onTime = 0;
    const wait = () => {
      const began = performance.now();
      timer = setTimeout(() => {
        if (performance.now() - began < slice * 1.5) onTime++;
        if (onTime < SLICES && ++ended < 2 * SLICES) wait();
        else reject(new Error(`No answer within ${ms} ms`));
      }, slice);
    };
    wait();
  });
  return { passed, stop: () => clearTimeout(timer) };
}
