import { randomBytes } from 'node:crypto';
import { cookies } from 'next/headers';
import { isSessionError, type Session } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';

const COOKIE = '__Host-session';
const options = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

/** Imported with the first session, because `next build` loads this file without Redis and without a secret. */
const open = async (cookie: string) => (await import('./tokens')).sessionOf(cookie);

/**
 * Runs `act` with the session of this request; `null`: nobody is signed in. For server components, route handlers and server
 * actions. A server component cannot set a cookie, and need not: a refresh changes the tokens in Redis, never the cookie.
 */
export async function withSession<T>(
  act: (session: Session, api: typeof fetch) => Promise<T>,
): Promise<T | null> {
  const cookie = (await cookies()).get(COOKIE)?.value;
  if (!cookie) return null;
  const session = await open(cookie);
  try {
    await session.ready;
    if (session.status === 'signed-out') return null;
    return await act(session, createSessionFetch(session, { origins: [process.env.API_ORIGIN!] }));
  } catch (error) {
    if (isSessionError(error, 'signed_out') || isSessionError(error, 'refresh_rejected')) return null;
    throw error;
  } finally {
    session.dispose();
  }
}

/** For a route handler or a server action. `answer`: the response body of your login or token endpoint. */
export async function signIn(answer: unknown): Promise<void> {
  const cookie = randomBytes(32).toString('base64url');
  const session = await open(cookie);
  try {
    await session.signIn(answer);
  } finally {
    session.dispose();
  }
  (await cookies()).set(COOKIE, cookie, options);
}

export async function signOut(): Promise<void> {
  await withSession((session) => session.signOut());
  (await cookies()).delete({ name: COOKIE, ...options });
}
