import { SessionError } from '../errors.js';

/** What a token endpoint answered: the body read as JSON. */
export interface TokenAnswer {
  status: number;
  body: unknown;
  /** The server's clock, in ms since the epoch, where its `Date` header can be read. */
  serverTime: number | undefined;
}

/**
 * POSTs to a token endpoint.
 * @throws {SessionError} `refresh_unavailable` for whatever says nothing of the user: no answer, a redirect, HTML,
 * 408, 425, 429, 5xx. The message says what to check.
 */
export async function post(url: string, init: RequestInit): Promise<TokenAnswer> {
  const answer = await send(url, init);
  const { status, headers } = answer;
  // Not followed: it would turn POST into GET, or carry the refresh token to where it does not belong (law 9).
  if (answer.type === 'opaqueredirect' || (status >= 300 && status < 400))
    throw fault(url, 'a redirect', headers);
  if (status >= 500 || status === 408 || status === 425 || status === 429)
    throw fault(url, `status ${status}`, headers);
  const body = parse(await answer.text());
  if (body === undefined) throw fault(url, `status ${status} with a body that is not JSON`, headers);
  return { status, body, serverTime: readDate(headers.get('date')) };
}

function send(url: string, init: RequestInit): Promise<Response> {
  const headers = { Accept: 'application/json', ...init.headers };
  return fetch(url, { method: 'POST', redirect: 'manual', ...init, headers }).catch((cause) => {
    const advice = 'Check the network, the address, and that CORS allows its headers';
    throw new SessionError('refresh_unavailable', `${url} could not be reached. ${advice}`, { cause });
  });
}

function fault(url: string, answered: string, headers: Headers): SessionError {
  const retryAfter = readRetryAfter(headers);
  return new SessionError('refresh_unavailable', `${url} answered ${answered}`, { retryAfter });
}

/** `Retry-After` (RFC 9110 §10.2.3) in ms: seconds, or a date by the server's clock. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = readDate(value);
  return date && Math.max(0, date - (readDate(headers.get('date')) ?? Date.now()));
}

function readDate(value: string | null): number | undefined {
  return Date.parse(value ?? '') || undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
