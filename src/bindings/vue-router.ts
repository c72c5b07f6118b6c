import { assertCallbacks, assertKnown, assertTexts } from '../assert.js';
import { leadsTo, withReturnTo } from '../redirect/login-page.js';
import type { Session } from '../session.js';
import { assertSession } from './watch.js';

/** The part of a route that the guard reads. */
export interface GuardedRoute {
  readonly path: string;
  readonly fullPath: string;
  readonly meta: Readonly<Record<PropertyKey, unknown>>;
}

export interface SignInGuardOptions {
  /** The path of the login page in your router. This page itself never requires sign-in. */
  to: string;
  /** The query parameter with the page to open after the sign-in; see `readReturnTo`. @default 'returnTo' */
  param?: string;
  /**
   * Whether a route requires sign-in. Use `({ meta }) => meta.requiresAuth === true` if your routes are public by default.
   * @default all routes except those with `meta: { requiresAuth: false }`
   */
  required?(route: GuardedRoute): boolean;
}

/** A guard for `router.beforeEach`, or for the `beforeEnter` of one route. */
export type SignInGuard = (to: GuardedRoute, from?: GuardedRoute) => Promise<true | string>;

/** The sessions that the user ended with a sign-out. */
const signedOutByUser = new WeakSet<Session>();

/**
 * Creates a navigation guard for vue-router. The guard waits for `session.ready`. If nobody is signed in, it opens the login page with the
 * requested page in the query; after a deliberate sign-out, the URL has no such query. With `cookieBackend`, if the backend could not be
 * reached when the page opened, the guard asks it once more, so that a temporary error is not a sign-out. If that fails too, the
 * login page opens.
 * @throws {TypeError} if `session` is not a session, or `to` is not a non-empty string.
 */
export function requireSignIn(session: Session, options: SignInGuardOptions): SignInGuard {
  assertSession(session);
  const { to, param = 'returnTo', ...others } = options ?? {};
  const { required = ({ meta }) => meta.requiresAuth !== false, ...unknown } = others;
  assertKnown(unknown);
  assertCallbacks({ required });
  assertTexts({ to }, 'the path or URL of the login page');
  return async (route, from) => {
    if (leadsTo(to, route.fullPath) || !required(route)) return true;
    await session.ready;
    if (session.status === 'restoring') await session.refresh().catch(() => {});
    if (session.status === 'signed-in') return true;
    // `followSignOut` runs the guards again for the current page.
    if (signedOutByUser.has(session) && from?.fullPath === route.fullPath) return to;
    // A typed URL may contain a space, which `readReturnTo` would reject.
    const returnTo = route.fullPath.replaceAll(' ', '%20');
    return withReturnTo(to, param, returnTo);
  };
}

/** The part of a router that is used. vue-router 4 and 5 have it. */
export interface SessionRouter {
  readonly currentRoute: { readonly value: CurrentPage };
  isReady(): Promise<unknown>;
  replace(to: CurrentPage & { force: boolean }): unknown;
}

interface CurrentPage {
  readonly path: string;
  readonly query: Record<string, string | null | (string | null)[]>;
  readonly hash: string;
}

/** Runs the router's guards again for the current page when the session ends. Returns a function that stops it. */
export function followSignOut(session: Session, router: SessionRouter): () => void {
  const runGuards = () => {
    const { path, query, hash } = router.currentRoute.value;
    return router.replace({ path, query, hash, force: true });
  };
  return session.subscribe((event) => {
    if (event.type !== 'signed-out') return;
    signedOutByUser[event.reason === 'signed_out' ? 'add' : 'delete'](session);
    // Until the router is ready, the current page is not known.
    void router.isReady().then(runGuards, runGuards);
  });
}
