import { createBrowserRouter, Outlet } from 'react-router';
import { Header } from './header';
import { LoginPage, logIn } from './login';
import { loadOrders, OrdersPage } from './orders';
import { requireSignIn } from './require-sign-in';

function Layout() {
  return (
    <>
      <Header />
      <Outlet />
    </>
  );
}

function Loading() {
  return <p>Loading…</p>;
}

export const router = createBrowserRouter([
  { path: '/login', action: logIn, Component: LoginPage },
  {
    middleware: [requireSignIn],
    HydrateFallback: Loading, // shown until the first loaders are done
    Component: Layout,
    children: [{ path: '/', loader: loadOrders, Component: OrdersPage }],
  },
]);
