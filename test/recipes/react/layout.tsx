import { Outlet } from 'react-router';
import { Header } from './header';

export function Layout() {
  return (
    <>
      <Header />
      <Outlet />
    </>
  );
}

export function Loading() {
  return <p>Loading…</p>;
}
