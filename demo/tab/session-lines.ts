import type { Session, SessionEvent } from 'unexpired';

/** Calls `add` with a line for each event of a session. Returns a function that stops it. */
export function logLines(
  session: Session,
  add: (line: string, type: SessionEvent['type']) => void,
): () => void {
  return session.subscribe((event) => add(lineOf(event), event.type));
}

function lineOf(event: SessionEvent): string {
  switch (event.type) {
    case 'signed-in':
      return event.elsewhere ? 'Signed in in another tab' : 'Signed in';
    case 'refreshing':
      return 'Refresh started';
    case 'refreshed':
      return 'Refreshed';
    case 'adopted':
      return 'Adopted the new tokens of another tab';
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
