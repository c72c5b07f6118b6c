import { SessionError } from '../errors.js';
import { readClaims } from '../tokens/claims.js';
import { expiryOf } from '../tokens/expiry.js';
import { assertTimeZone, readTime } from '../tokens/time.js';
import { assertTokenSet, isObject, kindOf, type TokenSet } from '../tokens/token-set.js';
import type { AnswerView, Backend, Carry } from './backend.js';
import { post } from './http.js';

/** A code as backends send it: `1007` and `"1007"` are the same. */
export type Code = number | string;

export interface EnvelopeOptions {
  /** Where to refresh: the URL of `update_token`. */
  url: string;
  /** The request header that carries the refresh token. @default 'RefreshAuthorization' */
  header?: string;
  /** The codes of a good login and of a good refresh. @default { login: 1001, refresh: 1007 } */
  success?: { login?: Code; refresh?: Code };
  /** The codes by which a refresh is refused: the user must sign in again. @default [1008] */
  rejected?: readonly Code[];
  /**
   * How a refused access token is told: by one of `codes` in an answer with one of `statuses`. A 401 is a refusal
   * whatever its code. Add 200 to `statuses` if your backend refuses in HTTP 200: every such answer is then parsed.
   * @default { statuses: [403], codes: [1003, 1004, 1005] }
   */
  refused?: { statuses?: readonly number[]; codes?: readonly Code[] };
  /** The names in the answer. @default { code: 'code', data: 'data', accessToken: 'token', refreshToken: 'refresh_token', expiry: 'token_time', expiresIn: 'expires_in' } */
  fields?: Partial<typeof FIELDS>;
  /** Where the access token goes. @default { header: 'Authorization', scheme: '' } */
  carry?: Carry;
  /** In which zone `token_time` is printed if it has no offset: `'Asia/Shanghai'`, `'+08:00'`. @default this computer's */
  timeZone?: string;
  /** Further headers of the refresh request. */
  headers?: Record<string, string>;
  /** Whether the refresh request carries cookies. @default 'same-origin' */
  credentials?: RequestCredentials;
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
  const { url, header = 'RefreshAuthorization', rejected = [1008], timeZone, headers, credentials } = options;
  const carry = options.carry ?? { header: 'Authorization', scheme: '' };
  const fields = { ...FIELDS, ...options.fields };
  const success = { login: 1001, refresh: 1007, ...options.success };
  const { statuses = [403], codes = [1003, 1004, 1005] } = options.refused ?? {};
  if (!url || typeof url !== 'string')
    throw new TypeError('"url" must be the URL of the refresh endpoint, a non-empty string');
  assertTimeZone(timeZone);

  const codeOf = (body: unknown) => (isObject(body) ? body[fields.code] : undefined);

  function read(body: unknown, expected: readonly Code[], serverTime?: number, minted = false): TokenSet {
    const code = codeOf(body);
    const data = isObject(body) ? body[fields.data] : undefined;
    if (!includes(expected, code) || !isObject(data)) throw unreadable(body, code, expected);
    const {
      [fields.accessToken]: accessToken,
      [fields.refreshToken]: refreshToken,
      [fields.expiresIn]: expiresIn,
      ...others
    } = data;
    const tokens = { ...others, accessToken, ...(refreshToken != null && { refreshToken }) };
    assertTokenSet(tokens, {
      accessToken: `${fields.data}.${fields.accessToken}`,
      refreshToken: `${fields.data}.${fields.refreshToken}`,
    });
    const evidence = { expiresIn, expiryTime: readTime(others[fields.expiry], timeZone), serverTime, minted };
    const expiresAt = expiryOf(readClaims(tokens.accessToken), evidence, Date.now());
    return { ...tokens, ...(expiresAt !== undefined && { expiresAt }) };
  }

  return {
    carry,
    async refresh({ refreshToken }, { signal }) {
      if (!refreshToken)
        throw new SessionError('refresh_rejected', 'There is no refresh token: the user must sign in again');
      const { body, serverTime } = await post(url, {
        signal,
        headers: { ...headers, [header]: refreshToken },
        ...(credentials && { credentials }),
      });
      const code = codeOf(body);
      if (includes(rejected, code))
        throw new SessionError('refresh_rejected', `${url} refused the refresh token with code ${code}`);
      return read(body, [success.refresh], serverTime, true);
    },
    readTokens: (body) => read(body, [success.login, success.refresh]),
    refuses: (answer: AnswerView) =>
      answer.status === 401 || (statuses.includes(answer.status) && includes(codes, codeOf(answer.body()))),
  };
}

function includes(codes: readonly Code[], code: unknown): boolean {
  return (
    (typeof code === 'number' || typeof code === 'string') &&
    codes.some((wanted) => String(wanted) === String(code))
  );
}

function unreadable(body: unknown, code: unknown, expected: readonly Code[]): SessionError {
  const told = code === undefined ? 'no code' : `code ${String(code).slice(0, 8)}`;
  const got = isObject(body) ? `${told} in ${kindOf(body)}` : kindOf(body);
  const advice = isObject(body) && 'config' in body ? " Pass the answer's body: response.data" : '';
  return new SessionError(
    'invalid_token_response',
    `Expected an answer with code ${expected.join(' or ')} and tokens, got ${got}.${advice}`,
  );
}
