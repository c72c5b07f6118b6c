import type { Session } from '../session.js';
import type { Facts } from './entry.js';

/**
 * The tab of an event: this one, or another, numbered in the order of their first message. `'former tab'`: this tab before
 * it crashed, or the tab that it is a duplicate of.
 */
export type TabName = 'this tab' | 'former tab' | `tab ${number}`;

/** A time such as `2026-11-30T10:02:11.042Z`, on this computer's clock. */
export type Moment = string;

/** An earlier refresh with the tokens that the backend refused later. */
export interface ReportedUse {
  readonly tab: TabName;
  /** ms before the refusal. */
  readonly before: number;
  /** Whether that refresh got new tokens. If it did not, its response may have been lost. */
  readonly succeeded: boolean;
  /**
   * How the recorder knows that the tokens are the same: by their `generation`; or, if no tabs share the session, by the
   * millisecond of their `arrival`.
   */
  readonly by: 'generation' | 'arrival';
}

/** An event in a report. */
export interface ReportedEvent extends Facts<Moment> {
  readonly at: Moment;
  readonly tab: TabName;
  /** `adopted`: the tab that refreshed. Absent if no recorder reported it. */
  readonly refreshedBy?: TabName;
  /** `refresh-failed`: an earlier refresh with the refused tokens. */
  readonly usedBefore?: ReportedUse;
}

/** The result of `report()`. You can show it to anybody: it contains only times, numbers and known words. */
export interface Report {
  /** The version of this package. */
  readonly version: string;
  readonly madeAt: Moment;
  /** The status of the session. */
  readonly status: Session['status'];
  /** Where the refresh token is, as far as this page knows. */
  readonly refreshToken: 'cookie' | 'page' | 'none';
  /** How many older events were left out. */
  readonly dropped: number;
  /** The events of this tab and of other tabs that record, the oldest first. */
  readonly events: readonly ReportedEvent[];
  /** The same as text, with one event per line, in the computer's own time zone. */
  readonly text: string;
}
