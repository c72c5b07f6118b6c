/**
 * A date and time of day as backends print it: in ISO 8601, or with a space as Python's `str` prints it; with any
 * fraction.
 */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)\d*\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Parses an absolute time and returns ms since the epoch. The value is a number (seconds or ms), or a date and time
 * with an offset. Without an offset it is a local time in `timeZone`, by default this computer's. Returns `undefined`
 * if it is not a time.
 */
export function readTime(value: unknown, timeZone?: string): number | undefined {
  if (typeof value === 'number') return value > 1e11 ? value : value * 1000; // 1e11 s is the year 5138
  const [, date, time, offset] = (typeof value === 'string' && DATE_TIME.exec(value.trim())) || [];
  if (!date) return undefined;
  const local = `${date}T${time}`;
  const ms =
    offset || !timeZone ? Date.parse(local + (offset ?? '')) : inTimeZone(Date.parse(`${local}Z`), timeZone);
  return Number.isNaN(ms) ? undefined : ms;
}

/** @throws {RangeError} if `timeZone` is neither an IANA name nor an offset such as `+08:00`. */
export function assertTimeZone(timeZone: string | undefined): void {
  if (timeZone !== undefined) offsetAt(0, timeZone);
}

/** The moment at which the clocks in a time zone show what UTC clocks show at `utc`. */
function inTimeZone(utc: number, timeZone: string): number {
  const guess = utc - offsetAt(utc, timeZone);
  return utc - offsetAt(guess, timeZone); // again, because the offset may change between the two
}

function offsetAt(moment: number, timeZone: string): number {
  const fixed = /^([+-])(\d\d):?(\d\d)$/.exec(timeZone);
  if (fixed) return Number(`${fixed[1]}1`) * (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000;
  const name = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(moment)
    .find((part) => part.type === 'timeZoneName')?.value;
  // Without the seconds that old time zone offsets had.
  return name === 'GMT' ? 0 : offsetAt(moment, name!.slice(3, 9));
}
