import { useSyncExternalStore } from 'react';
import type { IdleWatch } from '../idle/index.js';
import { ACTIVE, type IdleView } from '../idle/times.js';
import type { Session } from '../session.js';
import { assertSession, type SessionView, watchSession } from './watch.js';

export type { IdleView } from '../idle/times.js';
export type { SessionView } from './watch.js';

/** The state on a server, and in a browser during hydration: not known yet. */
const UNKNOWN: SessionView = Object.freeze({ status: 'restoring', claims: null });

/** The arguments of `useSyncExternalStore`. All components that use a session share them. */
interface Source {
  subscribe(changed: () => void): () => void;
  getSnapshot(): SessionView;
}

const sources = new WeakMap<Session, Source>();

/**
 * Returns the status and the claims of a session, and renders the component again when they change. Until then it returns the same
 * object. On a server and during hydration, the status is `restoring`.
 * @throws {TypeError} with React 17 or older.
 */
export function useSession<C extends object = Record<string, unknown>>(session: Session<C>): SessionView<C> {
  if (!useSyncExternalStore)
    throw new TypeError('useSession() needs React 18; docs/environments.md has a hook for React 17');
  const { subscribe, getSnapshot } = sourceOf(session);
  return useSyncExternalStore(subscribe, getSnapshot, () => UNKNOWN) as SessionView<C>;
}

function sourceOf(session: Session): Source {
  const existing = sources.get(session);
  if (existing) return existing;
  assertSession(session);
  let last = UNKNOWN;
  const source: Source = {
    subscribe: (changed) => watchSession(session, changed),
    getSnapshot() {
      const { status, claims } = session;
      if (status !== last.status || claims !== last.claims) last = Object.freeze({ status, claims });
      return last;
    },
  };
  sources.set(session, source);
  return source;
}

/**
 * Returns whether the user counts as absent (`active`, `warning` or `idle`, with `reason` and `endsAt`), and renders the
 * component again when that changes. On a server, the status is `active`.
 */
export function useIdle(watch: IdleWatch): IdleView {
  return useSyncExternalStore(
    watch.subscribe,
    () => watch.view,
    () => ACTIVE,
  );
}
