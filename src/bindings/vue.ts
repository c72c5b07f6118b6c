import { customRef, type InjectionKey, inject, type Ref, shallowRef } from 'vue';
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

/** A session as components see it. */
export interface ReactiveSession {
  readonly session: Session;
  readonly status: Readonly<Ref<Session['status']>>;
  /** The claims of the access token: for display, never for trust. */
  readonly claims: Readonly<Ref<Session['claims']>>;
}

export interface SessionPluginOptions {
  /**
   * When the session ends, the guards of this router are asked again about the page that is open: `requireSignIn` then
   * leads to the login page, or leaves a page open that anybody may see. @default nothing is done
   */
  router?: SessionRouter;
}

/** What is asked of an app: an app of Vue 3, or `Vue` itself, which is all that Vue 2.7 has. */
export interface VueApp {
  provide?(key: symbol, value: unknown): unknown;
  mixin(options: object): unknown;
  unmount?(): void;
}

/** The same in both module formats, as the plugin may be imported and `useSession` required. */
const KEY: InjectionKey<ReactiveSession> = Symbol.for('unexpired/vue');

/**
 * Makes `useSession()` work in an app: `app.use(createSessionPlugin(session))`, or `Vue.use(…)` in Vue 2.7. When a Vue 3 app
 * is unmounted, the plugin stops listening to the session.
 */
export function createSessionPlugin(
  session: Session,
  { router }: SessionPluginOptions = {},
): { install(app: VueApp): void } {
  return {
    install(app) {
      const [view, stopWatching] = observe(session);
      const stopFollowing = router && followSignOut(session, router);
      const { unmount } = app;
      // `Vue` of Vue 2.7 is never unmounted: it is there for as long as the page.
      if (!app.provide || !unmount) return void app.mixin({ provide: { [KEY]: view } });
      app.provide(KEY, view);
      // `app.onUnmount` needs Vue 3.5.
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
export function useSession(): ReactiveSession {
  const view = inject(KEY, null);
  if (!view) throw new Error('useSession() needs a session: app.use(createSessionPlugin(session))');
  return view;
}

function observe(session: Session): [ReactiveSession, () => void] {
  // One for both, so that nobody ever sees the claims of one user with the status of another.
  const seen = shallowRef(viewOf(session));
  const stop = watchSession(session, () => {
    seen.value = viewOf(session);
  });
  const status = readOnly(() => seen.value.status);
  const claims = readOnly(() => seen.value.claims);
  return [{ session, status, claims }, stop];
}

/** Not `computed`: in Vue 3.3 a synchronous watcher of two sees the new value of one with the old value of the other. */
function readOnly<T>(get: () => T): Readonly<Ref<T>> {
  return customRef<T>(() => ({ get, set() {} }));
}

function viewOf({ status, claims }: Session): SessionView {
  return { status, claims };
}
