import { HTML, html, json } from '../answers.js';
import type { Endpoint } from '../options.js';
import type { Server } from './protocol.js';

const ALLOW: Record<Endpoint, string> = {
  login: 'POST, OPTIONS',
  refresh: 'POST, OPTIONS',
  order: 'GET, HEAD, OPTIONS',
  logout: 'POST, OPTIONS',
};

export type Reply = (body: unknown, status?: number) => Response;

/** Returns a function that creates JSON responses with the headers of Django REST framework. */
export function replyOf(endpoint: Endpoint, headers: Record<string, string>): Reply {
  return (body, status = 200) => json(body, status, { Allow: ALLOW[endpoint], ...headers });
}

/** Returns the response of the framework if it does not call the view: a missing trailing slash, or a wrong method. */
export function answerMisrouted(
  { settings }: Server,
  endpoint: Endpoint,
  request: Request,
  reply: Reply,
): Response | undefined {
  const { pathname, search } = new URL(request.url);
  const missesSlash = settings.paths[endpoint].endsWith('/') && !pathname.endsWith('/');
  if (missesSlash && request.method === 'POST') return html('<h1>Server Error (500)</h1>', 500);
  if (missesSlash) {
    const headers = { 'Content-Type': HTML, Location: `${pathname}/${search}` };
    return new Response(null, { status: 301, headers });
  }
  if (ALLOW[endpoint].includes(request.method) || (endpoint === 'order' && settings.orders)) return undefined;
  return reply({ detail: `Method "${request.method}" not allowed.` }, 405);
}

export const NOT_JSON = {
  detail: 'JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)',
};
