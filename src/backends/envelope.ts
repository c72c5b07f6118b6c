import { SessionError } from '../errors.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import { assertTimeZone, readTime } from '../tokens/time.js';
import { isObject, kindOf, type TokenSet } from '../tokens/token-set.js';
import type { AnswerView, Backend, Carry } from './backend.js';
import { refusesByStatus } from './challenge.js';
import { readFields } from './fields.js';
import { ask, assertUrl, type EndpointOptions, refreshTokenOf } from './http.js';

/** A code as backends send it: `1007` and `"1007"` are the same. */
export type Code = number | string;

export interface EnvelopeOptions extends EndpointOptions {
  /** The request header that carries the refresh token. @default 'RefreshAuthorization' */
  header?: string;
  /** The codes of a good login and of a good refresh. @default { login: 1001, refresh: 1007 } */
  success?: { login?: Code; refresh?: Code };
  /** The codes by which a refresh is refused: the user must sign in again. @default [1008] */
  rejected?: readonly Code[];
  /**
   * How the backend refuses an access token: by one of `codes` in an answer with one of `statuses`. A 401 is a refusal
   * whatever its code, unless its `WWW-Authenticate` says that a new token cannot help. Add 200 to `statuses` if your backend refuses in HTTP 200: every such answer is then parsed.
   * @default { statuses: [403], codes: [1003, 1004, 1005] }
   */
  refused?: { statuses?: readonly number[]; codes?: readonly Code[] };
  /** The names in the answer. @default { code: 'code', data: 'data', accessToken: 'token', refreshToken: 'refresh_token', expiry: 'token_time', expiresIn: 'expires_in' } */
  fields?: Partial<typeof FIELDS>;
  /** Where the access token goes. @default { header: 'Authorization', scheme: '' } */
  carry?: Carry;
  /** In which zone `token_time` is printed if it has no offset: `'Asia/Shanghai'`, `'+08:00'`. @default this computer's */
  timeZone?: string;
}

const FIELDS = {
  code: 'code',
  data: 'data',
  accessToken: 'token',
  refreshToken: 'refresh_token',
  expiry: 'token_time',
  expiresIn: 'expires_in',
};

/**
 * A backend that wraps its answers: `{ code, data: { token, refresh_token, token_time } }`. It takes the refresh token
 * in a header of a POST, and refuses with a code in HTTP 200.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function envelopeBackend(options: EnvelopeOptions): Backend {
  assertUrl(options);
  const { header = 'RefreshAuthorization', rejected = [1008], timeZone } = options;
  const carry = options.carry ?? { header: 'Authorization', scheme: '' };
  const fields = { ...FIELDS, ...options.fields, refreshTokenIsJwt: options.refreshTokenIsJwt };
  const success = Object.values({ login: 1001, refresh: 1007, ...options.success });
  const { statuses = [403], codes = [1003, 1004, 1005] } = options.refused ?? {};
  assertTimeZone(timeZone);

  const codeOf = (body: unknown) => (isObject(body) ? body[fields.code] : undefined);

  function read(body: unknown, evidence?: ExpiryEvidence): TokenSet {
    const data = isObject(body) && body[fields.data];
    if (!includes(success, codeOf(body)) || !isObject(data)) throw unreadable(body, codeOf(body), success);
    const expiryTime = readTime(data[fields.expiry], timeZone);
    // Absent where it is not told: that of the token before must not go on with this one.
    const told = { [fields.expiry]: undefined, ...data };
    return readFields(told, fields, { ...evidence, expiryTime }, `${fields.data}.`);
  }

  function refusal(_status: number, body: unknown): string | undefined {
    const code = codeOf(body);
    return includes(rejected, code) ? `code ${code}` : undefined;
  }

  return {
    carry,
    refresh: async (tokens, { signal }) =>
      read(...(await ask(options, { signal, headers: { [header]: refreshTokenOf(tokens) } }, refusal))),
    readTokens: (body) => read(body),
    refreshUrl: options.url,
    refuses: (answer: AnswerView) =>
      refusesByStatus(answer) || (statuses.includes(answer.status) && includes(codes, codeOf(answer.body()))),
  };
}

function includes(codes: readonly Code[], code: unknown): boolean {
  return codes.map(String).includes(String(code));
}

function unreadable(body: unknown, code: unknown, expected: readonly Code[]): SessionError {
  const told = isObject(body) ? `code ${String(code).slice(0, 9)} in ` : '';
  const message = `Expected an answer with code ${expected.join(' or ')} and tokens, got ${told}${kindOf(body)}`;
  return new SessionError('invalid_token_response', message);
}
