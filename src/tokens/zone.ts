import { assert } from '../assert.js';

/** Converts a server's local time (in ms as if it were UTC) to ms since the epoch. */
export type TimeZone = (localTime: number) => number;

/**
 * The time zone in which a server prints times without an offset: `timeZone('Asia/Shanghai')`, `timeZone('+08:00')`.
 * @throws {RangeError} if `name` is neither an IANA name nor an offset.
 */
export function timeZone(name: string): TimeZone {
  offsetAt(0, name);
  return (localTime) => {
    const guess = localTime - offsetAt(localTime, name);
    return localTime - offsetAt(guess, name); // again, because the offset may change between the two
  };
}

function offsetAt(moment: number, timeZone: string): number {
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(timeZone);
  if (fixed) return Number(`${fixed[1]}1`) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find((part) => part.type === 'timeZoneName')?.value;
  // Without the seconds of local mean time, which zones had before they were standardized.
  return name === 'GMT' ? 0 : offsetAt(moment, name!.slice(3, 9));
}

/** @throws {TypeError} for any other value, such as the bare name of a zone. */
export function assertTimeZone(zone: TimeZone | undefined): void {
  assert(!zone || typeof zone === 'function', 'timeZone', 'made by timeZone(name)', zone);
}
