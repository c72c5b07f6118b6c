import { createPinia, defineStore } from 'pinia';
import { createPinia as createPinia3, defineStore as defineStore3 } from 'pinia-3';
import type { Session, TokenStore } from 'unexpired';
import { tabs } from 'unexpired';
import { piniaStore } from 'unexpired/pinia';
import { createSessionPlugin, requireSignIn, useSession } from 'unexpired/vue';
import { vuexStore } from 'unexpired/vuex';
import { createApp, ref } from 'vue';
import type { Router } from 'vue-router';
import type { Router as Router4 } from 'vue-router-4';
import { createStore } from 'vuex';

declare const session: Session;
declare const router: Router;
declare const router4: Router4;

// Guards and plugins work with both routers.
router.beforeEach(requireSignIn(session, { to: '/login' }));
router4.beforeEach(
  requireSignIn(session, { to: '/login', param: 'next', required: ({ meta }) => !meta.open }),
);
export const route = { path: '/', component: {}, beforeEnter: requireSignIn(session, { to: '/login' }) };
createApp({}).use(createSessionPlugin(session)).use(createSessionPlugin(session, { router }));
createSessionPlugin(session, { router: router4 });

// @ts-expect-error the login page is missing
requireSignIn(session, {});
// @ts-expect-error
requireSignIn(session);
// @ts-expect-error a path, not a location
requireSignIn(session, { to: { name: 'login' } });
// @ts-expect-error
requireSignIn(session, { to: '/login', required: true });
// @ts-expect-error
createSessionPlugin({ status: 'signed-in' });

const { status, claims } = useSession();
export const isSignedIn: boolean = status.value === 'signed-in';
export const name: unknown = claims.value?.name;
// @ts-expect-error no such status
export const isNever = status.value === 'signed_in';
// @ts-expect-error the values are read-only
status.value = 'signed-out';
// @ts-expect-error
claims.value = null;
// @ts-expect-error the claims are null if nobody is signed in
export const subject = claims.value.sub;

const options = defineStore('options', { state: () => ({ token: '', refresh_token: '', token_time: '' }) })(
  createPinia(),
);
const setup = defineStore('setup', () => ({ jwt: ref<string | null>(null), renewal: ref('') }))(
  createPinia(),
);
const options3 = defineStore3('options', { state: () => ({ token: '', refresh_token: '' }) })(createPinia3());
export const stores: TokenStore[] = [
  piniaStore(options),
  piniaStore(options, { coordination: tabs('auth') }),
  piniaStore(options3),
  piniaStore(setup, { accessToken: 'jwt', refreshToken: 'renewal' }),
  piniaStore(setup, { accessToken: 'jwt', refreshToken: null }),
];
// @ts-expect-error the state has no such field
piniaStore(options, { accessToken: 'jwt' });
// @ts-expect-error the access token is required
piniaStore(options, { accessToken: null });
// @ts-expect-error the store, not its definition
piniaStore(defineStore('auth', { state: () => ({ token: '' }) }));
// @ts-expect-error
piniaStore(options, { lock: 'auth' });

const vuex = createStore({ state: { token: '', refresh_token: '' } });
export const vuexStores: TokenStore[] = [
  vuexStore(vuex),
  vuexStore(vuex, { mutation: 'setTokens', module: 'user/auth', coordination: tabs('auth') }),
  vuexStore(vuex, { namespaced: false, fields: { accessToken: 'jwt', refreshToken: null, expiry: 'until' } }),
];
// @ts-expect-error
vuexStore(vuex, { mutation: () => {} });
// @ts-expect-error no such field
vuexStore(vuex, { fields: { token: 'jwt' } });
// @ts-expect-error
vuexStore({ state: {}, dispatch() {} });
