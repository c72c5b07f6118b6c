import type { TimeZone } from './zone.js';

/** A date and a time of day: in ISO 8601, with a space instead of the `T`, or with slashes. Leading zeros are optional. */
const DATE_TIME =
  /^(\d{4}[-/]\d\d?[-/]\d\d?)[T ](\d\d?:\d\d(?::\d\d(?:\.\d{1,3})?)?)\d*\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Parses an absolute time and returns ms since the epoch. The value is a number (seconds or ms), such a number as a
 * string, or a date and time with an offset. Without an offset it is a local time in `zone`, by default this
 * computer's. Returns `undefined` if it is not a time.
 */
export function readTime(value: unknown, zone?: TimeZone): number | undefined {
  const text = typeof value === 'string' ? value.trim() : '';
  if (typeof value === 'number' || /^\d{9,}$/.test(text)) {
    const moment = Number(value);
    return moment > 1e11 ? moment : moment * 1000; // 1e11 s is the year 5138
  }
  const [, date, time, offset = ''] = DATE_TIME.exec(text) ?? [];
  if (!date) return undefined;
  const local = `${date.replaceAll('/', '-')}T${time}`.replace(/[-T](?=\d[-T:])/g, '$&0');
  const ms = offset || !zone ? Date.parse(local + offset) : zone(Date.parse(`${local}Z`));
  return Number.isNaN(ms) ? undefined : ms;
}
