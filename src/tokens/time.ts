import type { TimeZone } from './zone.js';

/** A date and a time of day: ISO 8601, with a space instead of the `T`, or with slashes. Zeros in front may be missing. */
const DATE_TIME =
  /^(\d{4}[-/]\d\d?[-/]\d\d?)[T ](\d\d?:\d\d(?::\d\d(?:\.\d{1,3})?)?)\d*\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Reads an absolute time, in ms since the epoch: a number (seconds or ms), also in digits, or a date and time with an offset.
 * Without an offset it is a local time in `zone`, by default this computer's. `undefined` if it is no time.
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
