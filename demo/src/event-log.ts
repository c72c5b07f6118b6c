import type { Session, SessionEvent } from 'unexpired';
import { ref } from 'vue';

export interface LogEntry {
  readonly id: number;
  readonly time: string;
  readonly text: string;
}

const MAX_ENTRIES = 30;

let serial = 0;

/** Newest first. */
export const entries = ref<LogEntry[]>([]);

export function logEvents(session: Session): () => void {
  return session.subscribe((event) => log(describe(event)));
}

function log(text: string): void {
  const entry = { id: ++serial, time: new Date().toLocaleTimeString('en-GB'), text };
  entries.value = [entry, ...entries.value].slice(0, MAX_ENTRIES);
}

function describe(event: SessionEvent): string {
  switch (event.type) {
    case 'signed-in':
      return event.elsewhere ? 'Signed in in another tab' : 'Signed in';
    case 'refreshing':
      return 'Refresh started';
    case 'refreshed':
      return 'Refreshed';
    case 'adopted':
      return 'Another tab refreshed';
    case 'refresh-failed':
      return `Refresh failed: ${event.error.code}`;
    case 'reauthenticating':
      return 'Asked to sign in again';
    case 'ending':
      return 'The session ends soon';
    case 'revoke-failed':
      return `The server was not told of the sign-out: ${event.error.code}`;
    case 'signed-out':
      return `Signed out: ${event.reason}`;
    case 'store-failed':
      return 'The store failed; tokens are kept in memory';
  }
}
