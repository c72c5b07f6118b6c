import { redirect } from 'react-router';
import { paths } from './paths';
import { session } from './session';

/** If nobody is signed in, redirects to the login page, with the current page in `returnTo`. */
export async function requireSignIn({ request }: { request: Request }): Promise<void> {
  await session.ready;
  if (session.status === 'signed-in') return;
  const { pathname, search } = new URL(request.url);
  throw redirect(`${paths.login}?${new URLSearchParams({ returnTo: pathname + search })}`);
}
