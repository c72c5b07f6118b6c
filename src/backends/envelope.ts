import { assertArrays, assertKnown } from '../assert.js';
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
  /** The codes of a successful login and a successful refresh. @default { login: 1001, refresh: 1007 } */
  success?: { login?: Code; refresh?: Code };
  /** The codes of a rejected refresh: the user must sign in again. @default [1008] */
  rejected?: readonly Code[];
  /**
   * How the backend refuses an access token: by one of `codes` in a response with one of `statuses`. A 401 is a refusal
   * whatever its code, unless its `WWW-Authenticate` says that a new token cannot help. If your backend refuses with status
   * 200, add 200 to `statuses`: every response with that status is then parsed.
   * @default { statuses: [403], codes: [1003, 1004, 1005], field: fields.code }
   */
  refused?: Refused;
  /** The field names in the responses. @default { code: 'code', data: 'data', accessToken: 'token', refreshToken: 'refresh_token', expiry: 'token_time', expiresIn: 'expires_in' } */
  fields?: Partial<typeof FIELDS>;
  /** Where requests carry the access token. @default { header: 'Authorization', scheme: '' } */
  carry?: Carry;
  /** The time zone of a `token_time` without an offset: `timeZone('Asia/Shanghai')`. @default this computer's */
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
 * Creates a backend that wraps its responses: `{ code, data: { token, refresh_token, token_time } }`. It takes the refresh
 * token in a header of a POST, and rejects it with a code and status 200.
 * @throws {TypeError | RangeError} if an option is invalid; the message names the option.
 */
export function envelopeBackend(given: EnvelopeOptions): Backend {
  const { header = 'RefreshAuthorization', rejected = [1008], timeZone, ...others } = given ?? {};
  const { success: codes, fields: names, ...common } = others;
  const options = readEndpoint(common);
  const carry = options.carry ?? { header: 'Authorization', scheme: '' };
  assertKnown(names, ...Object.keys(FIELDS));
  assertKnown(codes, 'login', 'refresh');
  assertArrays({ rejected });
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
    // Set even if it is missing: otherwise the time of the old token would be kept.
    const response = { [fields.expiry]: undefined, ...data };
    return readFields(response, fields, { ...evidence, expiryTime }, `${fields.data}.`);
  }

  function refusal(_status: number, body: unknown): string | false {
    const code = rejected.find((code) => hasCode([code], body, fields.code));
    return code !== undefined && String(code);
  }

  const request = (tokens: TokenSet): Call => ({ headers: { [header]: refreshTokenOf(tokens) } });
  return backendOf({ ...options, carry, refused }, { request, refusal, read });
}
