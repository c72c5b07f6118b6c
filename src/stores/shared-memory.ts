import { assertKnown, assertTexts } from '../assert.js';
import { SharedSession } from '../coordination/shared-session.js';
import { HandOver } from '../tabs/hand-over.js';
import { TabMeeting } from '../tabs/tab-meeting.js';
import { memoryStore } from './memory.js';
import type { TokenStore } from './store.js';

export interface SharedMemoryOptions {
  /** The name by which tabs find each other. Sessions with another backend on this origin need another name. @default 'memory' */
  key?: string;
}

/**
 * Keeps tokens in memory, but shares the session between the tabs of this browser. A tab asks other tabs for the access token,
 * never for the refresh token, and no token is written to disk. A new tab is signed in as long as another tab is open.
 * @throws {TypeError} if `key` is not a non-empty string.
 */
export function sharedMemoryStore({ key = 'memory', ...unknown }: SharedMemoryOptions = {}): TokenStore {
  assertTexts({ key });
  assertKnown(unknown);
  return {
    ...memoryStore(),
    coordination: {
      name: key,
      keepsRefreshToken: true,
      join(member) {
        const meeting = new TabMeeting(key, member.settings.backend.refreshUrl, false, (message) =>
          handOver.onMessage(message),
        );
        const handOver = new HandOver(member, meeting);
        return new SharedSession(member, meeting, handOver);
      },
    },
  };
}
