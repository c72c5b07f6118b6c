import { type HttpHandler, HttpResponse, http } from 'msw';
import type { Endpoint } from './options.js';

/** A fetch handler as msw handlers, for the paths on any origin, with and without the last slash. */
export function createHandlers(
  paths: Record<Endpoint, string>,
  fetch: (request: Request) => Promise<Response>,
): HttpHandler[] {
  const patterns = Object.values(paths).flatMap((path) => {
    const slashless = path.replace(/\/$/, '');
    return [`*${slashless}`, `*${slashless}/`];
  });
  return patterns.map((pattern) =>
    // A rejection is a network error; anything else would be an answer with status 500.
    http.all(pattern, ({ request }) => fetch(request).catch(() => HttpResponse.error())),
  );
}
