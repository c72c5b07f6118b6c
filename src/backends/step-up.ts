import { assertArrays, assertKnown } from '../assert.js';
import { isObject } from '../kind-of.js';
import type { AnswerView, Backend, StepUpChallenge } from './backend.js';
import { challengesOf } from './challenge.js';
import { type Code, valuesAt } from './codes.js';

/** How a response body shows that the user must prove more, e.g. with a one-time password. */
export interface StepUpCodesOptions {
  /** The codes. */
  codes: readonly Code[];
  /**
   * The statuses of such responses. With `200`, the body of every successful response is parsed.
   * @default [401, 403]
   */
  statuses?: readonly number[];
  /**
   * The path of the code in the body: `'code'`, `'error.code'`. `'errors[].extensions.code'`: in any item of the list.
   * @default 'code'
   */
  field?: string;
}

/**
 * Creates the option `stepUp` for a backend that requires a step-up by a code in the body:
 * `stepUp: stepUpCodes({ codes: ['mfa_required'] })`.
 * @throws {TypeError} if `codes` or `statuses` is not an array.
 */
export function stepUpCodes({
  codes,
  statuses = [401, 403],
  field = 'code',
  ...unknown
}: StepUpCodesOptions): NonNullable<Backend['stepUp']> {
  assertArrays({ codes: codes ?? null, statuses });
  assertKnown(unknown);
  const known = codes.map(String);
  return (answer) => {
    if (!statuses.includes(answer.status)) return undefined;
    const body = answer.body();
    const code = valuesAt(body, field)
      .map(String)
      .find((value) => known.includes(value));
    return code === undefined ? undefined : challengeFrom(code, isObject(body) ? body : {});
  };
}

/** Returns the step-up that a response requires, as its backend says or else by RFC 9470; `undefined` if it requires none. */
export function stepUpOf(backend: Backend, answer: AnswerView): StepUpChallenge | undefined {
  const challenge = backend.stepUp?.(answer);
  if (challenge || answer.status !== 401) return challenge;
  const code = 'insufficient_user_authentication';
  const header = answer.headers.get('www-authenticate');
  const found = challengesOf(header).find(({ parameters }) => parameters.error === code);
  return found && challengeFrom(code, found.parameters);
}

function challengeFrom(code: string, parameters: Readonly<Record<string, unknown>>): StepUpChallenge {
  const { acr_values = '', max_age } = parameters;
  const acrValues = String(acr_values).split(' ').filter(Boolean);
  const maxAge = Number.parseInt(String(max_age), 10);
  return { code, acrValues, ...(maxAge >= 0 && { maxAge }), parameters };
}
