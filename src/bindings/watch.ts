import { type Session, subscribeView } from '../session.js';

/** The part of a session that a user interface shows. */
export interface SessionView<C extends object = Record<string, unknown>> {
  readonly status: Session['status'];
  readonly claims: Session<C>['claims'];
}

/** Calls `changed` whenever the view of the session may have changed. Returns a function that stops it. */
export function watchSession(session: Session, changed: () => void): () => void {
  let stopped = false;
  const unsubscribe = subscribeView(session, changed);
  // There is no event if the session is disposed before its store has been read.
  if (session.status === 'restoring') void session.ready.then(() => stopped || changed());
  return () => {
    stopped = true;
    unsubscribe();
  };
}

/** @throws {TypeError} if `session` is not a session. Modules that import each other in a circle see `undefined`. */
export function assertSession(session: unknown): void {
  if (typeof (session as Session | undefined)?.subscribe === 'function') return;
  throw new TypeError(
    `"session" must be what createSession() returned, got ${session}: look for an import circle`,
  );
}
