import type { AnswerView } from './backend.js';

/** The errors that a new token cannot fix: RFC 6750 §3.1, and step-up authentication (RFC 9470 §3). */
const BEYOND_REFRESH = ['insufficient_scope', 'insufficient_user_authentication'];

/**
 * Matches an `error` parameter of a `WWW-Authenticate` header. It also matches all other quoted text, so that no `error` is
 * found inside it. `challengesOf` reads the whole header, but few applications need it, and this is in every bundle.
 */
const ERROR = /(?:^|[\s,])error\s*=\s*(?:"((?:[^"\\]|\\.)*)"|(\w+))|"(?:[^"\\]|\\.)*"?/gi;

/**
 * The default of `refuses`: a 401 refuses the access token. If its challenge says that the token is valid but not
 * sufficient, it is no refusal, because a new token would get the same response.
 */
export function refusesByStatus({ status, headers }: AnswerView): boolean {
  if (status !== 401) return false;
  const parts = (headers.get('www-authenticate') ?? '').matchAll(ERROR);
  const errors = [...parts].flatMap(([, quoted, word]) => quoted ?? word ?? []);
  return !errors.length || errors.some((error) => !BEYOND_REFRESH.includes(error));
}
