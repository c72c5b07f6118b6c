/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case: `'bearer'`. */
  scheme: string;
  /** The names are in lower case: `{ realm: 'api', error: 'invalid_token' }`. */
  parameters: Readonly<Record<string, string>>;
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
/** Matches only before a comma or the end. */
const LAST = '(?=\\s*(?:,|$))';
const PARAMETER = `(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN})${LAST})`;
/** A scheme, and the token68 that some schemes have instead of parameters. */
const SCHEME = `(${TOKEN})(?![^\\s,])(?!\\s*=)(?:\\s+[\\w.~+/-]+=*${LAST})?`;
const PART = new RegExp(`[\\s,]*(?:${PARAMETER}|${SCHEME})`, 'gy');

/** Reads all challenges of a `WWW-Authenticate` header; several headers are joined by commas. Stops at the first syntax error. */
export function challengesOf(header: string | null): Challenge[] {
  const challenges: (Challenge & { parameters: Record<string, string> })[] = [];
  for (const [, name, quoted, value, scheme] of (header ?? '').matchAll(PART)) {
    const parameters = challenges.at(-1)?.parameters;
    if (scheme) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    else if (parameters) parameters[name!.toLowerCase()] ??= value ?? quoted!.replace(/\\(.)/g, '$1');
  }
  return challenges;
}
