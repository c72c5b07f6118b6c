import { assertCallbacks, assertKnown, assertTimes } from '../assert.js';
import type { ActivitySource } from './activity.js';
import type { IdleLimits, IdleReason } from './times.js';

/** Passed to `onWarning`: the time is almost over. */
export interface IdleWarning {
  /** `absolute`: the session reaches its maximum age, which `stay` cannot extend. */
  readonly reason: IdleReason;
  /** When the time is over, in ms since the epoch. */
  readonly endsAt: number;
  /** Aborts when the warning ends, for any reason and in any tab: close the dialog. */
  readonly signal: AbortSignal;
  /** "Stay signed in": counts as activity, and closes the warning in all tabs. */
  stay(): void;
}

/** Passed to `onIdle`: the time is over. */
export interface IdleEvent {
  readonly reason: IdleReason;
  /** Whether another tab noticed it first. `onIdle` is called in each tab, and with `elsewhere: false` in one of them. */
  readonly elsewhere: boolean;
}

export interface WatchIdleOptions {
  /** ms without activity in any tab after which the user counts as absent. At most 2_147_483_647. */
  idleAfter: number;
  /** ms before the end when `onWarning` is called. Less than `idleAfter`; `0`: no warning. @default 60_000, at most half of `idleAfter` */
  warnBefore?: number;
  /** The maximum age of the session: ms after the sign-in when it ends, whatever the user does. @default no limit */
  absolute?: number;
  /** Called in each tab when a warning begins. */
  onWarning?(warning: IdleWarning): void;
  /** Called in each tab when the time is over. @default signs out */
  onIdle?(event: IdleEvent): void;
  /**
   * Where activity comes from, e.g. `AppState` in React Native. The function gets a callback to call for each activity, and
   * returns a function that stops it.
   * @default the user's keys, clicks, touches, wheel and pointer moves in this page
   */
  activity?: ActivitySource;
}

/** @throws {TypeError | RangeError} if an option is invalid; the message names the option. */
export function readLimits({
  idleAfter,
  warnBefore,
  absolute = Number.POSITIVE_INFINITY,
  onWarning,
  onIdle,
  activity,
  ...unknown
}: WatchIdleOptions): IdleLimits {
  assertKnown(unknown);
  assertTimes({ idleAfter }, 1, 'a positive');
  const warned = warnBefore ?? Math.min(60_000, idleAfter / 2);
  assertTimes({ warnBefore: warned }, 0, 'a non-negative');
  if (warned >= idleAfter)
    throw new RangeError(`"warnBefore" must be less than "idleAfter", ${idleAfter} ms, got ${warned}`);
  if (absolute !== Number.POSITIVE_INFINITY) assertTimes({ absolute }, 1, 'a positive');
  assertCallbacks({ onWarning, onIdle, activity });
  return { idleAfter, warnBefore: warned, absolute };
}
