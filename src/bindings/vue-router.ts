import { assertLoginPage, leadsTo, withReturnTo } from '../redirect/login-page.js';
import type { Session } from '../session.js';

/** What the guard reads of a route. */
export interface GuardedRoute {
  readonly path: string;
  readonly fullPath: string;
  readonly meta: Readonly<Record<PropertyKey, unknown>>;
}

export interface SignInGuardOptions {
  /** The path of the login page, as the router has it. It needs no sign-in itself. */
  to: string;
  /** The query parameter that carries the page to come back to; see `readReturnTo`. @default 'returnTo' */
  param?: string;
  /**
   * Whether a route needs somebody to be signed in. `({ meta }) => meta.requiresAuth === true` has routes opt in.
   * @default all but those with `meta: { requiresAuth: false }`
   */
  required?(route: GuardedRoute): boolean;
}

/** A guard for `router.beforeEach`, or for the `beforeEnter` of one route. */
export type SignInGuard = (to: GuardedRoute, from?: GuardedRoute) => Promise<true | string>;

/** Whose user signed out on purpose. */
const left = new WeakSet<Session>();

/**
 * Makes a navigation guard for vue-router: it waits for `session.ready`, and sends who is not signed in to the login page,
 * with the way back in its query; without it where the user signs out on purpose. Where the backend, which knows by its
 * cookie, could not be asked, it is asked once more: nobody is let in unknown, but a passing fault is no sign-out.
 * @throws {TypeError} if `to` is not a non-empty string.
 */
export function requireSignIn(session: Session, options: SignInGuardOptions): SignInGuard {
  const { to, param = 'returnTo', required = ({ meta }) => meta.requiresAuth !== false } = options;
  assertLoginPage(to);
  return async (route, from) => {
    if (leadsTo(to, route.fullPath) || !required(route)) return true;
    await session.ready;
    if (session.status === 'restoring') await session.refresh().catch(() => {});
    if (session.status === 'signed-in') return true;
    // The page that is open is asked about again: see `followSignOut`.
    if (left.has(session) && from?.fullPath === route.fullPath) return to;
    // A space that somebody typed: `readReturnTo` lets through what a browser would show.
    const returnTo = route.fullPath.replaceAll(' ', '%20');
    return withReturnTo(to, param, returnTo);
  };
}

/** What is asked of a router; vue-router 4 and 5 have it. */
export interface SessionRouter {
  readonly currentRoute: { readonly value: OpenPage };
  isReady(): Promise<unknown>;
  replace(to: OpenPage & { force: boolean }): unknown;
}

interface OpenPage {
  readonly path: string;
  readonly query: Record<string, string | null | (string | null)[]>;
  readonly hash: string;
}

/** Has the router's guards asked again about the page that is open, whenever the session ends. Returns what ends it. */
export function followSignOut(session: Session, router: SessionRouter): () => void {
  const askAgain = () => {
    const { path, query, hash } = router.currentRoute.value;
    return router.replace({ path, query, hash, force: true });
  };
  return session.subscribe((event) => {
    if (event.type !== 'signed-out') return;
    left[event.reason === 'signed_out' ? 'add' : 'delete'](session);
    // Before that the page that will be open is not known yet.
    void router.isReady().then(askAgain, askAgain);
  });
}
