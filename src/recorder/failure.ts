import { type Facts, LONGEST_PAUSE } from './entry.js';
import type { FailureDetail } from './words.js';

/** The forms of the SDK's error messages. The recorder only notes which of them matches, never the message itself. */
const WORDINGS: readonly [RegExp, FailureDetail][] = [
  [/ could not be reached\. /, 'unreachable'],
  [/ answered a redirect: /, 'redirect'],
  [/ answered status \d+, not JSON$/, 'not_json'],
  [/ answered more than \d+ characters$/, 'too_long'],
  [/^There is no refresh token$/, 'no_refresh_token'],
  [/^No open tab has the refresh token$/, 'no_tab_has_it'],
  [/^The refresh of another tab or process failed$/, 'failed_elsewhere'],
  [/^The tab that has the refresh token could not refresh$/, 'failed_elsewhere'],
];

/** The status and the code of the response, in the messages of this package's backends. */
const ANSWERED = / (?:refused with|answered) status (\d{3})(?:: ([\w.-]+))?/;
const GOT_CODE = /, got code (\w+) in /;

/** Returns what a session error says about the backend's response. `readEntry` removes what is absent or invalid. */
export function factsOf(error: unknown): Omit<Facts, 'type'> {
  const { code: kind, message, retryAfter } = (error ?? {}) as Record<string, unknown>;
  const text = String(message);
  const [, status, code = GOT_CODE.exec(text)?.[1]] = ANSWERED.exec(text) ?? [];
  const detail = WORDINGS.find(([wording]) => wording.test(text))?.[1];
  return {
    error: kind,
    answer: Number(status),
    code,
    detail,
    ...(typeof retryAfter === 'number' && pauseOf(retryAfter)),
  } as Omit<Facts, 'type'>;
}

export function pauseOf(ms: number): { retryIn: number } {
  return { retryIn: Math.min(Math.round(ms), LONGEST_PAUSE) };
}
