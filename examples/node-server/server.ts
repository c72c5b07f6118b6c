import { randomBytes } from 'node:crypto';
import { deleteCookie, getCookie, H3, type H3Event, readBody, serve, setCookie } from 'h3';
import { isSessionError, type Session } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';
import { sessionOf } from './session.ts';

const { API_ORIGIN, PORT = '3000' } = process.env;
const COOKIE = '__Host-session';
const options = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' } as const;

const app = new H3();

app.post('/login', async (event) => {
  const answer = await fetch(`${API_ORIGIN}/login/`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(await readBody(event)),
  });
  if (!answer.ok) return new Response(null, { status: 401 });
  // A new cookie with each sign-in: a cookie that an attacker has set beforehand is useless.
  const cookie = randomBytes(32).toString('base64url');
  await withSession(cookie, async (session) => session.signIn(await answer.json()));
  setCookie(event, COOKIE, cookie, options);
  return { ok: true };
});

app.post('/logout', async (event) => {
  const cookie = getCookie(event, COOKIE);
  if (cookie) await withSession(cookie, (session) => session.signOut());
  deleteCookie(event, COOKIE, options);
  return { ok: true };
});

app.get('/orders', (event) => callApi(event, '/order/'));

/** Calls the API as the user of this request. Any number of requests may do so at once, in any process. */
async function callApi(event: H3Event, path: string): Promise<Response> {
  const cookie = getCookie(event, COOKIE);
  if (!cookie) return new Response(null, { status: 401 });
  return withSession(cookie, async (session) => {
    await session.ready;
    if (session.status === 'signed-out') return new Response(null, { status: 401 });
    const sessionFetch = createSessionFetch(session, { origins: [API_ORIGIN!] });
    const answer = await sessionFetch(`${API_ORIGIN}${path}`);
    return Response.json(await answer.json(), { status: answer.status });
  }).catch((error) => {
    if (isSessionError(error, 'signed_out') || isSessionError(error, 'refresh_rejected'))
      return new Response(null, { status: 401 });
    // Redis or the token endpoint cannot be reached. The user is still signed in.
    if (isSessionError(error)) return new Response(null, { status: 503, headers: { 'Retry-After': '1' } });
    throw error;
  });
}

async function withSession<T>(cookie: string, act: (session: Session) => Promise<T>): Promise<T> {
  const session = sessionOf(cookie);
  try {
    return await act(session);
  } finally {
    session.dispose();
  }
}

const server = serve(app, { port: Number(PORT), hostname: '127.0.0.1', silent: true });
await server.ready();
console.log(new URL(server.url!).port);
