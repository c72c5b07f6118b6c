import { requireSignIn } from 'unexpired/vue';
import { createRouter, createWebHistory } from 'vue-router';
import LoginPage from './pages/LoginPage.vue';
import OrdersPage from './pages/OrdersPage.vue';
import ProfilePage from './pages/ProfilePage.vue';
import { session } from './session';

// The link in the playground contains the file name, because not every server adds it.
if (location.pathname.endsWith('/index.html')) history.replaceState(null, '', '.');

/** The folder of this app. The build does not know where it will be served. */
const base = new URL(import.meta.env.BASE_URL, document.baseURI).pathname;

export const router = createRouter({
  history: createWebHistory(base),
  routes: [
    { path: '/', component: OrdersPage },
    { path: '/profile', component: ProfilePage },
    { path: '/login', component: LoginPage },
  ],
});
router.beforeEach(requireSignIn(session, { to: '/login' }));
