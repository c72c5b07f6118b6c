import { createBrowserRouter } from 'react-router';
import { loginRedirect } from 'unexpired';
import { Layout, Loading, Problem } from './layout';
import { LoginPage, logIn } from './pages/login';
import { loadOrders, OrdersPage } from './pages/orders';
import { ProfilePage } from './pages/profile';
import { paths } from './paths';
import { requireSignIn } from './require-sign-in';
import { session } from './session';

export const router = createBrowserRouter([
  {
    Component: Layout,
    HydrateFallback: Loading,
    children: [
      { path: paths.login, action: logIn, Component: LoginPage },
      {
        middleware: [requireSignIn],
        ErrorBoundary: Problem,
        children: [
          { path: paths.orders, loader: loadOrders, Component: OrdersPage },
          { path: paths.profile, Component: ProfilePage },
        ],
      },
    ],
  },
]);

const openLogin = loginRedirect({ to: paths.login, navigate: (url) => router.navigate(url) });
session.subscribe((event) => event.type === 'signed-out' && openLogin(event));
