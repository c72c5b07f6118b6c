import { useSyncExternalStore } from 'react';
import type { IdleWatch } from '../idle/index.js';
import { ACTIVE, type IdleView } from '../idle/times.js';
import type { Session } from '../session.js';
import { type SessionView, watchSession } from './watch.js';

export type { IdleView } from '../idle/times.js';
export type { SessionView } from './watch.js';

/** What a server says, and a browser until it has taken over what the server rendered: nobody knows yet. */
const UNKNOWN: SessionView = Object.freeze({ status: 'restoring', claims: null });

/** What `useSyncExternalStore` takes, the same for each component that uses a session. */
interface Source {
  subscribe(changed: () => void): () => void;
  getSnapshot(): SessionView;
}

const sources = new WeakMap<Session, Source>();

/**
 * Who is signed in, as state of a component: it renders again when that changes. The object is the same for as long as
 * nothing changes. On a server, and in the first render over what a server rendered, the status is `restoring`.
 */
export function useSession<C extends object = Record<string, unknown>>(session: Session<C>): SessionView<C> {
  const { subscribe, getSnapshot } = sourceOf(session);
  return useSyncExternalStore(subscribe, getSnapshot, () => UNKNOWN) as SessionView<C>;
}

function sourceOf(session: Session): Source {
  const known = sources.get(session);
  if (known) return known;
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
 * Whether the user counts as absent, as state of a component: `active`, `warning` or `idle`, with `reason` and `endsAt`. On a server
 * it is `active`.
 */
export function useIdle(watch: IdleWatch): IdleView {
  return useSyncExternalStore(
    watch.subscribe,
    () => watch.view,
    () => ACTIVE,
  );
}
