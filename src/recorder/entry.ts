import type { SessionErrorCode } from '../errors.js';
import type { SignedOutReason } from '../events.js';
import { isObject } from '../kind-of.js';
import type { Session } from '../session.js';
import {
  ANSWERS,
  DETAILS,
  ERROR_NAMES,
  ERRORS,
  type FailureDetail,
  REASONS,
  type RecordedType,
  STATUSES,
  TYPES,
} from './words.js';

/** The number of this tab. Others count from 2 on, in the order in which they were heard. */
export const THIS_TAB = 1;
/** This tab before it crashed, or the tab of which it is a copy: there is no telling. */
export const FORMER_TAB = 0;

/** What a recorded event holds beside its time and its tab. Times are in ms since the epoch, by this computer's clock. */
export interface Facts<Time = number> {
  readonly type: RecordedType;
  /** `signed-out`: why. `reauthenticating`: `'step_up'` if the server wants the user to prove more. */
  readonly reason?: SignedOutReason | 'step_up';
  /** `opened`: who is signed in. */
  readonly status?: Session['status'];
  /** `signed-in`: in another tab, or before this page opened. */
  readonly elsewhere?: true;
  /**
   * The number of the tokens: of those that are replaced (`refreshing`), else of the new ones. Only if tabs share the session. All
   * tabs give the same tokens the same number, and it is not made from them.
   */
  readonly generation?: number;
  /** When the access token of that number arrived, in whatever tab. */
  readonly receivedAt?: Time;
  /** When the access token expires. */
  readonly expiresAt?: Time;
  /** When the refresh token expires, if the backend says so. */
  readonly endsAt?: Time;
  /** `refreshing`: ms that the refresh waited for another tab's turn, or for a pause to end. */
  readonly waited?: number;
  /** `refreshed`, `refresh-failed`: ms from the question to the answer. */
  readonly took?: number;
  /** `refreshed`: ms by which the server's clock is ahead of this computer's. Only if the access token is a JWT with `exp`. */
  readonly clockOffset?: number;
  /** The code of the `SessionError`. */
  readonly error?: SessionErrorCode;
  /** The HTTP status that the backend answered. */
  readonly answer?: number;
  /** The error code in the answer's body, if it is a known one, one of the option `codes`, or a number of up to six digits. */
  readonly code?: string;
  /** What else is known of a failure. */
  readonly detail?: FailureDetail;
  /** ms until the next try, an hour at the most: a longer number could be a token of digits in a `Retry-After`. */
  readonly retryIn?: number;
  /** `store-failed`: the name of the error, if it is a usual one. */
  readonly name?: string;
}

/** Something that happened in a tab. Plain numbers and known words. */
export interface Entry extends Facts {
  readonly at: number;
  readonly tab: number;
}

/** 400 days in ms. What is further away is no time of a session, and not recorded. */
const FAR = 400 * 86_400_000;
/** An hour in ms. */
export const LONGEST_PAUSE = 3_600_000;

type Check = (value: unknown, at: number) => boolean;
const isTime: Check = (value, at) => typeof value === 'number' && Math.abs(value - at) < FAR;
const isPause: Check = (value) => typeof value === 'number' && value >= 0 && value <= LONGEST_PAUSE;
const isOneOf =
  (words: object): Check =>
  (value) =>
    typeof value === 'string' && Object.hasOwn(words, value);

const CHECKS: Readonly<Record<Exclude<keyof Facts, 'code'>, Check>> = {
  type: isOneOf(TYPES),
  reason: isOneOf(REASONS),
  status: isOneOf(STATUSES),
  error: isOneOf(ERRORS),
  detail: isOneOf(DETAILS),
  name: (value) => ERROR_NAMES.includes(value as string),
  elsewhere: (value) => value === true,
  // A generation is the time of a change, counted on if two fall together.
  generation: isTime,
  receivedAt: isTime,
  expiresAt: isTime,
  endsAt: isTime,
  clockOffset: (value) => isTime(value, 0),
  waited: isPause,
  took: isPause,
  retryIn: isPause,
  answer: (value) => Number.isInteger(value) && Number(value) > 99 && Number(value) < 600,
};

/** Whether a code of an answer may be recorded. `more`: the application's own. */
export function isKnownCode(code: unknown, more: readonly string[]): code is string {
  if (typeof code !== 'string') return false;
  return ANSWERS.includes(code) || more.includes(code) || /^\d{1,6}$/.test(code);
}

/**
 * The one way into a record, for what this session tells, what another tab says and what was kept over a reload. Takes the facts that
 * have the form they must have and leaves out all else. `undefined` if it is no event.
 */
export function readEntry(given: unknown, codes: readonly string[]): Entry | undefined {
  if (!isObject(given)) return undefined;
  const { at, tab, code } = given;
  if (!isTime(at, Date.now()) || !Number.isInteger(tab) || !CHECKS.type(given.type, 0)) return undefined;
  const facts = Object.entries(CHECKS).filter(
    ([name, holds]) => Object.hasOwn(given, name) && holds(given[name], at as number),
  );
  return {
    at,
    tab,
    ...Object.fromEntries(facts.map(([name]) => [name, given[name]])),
    ...(isKnownCode(code, codes) && { code }),
  } as Entry;
}
