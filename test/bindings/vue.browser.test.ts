import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createApp as createVueApp, defineComponent, h, nextTick } from 'vue';
import { createRouter, createWebHistory, RouterView, useRouter } from 'vue-router';
import { createSessionPlugin, requireSignIn, useSession } from '../../src/bindings/vue.js';
import { readReturnTo, type Session } from '../../src/index.js';
import { createApp } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const KEVIN = { accessToken: `e30.${btoa(JSON.stringify({ sub: 'kevin' }))}.x`, refreshToken: 'r' };
const BASE = '/app/';

const Orders = defineComponent(() => {
  const { session, status, claims } = useSession();
  return () => h('button', { onClick: () => session.signOut() }, `${claims.value?.sub} ${status.value}`);
});

const Login = defineComponent(() => {
  const { session } = useSession();
  const router = useRouter();
  const submit = async () => {
    await session.signIn(KEVIN);
    await router.replace(readReturnTo(location.search));
  };
  return () => h('button', { onClick: submit }, 'Sign in');
});

let page: HTMLElement;

beforeEach(() => {
  const before = location.href;
  page = document.body.appendChild(document.createElement('div'));
  return () => {
    page.remove();
    history.replaceState(null, '', before);
  };
});

async function open(session: Session, path: string) {
  const routes = [
    { path: '/orders', component: Orders },
    { path: '/login', component: Login },
  ];
  history.replaceState(null, '', BASE.slice(0, -1) + path);
  const router = createRouter({ history: createWebHistory(BASE), routes });
  router.beforeEach(requireSignIn(session, { to: '/login' }));
  const app = createVueApp(RouterView).use(router).use(createSessionPlugin(session, { router }));
  app.mount(page);
  onTestFinished(() => app.unmount());
  await router.isReady();
  return { app, click: () => page.querySelector('button')!.click() };
}

const shows = (text: string) => expect.poll(() => page.textContent).toBe(text);

describe('an app with a session', () => {
  it('signs in on the login page, returns to the same page, and signs out again', async () => {
    const { session } = createApp();
    const { click } = await open(session, '/orders?page=2');
    await shows('Sign in');
    click();
    await shows('kevin signed-in');
    expect(location.pathname + location.search).toBe('/app/orders?page=2');
    click();
    await shows('Sign in');
    expect(location.pathname + location.search).toBe('/app/login');
  });

  it('removes its listeners from the session when it is unmounted', async () => {
    const { session } = createApp();
    await session.signIn(KEVIN);
    const { app } = await open(session, '/orders');
    await shows('kevin signed-in');
    const view = app.runWithContext(useSession);
    app.unmount();
    await session.signOut();
    await nextTick();
    expect(view.status.value).toBe('signed-in');
    expect(location.pathname).toBe('/app/orders');
  });
});
