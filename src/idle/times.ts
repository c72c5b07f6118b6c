/** Why a session counts as idle: nobody did anything for `idleAfter`, or the session is older than `absolute`. */
export type IdleReason = 'idle' | 'absolute';

/** What an interface shows. */
export interface IdleView {
  /** `active` too while nobody is signed in. `idle`: the time is over. */
  readonly status: 'active' | 'warning' | 'idle';
  /** What the time is or was running out for. Absent while `active`. */
  readonly reason?: IdleReason;
  /** ms since the epoch: when the time is over. Absent while `active`. */
  readonly endsAt?: number;
}

/** When things happened in a session, in whatever tab. In ms since the epoch. */
export interface IdleTimes {
  /** The sign-in that they belong to; `undefined` where no other tab shares the session. */
  readonly sessionId: string | undefined;
  readonly signedInAt: number;
  readonly activeAt: number;
  /** A tab has found the time to be over. */
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

/** What is to be shown at `now`, and in how many ms that changes if nothing happens. */
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
