import type { AnswerView } from './backend.js';

/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case: `'bearer'`. */
  scheme: string;
  /** By their names in lower case: `{ realm: 'api', error: 'invalid_token' }`. */
  parameters: Readonly<Record<string, string>>;
}

/** The errors that a refresh cannot mend: RFC 6750 §3.1, and step-up authentication (RFC 9470 §3). */
const BEYOND_REFRESH = ['insufficient_scope', 'insufficient_user_authentication'];

/**
 * How a backend refuses an access token unless it says otherwise: by status 401. An answer whose challenge says that the token is
 * good, but not good enough, is no refusal: a new token would get the same answer.
 */
export function refusesByStatus({ status, headers }: AnswerView): boolean {
  if (status !== 401) return false;
  const errors = challengesOf(headers.get('www-authenticate')).flatMap(
    ({ parameters }) => parameters.error ?? [],
  );
  return !errors.length || errors.some((error) => !BEYOND_REFRESH.includes(error));
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
/** Before a comma or the end. */
const LAST = '(?=\\s*(?:,|$))';
const PARAMETER = `(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN})${LAST})`;
/** A scheme, and the token68 that some schemes have in place of parameters. */
const SCHEME = `(${TOKEN})(?![^\\s,])(?!\\s*=)(?:\\s+[\\w.~+/-]+=*${LAST})?`;
const PART = new RegExp(`[\\s,]*(?:${PARAMETER}|${SCHEME})`, 'gy');

/**
 * Reads a `WWW-Authenticate` header, however many challenges it holds; several headers are joined by commas. Stops at what does not
 * follow the grammar.
 */
export function challengesOf(header: string | null): Challenge[] {
  const challenges: (Challenge & { parameters: Record<string, string> })[] = [];
  for (const [, name = '', quoted = '', value, scheme] of (header ?? '').matchAll(PART)) {
    const parameters = challenges.at(-1)?.parameters;
    if (scheme) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    else if (parameters) parameters[name.toLowerCase()] ??= value ?? quoted.replace(/\\(.)/g, '$1');
  }
  return challenges;
}
