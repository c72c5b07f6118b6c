import type { TestBackendSettings } from './settings.js';

/** Adds the headers that every response of the server has. */
export function withHeaders(response: Response, request: Request, settings: TestBackendSettings): Response {
  const { date, cors, now } = settings;
  const headers = new Headers(response.headers);
  if (date) headers.set('Date', new Date(now()).toUTCString());
  if (cors) allowOrigin(headers, request.headers.get('origin'), settings);
  return new Response(response.body, { status: response.status, headers });
}

function allowOrigin(
  headers: Headers,
  origin: string | null,
  { date, refreshHeader, csrf }: TestBackendSettings,
) {
  const allowed = ['Authorization', 'Content-Type', refreshHeader, ...(csrf ? [csrf.header] : [])];
  headers.set('Access-Control-Allow-Origin', origin ?? '*');
  headers.set('Access-Control-Allow-Headers', allowed.join(', '));
  headers.set('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
  headers.set('Access-Control-Expose-Headers', `${date ? 'Date, ' : ''}Retry-After, WWW-Authenticate`);
  if (origin) headers.set('Access-Control-Allow-Credentials', 'true');
}
