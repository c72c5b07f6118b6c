import type { AnswerView } from './backend.js';

/** The errors that a refresh cannot mend: RFC 6750 §3.1, and step-up authentication (RFC 9470 §3). */
const BEYOND_REFRESH = ['insufficient_scope', 'insufficient_user_authentication'];

/**
 * An `error` parameter of a `WWW-Authenticate` header, or any other quoted text, so that no error is found in it. `challengesOf`
 * reads the whole header, but few applications need it, and this is in every bundle.
 */
const ERROR = /(?:^|[\s,])error\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(\w+))|"(?:[^"\\]|\\.)*"?/gi;

/**
 * How a backend refuses an access token unless it says otherwise: by status 401. An answer whose challenge says that the token is
 * good, but not good enough, is no refusal: a new token would get the same answer.
 */
export function refusesByStatus({ status, headers }: AnswerView): boolean {
  if (status !== 401) return false;
  const parts = (headers.get('www-authenticate') ?? '').matchAll(ERROR);
  const errors = [...parts].flatMap(([, quoted, word]) => quoted ?? word ?? []);
  return !errors.length || errors.some((error) => !BEYOND_REFRESH.includes(error));
}
