import { afterEach, expect, it, vi } from 'vitest';
import { earlierUseOf } from '../../src/recorder/earlier-use.js';
import type { Entry } from '../../src/recorder/entry.js';
import { reportOf } from '../../src/recorder/make-report.js';
import { fakeClock } from '../support/clock.js';
import { blockOf } from '../support/snippets.js';

const START = new Date(2026, 10, 30, 10, 0).getTime();
const GENERATIONS = [START, START + 71_000];

function entry(minutes: number, seconds: number, tab: number, facts: Omit<Entry, 'at' | 'tab'>): Entry {
  return { at: START + minutes * 60_000 + seconds * 1_000, tab, ...facts };
}

const [first = 0, second = 0] = GENERATIONS;
const expiresAt = START + 671_000;
const entries: Entry[] = [
  entry(1, 1, 1, { type: 'opened', status: 'signed-in', generation: first }),
  entry(1, 11, 2, { type: 'refreshing', generation: first, waited: 20 }),
  entry(1, 11, 2, { type: 'refreshed', generation: second, took: 120, expiresAt }),
  entry(1, 11, 1, { type: 'adopted', generation: second, expiresAt }),
  entry(1, 31, 2, { type: 'refreshing', generation: second, waited: 20 }),
  entry(1, 32, 2, { type: 'left' }),
  entry(2, 2, 1, { type: 'refreshing', generation: second, waited: 90 }),
  entry(2, 2, 1, {
    type: 'refresh-failed',
    error: 'refresh_rejected',
    answer: 400,
    code: 'invalid_grant',
    took: 80,
  }),
  entry(2, 2, 1, { type: 'signed-out', reason: 'refresh_rejected' }),
];

afterEach(() => void vi.useRealTimers());

it('the example in the guide is what a report says', () => {
  fakeClock({ now: START + 134_000 });
  const { text } = reportOf({ status: 'signed-out', refreshToken: 'none', dropped: 0, entries });
  const [head, ...lines] = blockOf('docs/signed-out.md', 'text').trimEnd().split('\n');
  expect(lines).toEqual(text.split('\n').slice(1));
  const zone = /UTC[+-]\d\d:\d\d/;
  expect(head?.replace(/\d+\.\d+\.\d+/, '__VERSION__').replace(zone, '')).toBe(
    text.split('\n')[0]?.replace(zone, ''),
  );
});

it('what other tabs tell too late is put where it belongs', () => {
  const late = [...entries.slice(1), entries[0]!];
  const head = { status: 'signed-out', refreshToken: 'none', dropped: 0 } as const;
  expect(reportOf({ ...head, entries: late }).events).toEqual(reportOf({ ...head, entries }).events);
});

it('only a refusal has an earlier use', () => {
  expect(entries.map((one) => earlierUseOf(one, entries)?.before)).toEqual([
    ...Array(7).fill(undefined),
    31_000,
    undefined,
  ]);
});

it.each([
  [618, '618 ms'],
  [1_000, '1 s'],
  [1_600, '2 s'],
])('%i ms are told as %s', (took, words) => {
  const { text } = reportOf({
    ...{ status: 'signed-in', refreshToken: 'page', dropped: 0 },
    entries: [entry(1, 1, 1, { type: 'refreshed', took })],
  });
  expect(text).toMatch(new RegExp(`got new tokens, after ${words}$`));
});
