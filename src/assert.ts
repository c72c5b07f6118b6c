import { kindOf } from './kind-of.js';

/** The longest delay of a timer, in ms (24.8 days). A timer with a longer delay fires at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/**
 * Throws if `holds` is false. The message says what the option must be and what it is, but never shows a string, which may be a
 * secret.
 * @throws {TypeError} or a `Kind`, naming the option.
 */
export function assert(
  holds: boolean,
  name: string,
  wanted: string,
  value: unknown,
  Kind: ErrorConstructor = TypeError,
): void {
  if (holds) return;
  const got = typeof value === 'string' && value ? 'a string' : kindOf(value);
  throw new Kind(`"${name}" must be ${wanted}, got ${got}`);
}

/** @throws {TypeError} naming the option that is not a non-empty string. */
export function assertTexts(texts: Record<string, unknown>, wanted = 'a non-empty string'): void {
  for (const [name, text] of Object.entries(texts))
    assert(typeof text === 'string' && text !== '', name, wanted, text);
}

/** @throws {TypeError} naming the option that is neither a function nor `undefined`. */
export function assertCallbacks(callbacks: Record<string, unknown>): void {
  for (const [name, callback] of Object.entries(callbacks))
    assert(callback === undefined || typeof callback === 'function', name, 'a function', callback);
}

/** @throws {TypeError} naming the option that is neither an array nor `undefined`. */
export function assertArrays(arrays: Record<string, unknown>): void {
  for (const [name, array] of Object.entries(arrays))
    assert(array === undefined || Array.isArray(array), name, 'an array', array);
}

/**
 * @throws {RangeError} naming the option that is not a number of ms from `least` to `LONGEST_TIMER`. `kind`: words for the
 * message, e.g. `'a positive'`.
 */
export function assertTimes(times: Record<string, unknown>, least: number, kind: string): void {
  for (const [name, ms] of Object.entries(times)) {
    const holds = typeof ms === 'number' && ms >= least && ms <= LONGEST_TIMER;
    assert(holds, name, `${kind} number of milliseconds, at most ${LONGEST_TIMER}`, ms, RangeError);
  }
}

/**
 * Checks that an options object has only the `known` options. Without `known`, checks that nothing is left after all known
 * options were taken out.
 * @throws {TypeError} naming the unknown option, which is probably misspelt.
 */
export function assertKnown(options: object = {}, ...known: string[]): void {
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name) && value !== undefined)
      throw new TypeError(`There is no option "${name}": check its spelling`);
}
