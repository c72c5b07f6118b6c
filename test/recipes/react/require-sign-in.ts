import { redirect } from 'react-router';
import { session } from './session';

/** To the login page, with the way back, if nobody is signed in. */
export async function requireSignIn({ request }: { request: Request }): Promise<void> {
  await session.ready; // the store has been read
  if (session.status === 'signed-in') return;
  const { pathname, search } = new URL(request.url);
  throw redirect(`/login?${new URLSearchParams({ returnTo: pathname + search })}`);
}
