import ky from 'ky';
import { ofetch } from 'ofetch';
import createClient from 'openapi-fetch';
import { createSessionFetch, type SessionFetchOptions, type UrlPattern } from '../../src/clients/fetch.js';
import type { Session } from '../../src/index.js';

declare const session: Session;

// It can replace fetch everywhere.
const sessionFetch: typeof fetch = createSessionFetch(session);
export const clients = [
  ky.create({ fetch: sessionFetch }),
  ofetch.create({}, { fetch: sessionFetch }),
  createClient({ fetch: sessionFetch }),
];

const exclude: UrlPattern[] = ['/login/', /^\/public\//, (url) => url.searchParams.has('anonymous')];
const options: SessionFetchOptions = { origins: ['https://api.example.com'], exclude, fetch: sessionFetch };
createSessionFetch(session, options);

export const answers: Promise<Response>[] = [
  sessionFetch('/orders'),
  sessionFetch(new URL('https://api.example.com/orders'), { signal: AbortSignal.timeout(5_000) }),
  sessionFetch(new Request('/orders'), { session: false }),
];
export const health = ky.get('/health', { session: false }).json();

// @ts-expect-error the session is missing
createSessionFetch();
// @ts-expect-error origins must be a list
createSessionFetch(session, { origins: 'https://api.example.com' });
// @ts-expect-error there is no base URL, as in fetch
createSessionFetch(session, { baseURL: '/api' });
// @ts-expect-error only a boolean
void sessionFetch('/orders', { session: 'none' });
// @ts-expect-error only fetch's own argument types
void sessionFetch('/orders', { methd: 'POST' });
