import { assertKnown, assertTimes } from './assert.js';
import { coreOf, type Session } from './session.js';
import { startTimer } from './session-timer.js';

export interface WarnBeforeEndOptions {
  /** How many ms before `session.endsAt` the event is emitted. At most 2_147_483_647. @default 300_000 */
  before?: number;
}

/**
 * Emits the event `ending` before the refresh token expires, so that you can ask the user to continue or to sign in again. It is
 * emitted once for each `session.endsAt`: if a refresh prolongs the session, it is emitted again before the new end. Without
 * `endsAt` there is no event.
 * @returns a function that stops it; `session.dispose()` stops it too.
 * @throws {TypeError | RangeError} naming the argument that is wrong.
 */
export function warnBeforeEnd(
  session: Session,
  { before = 300_000, ...unknown }: WarnBeforeEndOptions = {},
): () => void {
  const core = coreOf(session);
  assertTimes({ before }, 1, 'a positive');
  assertKnown(unknown);
  let warnedOf: number | undefined;

  function due(): number {
    const { endsAt } = session;
    if (endsAt === undefined || endsAt === warnedOf || endsAt <= Date.now()) return Number.POSITIVE_INFINITY;
    return Math.max(0, endsAt - before - Date.now());
  }

  function act(): void {
    if (due() > 0) return;
    warnedOf = session.endsAt!;
    core.state.emit({ type: 'ending', endsAt: warnedOf });
  }

  return startTimer(core, due, act);
}
