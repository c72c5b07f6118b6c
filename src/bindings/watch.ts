import type { Session } from '../session.js';

/** What an interface shows of a session. */
export interface SessionView<C extends object = Record<string, unknown>> {
  readonly status: Session['status'];
  readonly claims: Session<C>['claims'];
}

/** Calls `changed` whenever what an interface shows of the session may have changed. Returns what ends it. */
export function watchSession(session: Session, changed: () => void): () => void {
  let ended = false;
  const unsubscribe = session.subscribe(() => changed());
  // That the store was found empty is no event.
  if (session.status === 'restoring') void session.ready.then(() => ended || changed());
  return () => {
    ended = true;
    unsubscribe();
  };
}
