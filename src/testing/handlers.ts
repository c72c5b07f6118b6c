import { type HttpHandler, HttpResponse, http } from 'msw';

/** Converts a fetch handler to msw handlers. If it returns `undefined`, the next msw handlers answer the request. */
export function createHandlers(
  patterns: readonly string[],
  answer: (request: Request) => Promise<Response | undefined>,
): HttpHandler[] {
  return patterns.map((pattern) =>
    // msw answers an exception with status 500, so a network error needs `HttpResponse.error()`.
    http.all(pattern, ({ request }) => answer(request).catch(() => HttpResponse.error())),
  );
}
