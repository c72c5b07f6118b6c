import { type HttpHandler, HttpResponse, http } from 'msw';

/** A fetch handler as msw handlers; what it answers with `undefined` is left to the handlers that come next. */
export function createHandlers(
  patterns: readonly string[],
  answer: (request: Request) => Promise<Response | undefined>,
): HttpHandler[] {
  return patterns.map((pattern) =>
    // A rejection is a network error; anything else would be an answer with status 500.
    http.all(pattern, ({ request }) => answer(request).catch(() => HttpResponse.error())),
  );
}
