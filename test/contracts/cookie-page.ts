import axios, { type AxiosInstance } from 'axios';
import { attachSession } from '../../src/clients/axios.js';
import { cookieBackend, createSession, logout, type Session } from '../../src/index.js';

declare global {
  interface Window {
    app: { session: Session; api: AxiosInstance; events: string[] };
  }
}

/** An application whose tokens are in cookies that it cannot read. */
const session = createSession({
  backend: cookieBackend({
    url: '/cookies/refresh/',
    accessToken: 'cookie',
    user: { url: '/cookies/me/' },
    csrf: { cookie: 'csrftoken', header: 'X-CSRFToken' },
    // Django's CSRF check responds with 403 to a page that has no token yet.
    rejected: [401, 403],
    signOut: logout('/cookies/logout/'),
  }),
});
const api = axios.create({ baseURL: '/' });
attachSession(api, session, { exclude: ['/cookies/token/'] });
const events: string[] = [];
session.subscribe(({ type }) => events.push(type));
window.app = { session, api, events };
