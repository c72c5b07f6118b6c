import { coreOf, type Session } from '../session.js';
import { userActivity } from './activity.js';
import { readLimits, type WatchIdleOptions } from './options.js';
import type { IdleView } from './times.js';
import { Watcher } from './watcher.js';

export type { ActivitySource } from './activity.js';
export type { IdleEvent, IdleWarning, WatchIdleOptions } from './options.js';
export type { IdleReason, IdleView } from './times.js';

/** Watches whether the user is active. */
export interface IdleWatch {
  /** The current state, to show in a user interface. The same object until something changes. */
  readonly view: IdleView;
  /** Calls `listener` whenever `view` changes. Returns a function that stops it. */
  subscribe(listener: () => void): () => void;
  /** Counts as activity, e.g. for a button "Stay signed in", or while a video plays. Has no effect once the time is over. */
  stay(): void;
  /** Stops watching; `session.dispose()` does too. */
  stop(): void;
}

/**
 * Signs out, or calls `onIdle`, when the user has done nothing in any tab of the session for `idleAfter` ms. Calls
 * `onWarning` before that. Refreshes, requests, timers and scripts are no activity. Call it once in each page, next to
 * `createSession`.
 * @throws {TypeError | RangeError} if an argument is invalid; the message names it.
 */
export function watchIdle(session: Session, options: WatchIdleOptions): IdleWatch {
  const core = coreOf(session);
  const limits = readLimits(options ?? {});
  const { activity = userActivity, onIdle = () => void session.signOut() } = options;
  const watcher = new Watcher(core, { ...options, onIdle }, limits);
  const { disposal } = core;
  const end = watcher.start(activity);
  const stop = () => {
    end();
    disposal.removeEventListener('abort', stop);
  };
  disposal.addEventListener('abort', stop);
  if (disposal.aborted) stop();
  return {
    get view() {
      return watcher.display.view;
    },
    subscribe: (listener) => watcher.display.subscribe(listener),
    stay: () => watcher.onActivity(),
    stop,
  };
}
