import { createBrowserRouter } from 'react-router';
import { Layout, Loading } from './layout';
import { logIn } from './login';
import { LoginPage } from './login-page';
import { loadOrders } from './orders';
import { OrdersPage } from './orders-page';
import { requireSignIn } from './require-sign-in';

export const router = createBrowserRouter([
  { path: '/login', action: logIn, Component: LoginPage },
  {
    middleware: [requireSignIn],
    HydrateFallback: Loading, // shown until the first loaders are done
    Component: Layout,
    children: [{ path: '/', loader: loadOrders, Component: OrdersPage }],
  },
]);
