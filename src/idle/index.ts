import { coreOf, type Session } from '../session.js';
import { userActivity } from './activity.js';
import { readLimits, type WatchIdleOptions } from './options.js';
import type { IdleView } from './times.js';
import { Watcher } from './watcher.js';

export type { ActivitySource } from './activity.js';
export type { IdleEvent, IdleWarning, WatchIdleOptions } from './options.js';
export type { IdleReason, IdleView } from './times.js';

/** Watches whether somebody is there. */
export interface IdleWatch {
  /** What an interface shows. The same object for as long as nothing changes. */
  readonly view: IdleView;
  /** Calls `listener` whenever `view` changes. Returns what ends it. */
  subscribe(listener: () => void): () => void;
  /** Counts as activity: "stay signed in", or a film that is being watched. It has no effect once the time is over. */
  stay(): void;
  /** Stops watching; `session.dispose()` does too. */
  stop(): void;
}

/**
 * Ends a session when nobody has done anything in any tab of it for `idleAfter` ms, after a warning. Refreshes, requests, timers and
 * scripts are no activity. Call it once in each page, next to `createSession`.
 * @throws {TypeError | RangeError} naming the argument that is wrong.
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
