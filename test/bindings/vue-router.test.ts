import { HttpResponse, http } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { createApp as createVueApp } from 'vue';
import * as router5 from 'vue-router';
import * as router4 from 'vue-router-4';
import { network } from '#network';
import { createSessionPlugin, requireSignIn, type SignInGuardOptions } from '../../src/bindings/vue.js';
import { cookieBackend, readReturnTo, type Session, type TokenSet } from '../../src/index.js';
import { createApp, ORIGIN } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const TOKENS: TokenSet = { accessToken: 'a', refreshToken: 'r' };
const component = { render: () => null };
const routes = [
  { path: '/', component },
  { path: '/login', component },
  { path: '/loginless', component },
  { path: '/orders', component },
  { path: '/about', component, meta: { requiresAuth: false } },
  {
    path: '/help',
    component,
    meta: { requiresAuth: false },
    children: [{ path: 'mine', component, meta: { requiresAuth: true } }],
  },
];

describe.each([
  ['4', router4 as unknown as typeof router5],
  ['5', router5],
])('requireSignIn with vue-router %s', (_, { createMemoryHistory, createRouter }) => {
  function guarded(
    session: Session,
    options: Partial<SignInGuardOptions> = {},
    more: router5.RouteRecordRaw[] = [],
  ) {
    const router = createRouter({ history: createMemoryHistory(), routes: [...routes, ...more] });
    router.beforeEach(requireSignIn(session, { to: '/login', ...options }));
    return router;
  }

  const visit = async (router: ReturnType<typeof guarded>, path: string) => {
    await router.push(path);
    return router.currentRoute.value;
  };

  /**
   * A signed-in user is on a page of an application with the plugin. When the session ends, the plugin opens the
   * login page; `left` shows where it went.
   */
  async function followed(path: string) {
    const { session } = createApp();
    await session.signIn(TOKENS);
    const router = guarded(session);
    createVueApp({}).use(createSessionPlugin(session, { router }));
    await visit(router, path);
    const left = new Promise((resolve) => router.afterEach(({ fullPath }) => resolve(fullPath)));
    return { session, router, left };
  }

  it('redirects a signed-out user to the login page, with returnTo', async () => {
    const router = guarded(createApp().session);
    const { path, query, fullPath } = await visit(router, '/orders?page=2&of=a b#top');
    expect(path).toBe('/login');
    expect(query).toEqual({ returnTo: '/orders?page=2&of=a%20b#top' });
    expect(readReturnTo(fullPath.slice('/login'.length))).toBe('/orders?page=2&of=a%20b#top');
  });

  it('lets a signed-in user continue', async () => {
    const { session } = createApp();
    await session.signIn(TOKENS);
    expect((await visit(guarded(session), '/orders?page=2')).fullPath).toBe('/orders?page=2');
  });

  it('waits until the store has been read', async () => {
    let found!: (tokens: TokenSet) => void;
    const read = new Promise<TokenSet>((resolve) => {
      found = resolve;
    });
    const { session } = createApp({ session: { store: { read: () => read, write: () => {} } } });
    const router = guarded(session);
    const visited = visit(router, '/orders');
    await new Promise((resolve) => setTimeout(resolve));
    expect(router.currentRoute.value.matched).toEqual([]); // no page is open yet
    found(TOKENS);
    expect((await visited).path).toBe('/orders');
  });

  describe('if a backend with a cookie was unreachable when the page opened', () => {
    /**
     * A user with the cookie, on a page that opens while the backend fails. `fails`: the number of further failures.
     */
    async function opened() {
      const backend = { fails: 1 };
      const url = `${ORIGIN}/refresh-${crypto.randomUUID()}`;
      const tokens = () => HttpResponse.json({ access_token: 'a' });
      const busy = () => HttpResponse.json({}, { status: 503, headers: { 'Retry-After': '0' } });
      network.use(http.post(url, () => (backend.fails-- > 0 ? busy() : tokens())));
      const { session } = createApp({ session: { backend: cookieBackend({ url }) } });
      await session.ready;
      expect(session.status).toBe('restoring');
      return { backend, session };
    }

    it('tries once more, and lets a signed-in user continue', async () => {
      const { session } = await opened();
      expect((await visit(guarded(session), '/orders')).path).toBe('/orders');
      expect(session.status).toBe('signed-in');
    });

    it('opens the login page if the second attempt fails too, and tries again for the next page', async () => {
      const { backend, session } = await opened();
      const router = guarded(session);
      backend.fails = 1;
      expect((await visit(router, '/orders')).fullPath).toBe('/login?returnTo=/orders');
      expect(session.status).toBe('restoring');
      expect((await visit(router, '/orders')).path).toBe('/orders');
    });
  });

  it('does not check the login page with any query, but checks pages whose path only begins with its path', async () => {
    const router = guarded(createApp().session);
    expect((await visit(router, '/login?theme=dark#form')).fullPath).toBe('/login?theme=dark#form');
    expect((await visit(router, '/login/')).fullPath).toBe('/login/');
    expect((await visit(router, '/loginless')).path).toBe('/login');
  });

  it('lets routes opt out, and their children opt in again', async () => {
    const router = guarded(createApp().session);
    expect((await visit(router, '/about')).path).toBe('/about');
    expect((await visit(router, '/help')).path).toBe('/help');
    expect((await visit(router, '/help/mine')).fullPath).toBe('/login?returnTo=/help/mine');
  });

  it('lets routes opt in instead', async () => {
    const router = guarded(createApp().session, { required: ({ meta }) => meta.requiresAuth === true });
    expect((await visit(router, '/orders')).path).toBe('/orders');
    expect((await visit(router, '/help/mine')).path).toBe('/login');
  });

  it('accepts another parameter name, and a login page with a query', async () => {
    const router = guarded(createApp().session, { to: '/login?theme=dark', param: 'next' });
    expect((await visit(router, '/orders')).query).toEqual({ theme: 'dark', next: '/orders' });
  });

  it('can guard a single route', async () => {
    const { session } = createApp();
    const beforeEnter = requireSignIn(session, { to: '/login' });
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [...routes, { path: '/admin', component, beforeEnter }],
    });
    expect((await visit(router, '/orders')).path).toBe('/orders');
    expect((await visit(router, '/admin')).fullPath).toBe('/login?returnTo=/admin');
  });

  it('runs again when the session ends, and redirects from a guarded page to the login page', async () => {
    const { session, left } = await followed('/orders?page=2#top');
    await expect(session.refresh()).rejects.toThrow('refused');
    expect(await left).toBe('/login?returnTo=/orders?page=2%23top');
  });

  it('adds no returnTo after a deliberate sign-out, except for a page that is opened later', async () => {
    const { session, router, left } = await followed('/orders');
    await session.signOut();
    expect(await left).toBe('/login');
    expect((await visit(router, '/orders')).fullPath).toBe('/login?returnTo=/orders');
  });

  it('stays on a public page', async () => {
    const { session, left } = await followed('/about');
    await session.signOut();
    expect(await left).toBe('/about');
  });

  it('keeps returnTo if the session ends before the first page is open', async () => {
    const { session } = createApp();
    await session.signIn(TOKENS);
    let load!: (loaded: typeof component) => void;
    const loading = new Promise<typeof component>((resolve) => {
      load = resolve;
    });
    const router = guarded(session, {}, [{ path: '/slow', component: () => loading }]);
    createVueApp({}).use(createSessionPlugin(session, { router }));
    const visited = visit(router, '/slow');
    await new Promise((resolve) => setTimeout(resolve)); // the guard has allowed the navigation
    await expect(session.refresh()).rejects.toThrow('refused');
    load(component);
    expect((await visited).path).toBe('/slow');
    const left = new Promise((resolve) => router.afterEach(({ fullPath }) => resolve(fullPath)));
    expect(await left).toBe('/login?returnTo=/slow');
  });

  it('leaves no listener behind, with any number of guarded routes', () => {
    const subscribe = vi.fn();
    const session = { status: 'signed-out', ready: Promise.resolve(), subscribe } as unknown as Session;
    requireSignIn(session, { to: '/login' });
    expect(subscribe).not.toHaveBeenCalled();
  });

  it('throws for invalid options', () => {
    const { session } = createApp();
    expect(() => requireSignIn(session, { to: '' })).toThrow(
      '"to" must be the path or URL of the login page',
    );
  });
});
