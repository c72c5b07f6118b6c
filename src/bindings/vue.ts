import {
  customRef,
  type InjectionKey,
  inject,
  onScopeDispose,
  type Ref,
  type ShallowRef,
  shallowRef,
} from 'vue';
import { assertKnown } from '../assert.js';
import type { IdleWatch } from '../idle/index.js';
import type { IdleView } from '../idle/times.js';
import type { Session } from '../session.js';
import { followSignOut, type SessionRouter } from './vue-router.js';
import { assertSession, type SessionView, watchSession } from './watch.js';

export type { IdleView } from '../idle/times.js';
export {
  type GuardedRoute,
  requireSignIn,
  type SessionRouter,
  type SignInGuard,
  type SignInGuardOptions,
} from './vue-router.js';

/** A session with reactive properties, for components. */
export interface ReactiveSession<C extends object = Record<string, unknown>> {
  readonly session: Session<C>;
  readonly status: Readonly<Ref<Session['status']>>;
  /** The claims of the access token. They are not verified: use them for display only, never for security decisions. */
  readonly claims: Readonly<Ref<Session<C>['claims']>>;
}

export interface SessionPluginOptions {
  /**
   * When the session ends, the guards of this router run again for the current page. `requireSignIn` then opens the login page, unless the
   * current page is public. @default no router: the current page stays open
   */
  router?: SessionRouter;
}

/** The part of an app that is used: of an app of Vue 3, or of the global `Vue` in Vue 2.7. */
export interface VueApp {
  provide?(key: symbol, value: unknown): unknown;
  mixin(options: object): unknown;
  unmount?(): void;
}

/** The same key in both module formats, because an application may import the plugin and require `useSession`. */
const KEY: InjectionKey<ReactiveSession> = Symbol.for('unexpired/vue');

/**
 * Makes `useSession()` work in an app: `app.use(createSessionPlugin(session))`, or `Vue.use(…)` in Vue 2.7. It stops watching the
 * session when a Vue 3 app unmounts.
 * @throws {TypeError} if `session` is not a session.
 */
export function createSessionPlugin(
  session: Session,
  { router, ...unknown }: SessionPluginOptions = {},
): { install(app: VueApp): void } {
  assertSession(session);
  assertKnown(unknown);
  return {
    install(app) {
      const [view, stopWatching] = observe(session);
      const stopFollowing = router && followSignOut(session, router);
      const { unmount } = app;
      // The global `Vue` of Vue 2.7 is never unmounted.
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
 * Returns the session of the app with reactive `status` and `claims`. Call it in a component, or wherever `inject()` works.
 * @throws {Error} if the app has no session plugin.
 */
export function useSession<C extends object = Record<string, unknown>>(): ReactiveSession<C> {
  const view = inject(KEY, null);
  if (!view)
    throw new Error(
      'useSession() found no session: install the plugin with app.use(createSessionPlugin(session))',
    );
  return view as ReactiveSession<C>;
}

/**
 * Returns whether the user counts as absent: `active`, `warning` or `idle`, with `reason` and `endsAt`. Call it in a component, or in
 * another effect scope; it stops watching when that ends.
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
  // One ref for both, so that no component sees the status of one user with the claims of another.
  const view = shallowRef(viewOf(session));
  const stop = watchSession(session, () => {
    view.value = viewOf(session);
  });
  const status = readOnly(() => view.value.status);
  const claims = readOnly(() => view.value.claims);
  return [{ session, status, claims }, stop];
}

/** Not `computed`: in Vue 3.3, a synchronous watcher of two computed values sees one new and one old value. */
function readOnly<T>(get: () => T): Readonly<Ref<T>> {
  return customRef<T>(() => ({ get, set() {} }));
}

function viewOf({ status, claims }: Session): SessionView {
  return { status, claims };
}
