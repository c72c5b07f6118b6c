import type { Session } from '../session.js';
import type { Facts } from './entry.js';

/**
 * In which tab something happened: this one, or another, by the order in which they were heard. `'former tab'`: this one before it
 * crashed, or the one of which it is a copy.
 */
export type TabName = 'this tab' | 'former tab' | `tab ${number}`;

/** A moment as `2026-11-30T10:02:11.042Z`, by this computer's clock. */
export type Moment = string;

/** An earlier refresh with the tokens that the backend refused later. */
export interface ReportedUse {
  readonly tab: TabName;
  /** ms before the refusal. */
  readonly before: number;
  /** Whether that refresh got new tokens. If it did not, its answer may have been lost on the way. */
  readonly succeeded: boolean;
  /**
   * By what the tokens are known to be the same: their `generation`; or, where no tabs share the session, the millisecond of their
   * `arrival`.
   */
  readonly by: 'generation' | 'arrival';
}

/** An event in a report. */
export interface ReportedEvent extends Facts<Moment> {
  readonly at: Moment;
  readonly tab: TabName;
  /** `adopted`: which tab had refreshed. Absent if no recorder has told. */
  readonly refreshedBy?: TabName;
  /** `refresh-failed`: the tokens that were refused had been used before. */
  readonly usedBefore?: ReportedUse;
}

/** What `report()` returns. All of it can be shown to anybody: it holds times, numbers and known words. */
export interface Report {
  /** The version of this package. */
  readonly version: string;
  readonly madeAt: Moment;
  /** Who is signed in now. */
  readonly status: Session['status'];
  /** Where the refresh token is, as far as this page knows. */
  readonly refreshToken: 'cookie' | 'page' | 'none';
  /** How many older events were left out. */
  readonly dropped: number;
  /** The events of this tab and those that other tabs told of, the oldest first. */
  readonly events: readonly ReportedEvent[];
  /** The same for people, in the computer's own time zone, one event a line. */
  readonly text: string;
}
