import type { Carried } from '../tokens/credentials.js';
import type { Call } from './fetch-call.js';

/**
 * Sends a call that carries a token. Where a redirect leads to another origin fetch takes off `Authorization`, and nothing
 * else. A token in another header would go along (law 9), so then redirects are followed only where the init says so.
 * @throws {TypeError} for a redirect that is not followed, as fetch does.
 */
export async function sendHome(
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
    `The answer is a redirect, which would take the header ${exposed} along to wherever it leads. ` +
      "Ask for the address it leads to, or set redirect: 'follow'",
  );
}

/** fetch forgets the referrer of a request that is given another redirect mode. */
function policiesOf({ redirect, referrer, referrerPolicy }: Request): Partial<Request> {
  return { redirect, referrer, referrerPolicy };
}

/** Browsers show that it is one, others which. */
function isRedirect({ type, status }: Response): boolean {
  return type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(status);
}
