import { type App, type ComputedRef, computed, type InjectionKey, inject, shallowRef } from 'vue';
import type { Session } from '../session.js';
import { followSignOut, type SessionRouter } from './vue-router.js';
import { type SessionView, watchSession } from './watch.js';

export {
  type GuardedRoute,
  requireSignIn,
  type SessionRouter,
  type SignInGuard,
  type SignInGuardOptions,
} from './vue-router.js';

/** A session with reactive properties, for components. */
export interface ReactiveSession {
  readonly session: Session;
  readonly status: ComputedRef<Session['status']>;
  /** The claims of the access token. They are not verified: use them for display only, never for security decisions. */
  readonly claims: ComputedRef<Session['claims']>;
}

export interface SessionPluginOptions {
  /**
   * When the session ends, the guards of this router run again for the current page. `requireSignIn` then opens the login page, unless the
   * current page is public. @default no router: the current page stays open
   */
  router?: SessionRouter;
}

const KEY: InjectionKey<ReactiveSession> = Symbol('unexpired');

/** Makes `useSession()` work in an app: `app.use(createSessionPlugin(session))`. It stops watching the session when the app unmounts. */
export function createSessionPlugin(
  session: Session,
  { router }: SessionPluginOptions = {},
): { install(app: App): void } {
  return {
    install(app) {
      const [view, stopWatching] = observe(session);
      const stopFollowing = router && followSignOut(session, router);
      app.provide(KEY, view);
      // `app.onUnmount` exists only since Vue 3.5.
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
 * Returns the session of the app with reactive `status` and `claims`. Call it in a component, or wherever `inject()` works.
 * @throws {Error} if the app has no session plugin.
 */
export function useSession(): ReactiveSession {
  const view = inject(KEY, null);
  if (!view)
    throw new Error(
      'useSession() found no session: install the plugin with app.use(createSessionPlugin(session))',
    );
  return view;
}

function observe(session: Session): [ReactiveSession, () => void] {
  // One ref for both, so that no component sees the status of one user with the claims of another.
  const view = shallowRef(viewOf(session));
  const stop = watchSession(session, () => {
    view.value = viewOf(session);
  });
  const status = computed(() => view.value.status);
  const claims = computed(() => view.value.claims);
  return [{ session, status, claims }, stop];
}

function viewOf({ status, claims }: Session): SessionView {
  return { status, claims };
}
