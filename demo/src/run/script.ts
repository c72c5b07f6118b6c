import type { Command, Rules } from '../../backend/messages';
import type { App } from './app';

/** What happens in both columns. */
export interface Script {
  /** How many orders the page requests, all at once. */
  readonly orders: number;
  /** In how many tabs; each requests an equal part. @default 1 */
  readonly tabs?: 1 | 2;
  /** The rules of the backend from the start. */
  readonly rules?: Rules;
  /** The orders are sent while the access token is valid. @default after it has expired */
  readonly fresh?: boolean;
  /** Pulls the cable, before the orders. */
  readonly pull?: readonly Command[];
  /** What another tab does while the backend works on the first refresh. */
  readonly meanwhile?: (app: App) => Promise<void>;
  /** Plugs the cable in again. Then the page requests its orders again, if a user is still signed in. */
  readonly plug?: readonly Command[];
  /** What another tab does at the end. */
  readonly finally?: (app: App) => Promise<unknown>;
}

export type Step = 'signing-in' | 'waiting' | 'ordering' | 'plugged' | 'done';

/** Fifty orders on an expired token, and nothing else goes wrong. */
export const STORY: Script = { orders: 50 };

/** Why the story ends as it does. */
export const REASONS = {
  copied:
    'Each order refreshed for itself, with the same refresh token. The server saw the second use as theft and ended the session.',
  unexpired: 'All orders waited for the same refresh, and were sent with the new token.',
};

/** The code in the left column. */
export type Variant = 'copied' | 'queued';
