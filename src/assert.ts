import { kindOf } from './kind-of.js';

/** The longest delay of a timer, 24.8 days; a longer one fires at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** @throws {TypeError} naming the option `name`, what it takes and what it got, but not a text: that may be a secret. */
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

/** @throws {TypeError} naming the option that is no text, or an empty one. */
export function assertTexts(texts: Record<string, unknown>, wanted = 'a non-empty string'): void {
  for (const [name, text] of Object.entries(texts))
    assert(typeof text === 'string' && text !== '', name, wanted, text);
}

/** @throws {TypeError} naming the option that is neither a function nor left out. */
export function assertCallbacks(callbacks: Record<string, unknown>): void {
  for (const [name, callback] of Object.entries(callbacks))
    assert(callback === undefined || typeof callback === 'function', name, 'a function', callback);
}

/** @throws {RangeError} naming the option that is no number of ms from `least` on; `kind` says so in words. */
export function assertTimes(times: Record<string, unknown>, least: number, kind: string): void {
  for (const [name, ms] of Object.entries(times)) {
    const holds = typeof ms === 'number' && ms >= least && ms <= LONGEST_TIMER;
    assert(holds, name, `${kind} number of milliseconds, at most ${LONGEST_TIMER}`, ms, RangeError);
  }
}

/**
 * Checks that an options object has no other options than these; or, once all known options were taken out, that nothing is left.
 * @throws {TypeError} naming the unknown option, which is probably misspelt.
 */
export function assertKnown(options: object = {}, ...known: string[]): void {
  for (const [name, value] of Object.entries(options))
    if (!known.includes(name) && value !== undefined)
      throw new TypeError(`There is no option "${name}": check its spelling`);
}
