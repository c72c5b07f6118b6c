/** Why a session counts as idle: the user did nothing for `idleAfter`, or the session is older than `absolute`. */
export type IdleReason = 'idle' | 'absolute';

/** Whether the user is active, to show in a user interface. */
export interface IdleView {
  /** `active`: also while nobody is signed in. `warning`: the time is almost over. `idle`: the time is over. */
  readonly status: 'active' | 'warning' | 'idle';
  /** Why the time is almost over, or over. Absent while `active`. */
  readonly reason?: IdleReason;
  /** When the time is over, in ms since the epoch. Absent while `active`. */
  readonly endsAt?: number;
}

/** The times of a session, in all its tabs. In ms since the epoch. */
export interface IdleTimes {
  /** The sign-in that they belong to; `undefined` if no other tab shares the session. */
  readonly sessionId: string | undefined;
  readonly signedInAt: number;
  readonly activeAt: number;
  /** Whether a tab has noticed that the time is over. */
  readonly over?: boolean;
}

/** All in ms. */
export interface IdleLimits {
  readonly idleAfter: number;
  readonly warnBefore: number;
  /** `Infinity`: there is no limit. */
  readonly absolute: number;
}

export const ACTIVE: IdleView = Object.freeze({ status: 'active' });

/** Returns the view at `now`, and in how many ms it changes if the user does nothing. */
export function viewAt(
  now: number,
  { signedInAt, activeAt, over = false }: IdleTimes,
  { idleAfter, warnBefore, absolute }: IdleLimits,
): { view: IdleView; changesIn: number } {
  const idleAt = activeAt + idleAfter;
  const endsAt = Math.min(idleAt, signedInAt + absolute);
  const reason = endsAt < idleAt ? 'absolute' : 'idle';
  const left = over ? 0 : endsAt - now;
  if (left <= 0) return { view: { status: 'idle', reason, endsAt }, changesIn: Number.POSITIVE_INFINITY };
  if (left <= warnBefore) return { view: { status: 'warning', reason, endsAt }, changesIn: left };
  return { view: ACTIVE, changesIn: left - warnBefore };
}

export function isSameView(a: IdleView, b: IdleView): boolean {
  return a.status === b.status && a.reason === b.reason && a.endsAt === b.endsAt;
}
