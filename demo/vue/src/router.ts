import { requireSignIn } from 'unexpired/vue';
import { createRouter, createWebHistory } from 'vue-router';
import LoginPage from './pages/LoginPage.vue';
import OrdersPage from './pages/OrdersPage.vue';
import ProfilePage from './pages/ProfilePage.vue';
import { session } from './session';

export const router = createRouter({
  history: createWebHistory(import.meta.env.BASE_URL),
  routes: [
    { path: '/', component: OrdersPage },
    { path: '/profile', component: ProfilePage },
    { path: '/login', component: LoginPage },
  ],
});
router.beforeEach(requireSignIn(session, { to: '/login' }));
