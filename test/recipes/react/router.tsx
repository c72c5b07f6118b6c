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

export const router = createBrowserRouter([
  { path: '/login', action: logIn, Component: LoginPage },
  {
    middleware: [requireSignIn],
    Component: Layout,
    children: [{ path: '/', loader: loadOrders, Component: OrdersPage }],
  },
]);
