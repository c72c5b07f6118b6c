import { describe, expect, it } from 'vitest';
import { envelopeBackend, timeZone } from '../../src/index.js';
import { readTime } from '../../src/tokens/time.js';

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
    ['2026/11/24 06:07:38.403', 'Asia/Shanghai'],
  ])('%s in %s is one moment', (text, zone) => {
    expect(readTime(text, zone ? timeZone(zone) : undefined)).toBe(MOMENT);
  });

  it('without a fraction, as Python prints it if the microseconds are zero', () => {
    expect(readTime('2026-11-24T06:07:38', timeZone('Asia/Shanghai'))).toBe(MOMENT - 403);
  });

  it('without an offset is a local time of this computer', () => {
    expect(readTime('2026-11-24T06:07:38.403953')).toBe(new Date(2026, 10, 24, 6, 7, 38, 403).getTime());
  });

  it('works across the change to and from summer time', () => {
    expect(readTime('2026-07-01T12:00:00', timeZone('America/New_York'))).toBe(
      Date.parse('2026-07-01T16:00:00Z'),
    );
    expect(readTime('2026-11-01T00:30:00', timeZone('America/New_York'))).toBe(
      Date.parse('2026-11-01T04:30:00Z'),
    );
    expect(readTime('2026-11-01T03:30:00', timeZone('America/New_York'))).toBe(
      Date.parse('2026-11-01T08:30:00Z'),
    );
  });

  it('is correct to the minute on old days when time zones had offsets with seconds', () => {
    expect(readTime('1970-01-01T00:00:00', timeZone('Africa/Monrovia'))).toBe(
      Date.parse('1970-01-01T00:44:00Z'),
    );
    expect(readTime('0001-01-01 00:00:00', timeZone('Asia/Shanghai'))).toBe(
      Date.parse('0000-12-31T15:55:00Z'),
    );
  });

  it('may have slashes and no leading zeros', () => {
    const shanghai = timeZone('Asia/Shanghai');
    expect(readTime('2030/10/30 00:00:00', shanghai)).toBe(Date.parse('2030-10-29T16:00:00Z'));
    expect(readTime('2030/1/5 8:00', shanghai)).toBe(Date.parse('2030-01-05T00:00:00Z'));
    expect(readTime('2030-1-5T8:00:00Z', shanghai)).toBe(Date.parse('2030-01-05T08:00:00Z'));
    expect(readTime('2030/10/30 00:00:00')).toBe(new Date(2030, 9, 30).getTime());
  });

  it('as a number or a string of digits is in seconds or milliseconds', () => {
    expect(readTime(1_795_471_658)).toBe(1_795_471_658_000);
    expect(readTime(1_795_471_658_403)).toBe(1_795_471_658_403);
    expect(readTime('1795471658')).toBe(1_795_471_658_000);
    expect(readTime(' 1795471658403 ')).toBe(1_795_471_658_403);
  });

  it.each([undefined, null, '', 'soon', '2026-11-24', '24/11/2026 06:07', '2026', {}, '2026-13-45T99:00:00'])(
    '%j is not a time',
    (value) => {
      expect(readTime(value)).toBeUndefined();
    },
  );
});

describe('a time zone', () => {
  it.each(['Asia/Shanghai', 'UTC', '+08:00', '-0330', 'Africa/Monrovia'])('may be %s', (zone) => {
    expect(() => timeZone(zone)).not.toThrow();
  });

  it('that does not exist is named in the error', () => {
    expect(() => timeZone('Asia/Atlantis')).toThrow(/Asia\/Atlantis/);
  });

  it('cannot be the bare name: the error shows how to create one', () => {
    const options = { url: '/update_token/', timeZone: 'Asia/Shanghai' as never };
    expect(() => envelopeBackend(options)).toThrow('"timeZone" must be made by timeZone(name), got a string');
  });
});
