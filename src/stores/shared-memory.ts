import { assertKnown, assertTexts } from '../assert.js';
import { SharedSession } from '../coordination/shared-session.js';
import { HandOver } from '../tabs/hand-over.js';
import { TabMeeting } from '../tabs/tab-meeting.js';
import { memoryStore } from './memory.js';
import type { TokenStore } from './store.js';

export interface SharedMemoryOptions {
  /** The name by which tabs find each other. Sessions of another backend on this origin need another. @default 'memory' */
  key?: string;
}

/**
 * Keeps tokens in memory, and yet the tabs of this browser are one session: a tab asks another for the access token, never for the
 * refresh token, and nothing is written to the disk. A new tab is signed in as long as another one is open.
 * @throws {TypeError} if `key` is not a non-empty string.
 */
export function sharedMemoryStore({ key = 'memory', ...unknown }: SharedMemoryOptions = {}): TokenStore {
  assertTexts({ key });
  assertKnown(unknown);
  return {
    ...memoryStore(),
    coordination: {
      name: key,
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
