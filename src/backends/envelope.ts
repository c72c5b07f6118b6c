import { assertKnown } from '../assert.js';
import { isObject } from '../kind-of.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import { readTime } from '../tokens/time.js';
import type { TokenSet } from '../tokens/token-set.js';
import { assertTimeZone, type TimeZone } from '../tokens/zone.js';
import type { Backend, Carry } from './backend.js';
import { type Code, hasCode, type Refused, unreadable, valuesAt } from './codes.js';
import { readFields } from './fields.js';
import { type Call, type EndpointOptions, readEndpoint, refreshTokenOf } from './http.js';
import { backendOf } from './protocol.js';

export interface EnvelopeOptions extends EndpointOptions {
  /** The request header that carries the refresh token. @default 'RefreshAuthorization' */
  header?: string;
  /** The codes of a good login and of a good refresh. @default { login: 1001, refresh: 1007 } */
  success?: { login?: Code; refresh?: Code };
  /** The codes by which a refresh is refused: the user must sign in again. @default [1008] */
  rejected?: readonly Code[];
  /**
   * How the backend refuses an access token: by one of `codes` in an answer with one of `statuses`. A 401 is a refusal
   * whatever its code, unless its `WWW-Authenticate` says that a new token cannot help. Add 200 to `statuses` if your
   * backend refuses in HTTP 200: every such answer is then parsed.
   * @default { statuses: [403], codes: [1003, 1004, 1005], field: fields.code }
   */
  refused?: Refused;
  /** The names in the answer. @default { code: 'code', data: 'data', accessToken: 'token', refreshToken: 'refresh_token', expiry: 'token_time', expiresIn: 'expires_in' } */
  fields?: Partial<typeof FIELDS>;
  /** Where the access token goes. @default { header: 'Authorization', scheme: '' } */
  carry?: Carry;
  /** The zone of `token_time` where it has no offset: `timeZone('Asia/Shanghai')`. @default this computer's */
  timeZone?: TimeZone;
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
export function envelopeBackend(given: EnvelopeOptions): Backend {
  const { header = 'RefreshAuthorization', rejected = [1008], timeZone, ...others } = given ?? {};
  const { success: codes, fields: names, ...common } = others;
  const options = readEndpoint(common);
  const carry = options.carry ?? { header: 'Authorization', scheme: '' };
  assertKnown(names, ...Object.keys(FIELDS));
  assertKnown(codes, 'login', 'refresh');
  const fields = { ...FIELDS, ...names };
  const success = Object.values({ login: 1001, refresh: 1007, ...codes });
  const refused = { codes: [1003, 1004, 1005], field: fields.code, ...options.refused };
  const codeOf = (body: unknown) => valuesAt(body, fields.code)[0];
  assertTimeZone(timeZone);

  function read(body: unknown, evidence: ExpiryEvidence): TokenSet {
    const data = isObject(body) && body[fields.data];
    if (!hasCode(success, body, fields.code) || !isObject(data))
      throw unreadable(body, codeOf(body), success);
    const expiryTime = readTime(data[fields.expiry], timeZone);
    // Absent where it is not told: that of the token before must not go on with this one.
    const told = { [fields.expiry]: undefined, ...data };
    return readFields(told, fields, { ...evidence, expiryTime }, `${fields.data}.`);
  }

  function refusal(_status: number, body: unknown): string | false {
    const code = rejected.find((code) => hasCode([code], body, fields.code));
    return code !== undefined && String(code);
  }

  const request = (tokens: TokenSet): Call => ({ headers: { [header]: refreshTokenOf(tokens) } });
  return backendOf({ ...options, carry, refused }, { request, refusal, read });
}
