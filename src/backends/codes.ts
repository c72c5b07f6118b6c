import { assertArrays, assertKnown } from '../assert.js';
import { SessionError } from '../errors.js';
import { isObject, kindOf } from '../kind-of.js';
import type { AnswerView } from './backend.js';
import { refusesByStatus } from './refuses.js';

/** A code as backends send it: `1007` and `"1007"` are the same, so are `true` and `"true"`. */
export type Code = number | string | boolean;

/** How a response body shows that the backend refuses the access token. A 401 without such a code is a refusal, too. */
export interface Refused {
  /**
   * The statuses of such responses. With `200`, the body of every successful response is parsed.
   * @default [403]
   */
  statuses?: readonly number[];
  /**
   * The codes.
   * @default any: every response with one of `statuses` is a refusal, whatever its body, unless its `WWW-Authenticate` says
   * that a new token cannot help
   */
  codes?: readonly Code[];
  /**
   * The path of the code in the body: `'code'`, `'error.code'`. `'errors[].extensions.code'`: in any item of the list.
   * @default 'code'
   */
  field?: string;
}

/** Creates the `refuses` of a backend from its option `refused`. Without the option, only a 401 is a refusal. */
export function refusesBy(refused: Refused = { statuses: [] }): (answer: AnswerView) => boolean {
  const { statuses = [403], codes, field = 'code', ...unknown } = refused;
  assertKnown(unknown);
  assertArrays({ statuses, codes });
  return (answer) =>
    refusesByStatus(answer) ||
    (statuses.includes(answer.status) &&
      (codes ? hasCode(codes, answer.body(), field) : refusesByStatus({ ...answer, status: 401 })));
}

/** Whether a body has one of the codes at a path. */
export function hasCode(codes: readonly Code[], body: unknown, path: string): boolean {
  return valuesAt(body, path).some((code) => codes.map(String).includes(String(code)));
}

/** Returns all values at a path such as `data.token` or `errors[].code`. The path leads into each item of a list. */
export function valuesAt(body: unknown, path: string): unknown[] {
  let values = [body].flat();
  for (const name of path.replaceAll('[]', '').split('.'))
    values = values.flatMap((value) => (value as Record<string, unknown> | null)?.[name] ?? []);
  return values;
}

/** Creates the error for a response whose code is not one of the success codes. */
export function unreadable(body: unknown, code: unknown, expected: readonly Code[]): SessionError {
  const codeText = isObject(body) ? `code ${String(code).slice(0, 9)} in ` : '';
  const message = `Expected an answer with code ${expected.join(' or ')} and tokens, got ${codeText}${kindOf(body)}`;
  return new SessionError('invalid_token_response', message);
}
