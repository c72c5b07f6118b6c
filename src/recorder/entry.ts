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

/** The number of this tab. Other tabs get 2, 3 and so on, in the order of their first message. */
export const THIS_TAB = 1;
/** This tab before it crashed, or the tab that it is a duplicate of. The recorder cannot tell these apart. */
export const FORMER_TAB = 0;

/** The fields of a recorded event besides its time and its tab. Times are in ms since the epoch, on this computer's clock. */
export interface Facts<Time = number> {
  readonly type: RecordedType;
  /** `signed-out`: why. `reauthenticating`: `'step_up'` if the server wants the user to prove more. */
  readonly reason?: SignedOutReason | 'step_up';
  /** `opened`: the status of the session. */
  readonly status?: Session['status'];
  /** `signed-in`: the sign-in was in another tab, or before this page opened. */
  readonly elsewhere?: true;
  /**
   * The number of the tokens: of the old ones (`refreshing`), otherwise of the new ones. Only if tabs share the session.
   * All tabs give the same tokens the same number. It is not derived from them.
   */
  readonly generation?: number;
  /** When the access token with that number arrived, in any tab. */
  readonly receivedAt?: Time;
  /** When the access token expires. */
  readonly expiresAt?: Time;
  /** When the refresh token expires, if the backend says so. */
  readonly endsAt?: Time;
  /** `refreshing`: ms that the refresh waited for another tab's turn, or for a pause to end. */
  readonly waited?: number;
  /** `refreshed`, `refresh-failed`: ms from the request to the response. */
  readonly took?: number;
  /** `refreshed`: ms by which the server's clock is ahead of this computer's. Only if the access token is a JWT with `exp`. */
  readonly clockOffset?: number;
  /** The code of the `SessionError`. */
  readonly error?: SessionErrorCode;
  /** The HTTP status of the backend's response. */
  readonly answer?: number;
  /** The error code in the response body, if it is a known one, one of the option `codes`, or a number of up to six digits. */
  readonly code?: string;
  /** What else is known about a failure. */
  readonly detail?: FailureDetail;
  /** ms until the next try, at most one hour: a larger number in a `Retry-After` could be a token of digits. */
  readonly retryIn?: number;
  /** `store-failed`: the name of the error, if it is a common one. */
  readonly name?: string;
}

/** An event in a tab. Contains only numbers and known words. */
export interface Entry extends Facts {
  readonly at: number;
  readonly tab: number;
}

/** 400 days in ms. A time that is further away cannot be a time of a session, and is not recorded. */
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
  // A generation is the time of a change, or a little more if two changes coincide.
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

/** Whether the code of a response may be recorded. `more`: the codes of the application. */
export function isKnownCode(code: unknown, more: readonly string[]): code is string {
  if (typeof code !== 'string') return false;
  return ANSWERS.includes(code) || more.includes(code) || /^\d{1,6}$/.test(code);
}

/**
 * Checks an event before it is recorded, from this session, from another tab, or from before a reload. Keeps the fields
 * that have a valid value, and no others. Returns `undefined` if it is not an event.
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
