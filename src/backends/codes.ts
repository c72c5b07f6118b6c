import { assertKnown } from '../assert.js';
import { SessionError } from '../errors.js';
import { isObject, kindOf } from '../kind-of.js';
import type { AnswerView } from './backend.js';
import { refusesByStatus } from './refuses.js';

/** A code as backends send it: `1007` and `"1007"` are the same, so are `true` and `"true"`. */
export type Code = number | string | boolean;

/** How a backend says in the body of an answer that it refuses the access token. A 401 is a refusal in any case. */
export interface Refused {
  /**
   * The statuses of such answers. With `200` the body of every good answer is parsed too.
   * @default [403]
   */
  statuses?: readonly number[];
  /**
   * The codes. @default any: each of `statuses` is a refusal, whatever the body, unless its `WWW-Authenticate` says that a new token
   * cannot help
   */
  codes?: readonly Code[];
  /**
   * Where the code is in the body: `'code'`, `'error.code'`; `'errors[].extensions.code'` means in any item of the list.
   * @default 'code'
   */
  field?: string;
}

/** The `refuses` of a backend; without an option, status 401 alone. */
export function refusesBy(refused: Refused = { statuses: [] }): (answer: AnswerView) => boolean {
  const { statuses = [403], codes, field = 'code', ...unknown } = refused;
  assertKnown(unknown);
  return (answer) =>
    refusesByStatus(answer) ||
    (statuses.includes(answer.status) &&
      (codes ? hasCode(codes, answer.body(), field) : refusesByStatus({ ...answer, status: 401 })));
}

/** Whether one of the codes is at a path of a body. */
export function hasCode(codes: readonly Code[], body: unknown, path: string): boolean {
  return valuesAt(body, path).some((code) => codes.map(String).includes(String(code)));
}

/** What is at a path such as `data.token` or `errors[].code`. Items of lists are looked into. */
export function valuesAt(body: unknown, path: string): unknown[] {
  let values = [body].flat();
  for (const name of path.replaceAll('[]', '').split('.'))
    values = values.flatMap((value) => (value as Record<string, unknown> | null)?.[name] ?? []);
  return values;
}

/** The error for an answer that has another code than those of a success. */
export function unreadable(body: unknown, code: unknown, expected: readonly Code[]): SessionError {
  const told = isObject(body) ? `code ${String(code).slice(0, 9)} in ` : '';
  const message = `Expected an answer with code ${expected.join(' or ')} and tokens, got ${told}${kindOf(body)}`;
  return new SessionError('invalid_token_response', message);
}
