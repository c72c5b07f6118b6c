import type { Carried } from '../tokens/credentials.js';
import type { Call } from './fetch-call.js';

/**
 * Sends a call that carries a token. When a redirect leads to another origin, fetch removes `Authorization` and no
 * other header. A token in another header would be sent to that origin (guarantee 9), so redirects are then followed
 * only if the call asks for it.
 * @throws {TypeError} if a redirect is not followed, as fetch does.
 */
export async function sendWithinOrigin(
  send: typeof fetch,
  { input, init }: Call,
  { headers = {} }: Carried,
): Promise<Response> {
  const exposed = Object.keys(headers).find((name) => name.toLowerCase() !== 'authorization');
  const { redirect = 'follow', ...referrer } = typeof input === 'string' ? {} : policiesOf(input);
  if (!exposed || init.redirect || redirect !== 'follow') return send(input, init);
  const answer = await send(input, { ...referrer, ...init, redirect: 'manual' });
  if (!isRedirect(answer)) return answer;
  throw new TypeError(
    `fetch would send the header ${exposed} to the redirect's target. Request that address directly, or set redirect: 'follow'`,
  );
}

/** fetch drops the referrer when the redirect mode of a request changes, so it is passed again. */
function policiesOf({ redirect, referrer, referrerPolicy }: Request): Partial<Request> {
  return { redirect, referrer, referrerPolicy };
}

/** Browsers only show that the response is a redirect; other platforms show its status. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status);
}
