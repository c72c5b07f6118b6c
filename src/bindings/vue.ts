import {
  type App,
  type ComputedRef,
  computed,
  type InjectionKey,
  inject,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
} from 'vue';
import type { IdleWatch } from '../idle/index.js';
import type { IdleView } from '../idle/times.js';
import type { Session } from '../session.js';
import { followSignOut, type SessionRouter } from './vue-router.js';
import { type SessionView, watchSession } from './watch.js';

export type { IdleView } from '../idle/times.js';
export {
  type GuardedRoute,
  requireSignIn,
  type SessionRouter,
  type SignInGuard,
  type SignInGuardOptions,
} from './vue-router.js';

/** A session as components see it. */
export interface ReactiveSession<C extends object = Record<string, unknown>> {
  readonly session: Session<C>;
  readonly status: ComputedRef<Session['status']>;
  /** The claims of the access token: for display, never for trust. */
  readonly claims: ComputedRef<Session<C>['claims']>;
}

export interface SessionPluginOptions {
  /**
   * When the session ends, the guards of this router are asked again about the page that is open: `requireSignIn` then
   * leads to the login page, or leaves a page open that anybody may see. @default nothing is done
   */
  router?: SessionRouter;
}

const KEY: InjectionKey<ReactiveSession> = Symbol('unexpired');

/** Makes `useSession()` work in an app: `app.use(createSessionPlugin(session))`. Lets go of the session on unmount. */
export function createSessionPlugin(
  session: Session,
  { router }: SessionPluginOptions = {},
): { install(app: App): void } {
  return {
    install(app) {
      const [view, stopWatching] = observe(session);
      const stopFollowing = router && followSignOut(session, router);
      app.provide(KEY, view);
      // `app.onUnmount` came with Vue 3.5 only.
      const { unmount } = app;
      app.unmount = () => {
        stopWatching();
        stopFollowing?.();
        unmount();
      };
    },
  };
}

/**
 * The session of the app, reactive; in a component, or wherever else `inject()` works.
 * @throws {Error} if the app has no session plugin.
 */
export function useSession<C extends object = Record<string, unknown>>(): ReactiveSession<C> {
  const view = inject(KEY, null);
  if (!view) throw new Error('useSession() needs a session: app.use(createSessionPlugin(session))');
  return view as ReactiveSession<C>;
}

/**
 * Whether the user counts as absent, reactive: `active`, `warning` or `idle`, with `reason` and `endsAt`. In a component, or in
 * another effect scope, with which it ends.
 */
export function useIdle(watch: IdleWatch): Readonly<ShallowRef<IdleView>> {
  const view = shallowRef(watch.view);
  onScopeDispose(
    watch.subscribe(() => {
      view.value = watch.view;
    }),
  );
  return view;
}

function observe(session: Session): [ReactiveSession, () => void] {
  // One for both, so that nobody ever sees the claims of one user with the status of another.
  const seen = shallowRef(viewOf(session));
  const stop = watchSession(session, () => {
    seen.value = viewOf(session);
  });
  const status = computed(() => seen.value.status);
  const claims = computed(() => seen.value.claims);
  return [{ session, status, claims }, stop];
}

function viewOf({ status, claims }: Session): SessionView {
  return { status, claims };
}
