import { assertKnown, assertTexts } from '../assert.js';
import type { Coordination } from '../coordination/coordination.js';
import { SharedSession } from '../coordination/shared-session.js';
import { TabMeeting } from './tab-meeting.js';

export interface TabsOptions {
  /** Whether tokens may be written to IndexedDB, and so to the disk. @default true */
  persistent?: boolean;
}

/**
 * Makes the tabs of this browser one session: they take turns to refresh, and share a ledger in IndexedDB. Add it to a store that
 * all tabs of the origin share: `{ read, write, coordination: tabs('app') }`. `localStorageStore` and `cookieBackend` already
 * have it.
 * @param name sessions with the same name on one origin are one session.
 * @throws {TypeError} if `name` is not a non-empty string.
 */
export function tabs(name: string, { persistent = true, ...unknown }: TabsOptions = {}): Coordination {
  assertKnown(unknown);
  assertTexts({ name });
  return {
    name,
    join(member) {
      const { refreshUrl } = member.settings.backend;
      return new SharedSession(member, new TabMeeting(name, refreshUrl, persistent));
    },
  };
}
