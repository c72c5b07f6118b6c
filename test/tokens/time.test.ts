import { describe, expect, it } from 'vitest';
import { assertTimeZone, readTime } from '../../src/tokens/time.js';

const MOMENT = Date.parse('2026-11-23T22:07:38.403Z');

describe('a token_time', () => {
  it.each([
    ['2026-11-24T06:07:38.403953', 'Asia/Shanghai'],
    ['2026-11-24 06:07:38.403953', 'Asia/Shanghai'],
    ['2026-11-24T06:07:38.403953', '+08:00'],
    ['2026-11-24T06:07:38.403953', '+0800'],
    ['2026-11-23T17:07:38.403953', 'America/New_York'],
    ['2026-11-23T22:07:38.403953', 'UTC'],
    ['2026-11-24T03:52:38.403953', 'Asia/Kathmandu'],
    ['2026-11-24T06:07:38.403953+08:00', undefined],
    ['2026-11-24T06:07:38.403953+08:00', 'UTC'],
    ['2026-11-23T22:07:38.403953Z', 'Asia/Shanghai'],
    ['2026-11-23T22:07:38.403Z', undefined],
    [' 2026-11-23 22:07:38.403+00:00 ', undefined],
  ])('%s in %s is one moment', (text, timeZone) => {
    expect(readTime(text, timeZone)).toBe(MOMENT);
  });

  it('without a fraction, as Python prints it if the microseconds are zero', () => {
    expect(readTime('2026-11-24T06:07:38', 'Asia/Shanghai')).toBe(MOMENT - 403);
  });

  it('without an offset is a local time of this computer', () => {
    expect(readTime('2026-11-24T06:07:38.403953')).toBe(new Date(2026, 10, 24, 6, 7, 38, 403).getTime());
  });

  it('works across the change to and from summer time', () => {
    expect(readTime('2026-07-01T12:00:00', 'America/New_York')).toBe(Date.parse('2026-07-01T16:00:00Z'));
    expect(readTime('2026-11-01T00:30:00', 'America/New_York')).toBe(Date.parse('2026-11-01T04:30:00Z'));
    expect(readTime('2026-11-01T03:30:00', 'America/New_York')).toBe(Date.parse('2026-11-01T08:30:00Z'));
  });

  it('is correct to the minute on old days when time zones had offsets with seconds', () => {
    expect(readTime('1970-01-01T00:00:00', 'Africa/Monrovia')).toBe(Date.parse('1970-01-01T00:44:00Z'));
    expect(readTime('0001-01-01 00:00:00', 'Asia/Shanghai')).toBe(Date.parse('0000-12-31T15:55:00Z'));
  });

  it('as a number is in seconds or milliseconds', () => {
    expect(readTime(1_795_471_658)).toBe(1_795_471_658_000);
    expect(readTime(1_795_471_658_403)).toBe(1_795_471_658_403);
  });

  it.each([undefined, null, '', 'soon', '2026-11-24', '24/11/2026 06:07', {}, '2026-13-45T99:00:00'])(
    '%j is not a time',
    (value) => {
      expect(readTime(value)).toBeUndefined();
    },
  );
});

describe('a time zone', () => {
  it.each(['Asia/Shanghai', 'UTC', '+08:00', '-0330', 'Africa/Monrovia', undefined])('may be %s', (zone) => {
    expect(() => assertTimeZone(zone)).not.toThrow();
  });

  it('that does not exist is named in the error', () => {
    expect(() => assertTimeZone('Asia/Atlantis')).toThrow(/Asia\/Atlantis/);
  });
});
