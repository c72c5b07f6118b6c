import { isSessionError, SessionError, wordsOf } from '../errors.js';

/** The wait is a row of this many short timers, so that it shows when this process was too busy to hear Redis. */
const SLICES = 10;

/**
 * Waits for Redis, but no longer than `ms`. Time in which this process itself stood still does not count: whatever Redis answered then
 * is still to be read.
 * @throws {SessionError} `refresh_unavailable`. Only the words of the error are kept: a client's error may lead to the command, and so to tokens.
 */
export async function reachable<T>(answer: Promise<T>, ms: number): Promise<T> {
  const limit = startLimit(ms);
  try {
    return await Promise.race([answer, limit.passed]);
  } catch (reason) {
    if (isSessionError(reason, 'refresh_unavailable')) throw reason;
    const cause = wordsOf(reason);
    const message = `Redis could not be asked: ${cause.message || cause.name}`;
    throw new SessionError('refresh_unavailable', message, { cause });
  } finally {
    limit.stop();
  }
}

/**
 * `passed` rejects after `ms`. A slice that ends late does not count: another one follows. A process that is always late waits for
 * twice as many slices at the most.
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
