import { assertArrays, assertKnown } from '../assert.js';
import { isObject } from '../kind-of.js';
import type { ExpiryEvidence } from '../tokens/expiry.js';
import { readTime } from '../tokens/time.js';
import type { TokenSet } from '../tokens/token-set.js';
import { assertTimeZone, type TimeZone } from '../tokens/zone.js';
import type { Backend } from './backend.js';
import { type Code, hasCode, type Refused, unreadable, valuesAt } from './codes.js';
import { readFields } from './fields.js';
import { type Call, type EndpointOptions, readEndpoint, refreshTokenOf } from './http.js';
import { assertPlace, callBy, callWith, type TokenPlace } from './place.js';
import { backendOf } from './protocol.js';

export interface HttpOptions extends EndpointOptions {
  /** The HTTP method of the refresh request. @default 'POST' */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Where the request carries the refresh token. With GET: in the query or in a header. @default { json: 'refresh_token' } */
  refreshToken?: TokenPlace;
  /**
   * Additional fields, next to the refresh token: in the JSON body, the form or the query. If it is in a header: in a JSON
   * body, or in the query of a GET.
   * @default none
   */
  parameters?: Readonly<Record<string, unknown>>;
  /**
   * The codes in the body of a successful sign-in or refresh. `field`: the path of the code, `'code'` if left out.
   * @default any status below 400 is a success
   */
  success?: { field?: string; codes: readonly Code[] };
  /**
   * The field names in the responses; they can be paths such as `result.tokens.access`. `data`: the field that contains the
   * others. `expiresIn`, `expiresInMs`: a lifetime, in seconds or ms. `expiry`: a time, in seconds or ms since the epoch,
   * or as a date.
   * @default { accessToken: 'access_token', refreshToken: 'refresh_token', expiresIn: 'expires_in' }
   */
  fields?: Partial<FieldPaths>;
  /** The time zone of dates without an offset: `timeZone('Asia/Shanghai')`. @default this computer's */
  timeZone?: TimeZone;
  /**
   * When a refresh is rejected, so that the user must sign in again: the response has one of `statuses`, and one of `codes`
   * in `field` of its body. If `statuses` or `codes` is left out, it is not checked.
   * @default { statuses: [401] }
   */
  rejected?: Refused;
}

/** The options for reading a response. */
type Readings = { [name in 'success' | 'fields' | 'timeZone']: HttpOptions[name] | undefined };

interface FieldPaths {
  data: string;
  accessToken: string;
  refreshToken: string;
  expiresIn: string;
  expiresInMs: string;
  expiry: string;
}

const FIELDS = { accessToken: 'access_token', refreshToken: 'refresh_token', expiresIn: 'expires_in' };

/**
 * Creates a backend for a server with a protocol of its own. The options say how the refresh token is sent, where the
 * response contains the new tokens, and which responses mean success or rejection.
 * @throws {TypeError} if an option is invalid; the message names the option.
 */
export function httpBackend(given: HttpOptions): Backend {
  const {
    method = 'POST',
    refreshToken: place = { json: 'refresh_token' },
    parameters,
    ...others
  } = given ?? {};
  const { rejected = { statuses: [401] }, success, fields, timeZone, ...common } = others;
  const options = readEndpoint(common);
  assertTimeZone(timeZone);
  assertPlace(place, method);
  assertKnown(rejected, 'statuses', 'codes', 'field');
  assertKnown(success, 'field', 'codes');
  assertArrays({ statuses: rejected.statuses, codes: rejected.codes });
  assertArrays({ codes: success?.codes });
  assertKnown(fields, 'data', 'expiresInMs', 'expiry', ...Object.keys(FIELDS));

  const request = (tokens: TokenSet): Call => ({
    ...callBy(method),
    ...callWith(place, refreshTokenOf(tokens), options.url, parameters, method),
  });

  return backendOf(options, {
    request,
    refusal: (status, body) => isRejected(rejected, status, body),
    read: (body, evidence) => readAnswer({ success, fields, timeZone }, body, evidence),
  });
}

function isRejected({ statuses, codes, field = 'code' }: Refused, status: number, body: unknown): boolean {
  return (!statuses || statuses.includes(status)) && (!codes || hasCode(codes, body, field));
}

function readAnswer(
  { success, fields, timeZone }: Readings,
  body: unknown,
  evidence: ExpiryEvidence,
): TokenSet {
  const { field = 'code', codes } = success ?? {};
  if (codes && !hasCode(codes, body, field)) throw unreadable(body, valuesAt(body, field)[0], codes);
  const { data, expiry, expiresInMs, ...names } = { ...FIELDS, ...fields };
  const found = data ? valuesAt(body, data)[0] : body;
  const at = (path: string | undefined) => path && valuesAt(found, path)[0];
  const paths = Object.values(names).filter(Boolean);
  const remove = (value: unknown, path: string) => without(value, path.replaceAll('[]', '').split('.'));
  const answer = { ...(paths.reduce(remove, found) as Record<string, unknown>) };
  for (const path of paths) answer[path] = at(path);
  const ms = Number(at(expiresInMs));
  if (ms > 0) answer[names.expiresIn] = ms / 1000;
  const response = isObject(found) ? answer : found;
  return readFields(
    response,
    names,
    { ...evidence, expiryTime: readTime(at(expiry), timeZone) },
    data && `${data}.`,
  );
}

/** Copies a value without what is at the path of these names: the other fields of a response are stored, and must not contain the tokens. */
function without(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, names));
  const [name, ...rest] = names as [string, ...string[]];
  if (!isObject(value) || !(name in value)) return value;
  const { [name]: inner, ...others } = value;
  return rest.length ? { ...others, [name]: without(inner, rest) } : others;
}
