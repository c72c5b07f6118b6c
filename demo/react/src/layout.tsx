import { isAxiosError } from 'axios';
import { NavLink, Outlet, useNavigation, useRouteError } from 'react-router';
import { isSessionError } from 'unexpired';
import { useSession } from 'unexpired/react';
import { BackendBar } from './backend-bar';
import { paths } from './paths';
import { session } from './session';

export function Layout() {
  const { status, claims } = useSession(session);
  const { state } = useNavigation();
  return (
    <>
      <header>
        <strong>Coffee shop</strong>
        {status === 'signed-in' && (
          <nav>
            <NavLink to={paths.orders} end>
              Orders
            </NavLink>
            <NavLink to={paths.profile}>{String(claims?.user_id)}</NavLink>
            <button type="button" onClick={() => session.signOut()}>
              Sign out
            </button>
          </nav>
        )}
      </header>
      <main aria-busy={state !== 'idle'}>
        <Outlet />
      </main>
      <BackendBar />
    </>
  );
}

export function Loading() {
  return <main aria-busy />;
}

/** Shows the error of a loader. */
export function Problem() {
  const error = useRouteError();
  const cause = isAxiosError(error) ? error.cause : error;
  const isTemporary =
    isSessionError(cause, 'refresh_unavailable') || isSessionError(cause, 'refresh_timeout');
  return <p role="alert">{isTemporary ? 'The server cannot be reached.' : 'This page cannot be shown.'}</p>;
}
