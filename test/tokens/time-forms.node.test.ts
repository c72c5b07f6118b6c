import { describe, expect, it } from 'vitest';
import { readTime } from '../../src/tokens/time.js';
import { assertTimeZone, timeZone } from '../../src/tokens/zone.js';

describe("a time in a backend's format", () => {
  it.each([
    ['2026-11-24T06:07Z', '2026-11-24T06:07:00Z'],
    ['2026-11-24T06:07:38.4Z', '2026-11-24T06:07:38.400Z'],
    ['2026-11-24T06:07:38.40Z', '2026-11-24T06:07:38.400Z'],
    ['2026-11-24 06:07:38 +08:00', '2026-11-23T22:07:38Z'],
    ['2026-11-24T06:07:38+0800', '2026-11-23T22:07:38Z'],
    ['2026-11-24T06:07:38-03:30', '2026-11-24T09:37:38Z'],
    ['2026-11-24t06:07:38z', '2026-11-24T06:07:38Z'],
  ])('%s is %s', (text, moment) => {
    expect(readTime(text, timeZone('Asia/Tokyo'))).toBe(Date.parse(moment));
  });

  it.each([
    ['+05:45', '2026-11-24T00:22:38Z'],
    ['-0330', '2026-11-24T09:37:38Z'],
    ['-12:00', '2026-11-24T18:07:38Z'],
    ['UTC', '2026-11-24T06:07:38Z'],
    ['Europe/London', '2026-11-24T06:07:38Z'],
  ])('without an offset is a time in the zone %s', (name, moment) => {
    expect(readTime('2026-11-24T06:07:38', timeZone(name))).toBe(Date.parse(moment));
  });

  it('as a number is in seconds up to the year 5138', () => {
    expect(readTime(1e11)).toBe(1e14);
    expect(readTime(1e11 + 1)).toBe(1e11 + 1);
  });

  it.each([
    'on 2026-11-24T06:07:38Z',
    '2026-11-24T06:07:38Zulu',
    '2026-11-24T06:07:38 PST',
    '2026-11-24T06:07:38,403Z',
    '2026-11-24_06:07:38Z',
    '126-11-24T06:07:38Z',
    '2026-11-24T06:07:38+8',
    'T06:07:38Z',
    'x1795471658',
    '1795471658x',
  ])('is never read from %s', (text) => {
    expect(readTime(text, timeZone('UTC'))).toBeUndefined();
  });
});

describe('a time zone', () => {
  it.each(['+08:00x', 'x+08:00', '+8:00', '08:00', '', '+08:0x'])('cannot be %j', (name) => {
    expect(() => timeZone(name)).toThrow(RangeError);
  });

  it('of a backend is made by timeZone(), or left out', () => {
    expect(() => assertTimeZone(undefined)).not.toThrow();
    expect(() => assertTimeZone(timeZone('UTC'))).not.toThrow();
    const message = '"timeZone" must be made by timeZone(name), got a string';
    expect(() => assertTimeZone('UTC' as never)).toThrow(new TypeError(message));
  });
});
