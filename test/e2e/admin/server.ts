import { createTestBackend, type TestBackend } from 'unexpired/testing';
import { serve } from '../../support/http.ts';
import { buildAdmin, type Changes, type Files } from './build.ts';

export interface Seen {
  method: string;
  path: string;
  body: string;
  cookie: string;
}

export interface AdminServer {
  origin: string;
  backend: TestBackend;
  /** All requests except those for the application's files. */
  seen: Seen[];
}

const USERS = [
  { username: 'kevin', password: 'open-sesame', id: 1 },
  { username: 'ann', password: 'open-barley', id: 2 },
];

const DASHBOARD = { path: '/', view: 'DashboardPage' };
const ORDERS = { path: '/orders', view: 'OrdersPage' };

/** The user info: each user has different pages. */
const INFO: Record<string, object> = {
  1: { name: 'Kevin', pages: [DASHBOARD, ORDERS] },
  2: { name: 'Ann', pages: [DASHBOARD] },
};

const built = new Map<string, Promise<Files>>();

/** The application and its backend on one origin, until the end of the test. */
export async function serveAdmin(changes: Changes = {}): Promise<AdminServer> {
  const key = JSON.stringify(changes);
  const files = await (built.get(key) ?? built.set(key, buildAdmin(changes)).get(key)!);
  const backend = createTestBackend({
    users: USERS,
    paths: { order: '/api/*' },
    orders: ({ url }, userId) => ({
      code: 1006,
      data: url.endsWith('/user/info') ? INFO[userId] : 'an order',
    }),
  });
  const seen: Seen[] = [];
  const origin = await serve(async (request) => {
    const { pathname: path } = new URL(request.url);
    const file = files(path, request.headers.get('accept') ?? '');
    if (file) return file;
    const { method, headers } = request;
    seen.push({ method, path, body: await request.clone().text(), cookie: headers.get('cookie') ?? '' });
    return refusedAs200(await backend.fetch(request));
  });
  return { origin, backend, seen };
}

/** As most template backends do, it answers a bad token with HTTP 200 and a code. */
function refusedAs200(answer: Response): Response {
  const { status, headers, body } = answer;
  return status === 403 ? new Response(body, { headers }) : answer;
}
