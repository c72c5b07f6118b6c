import { afterEach, expect, it, vi } from 'vitest';
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

it('the example in the guide is the text of a real report', () => {
  fakeClock({ now: START + 134_000 });
  const { text } = reportOf({ status: 'signed-out', refreshToken: 'none', dropped: 0, entries });
  const [head, ...lines] = blockOf('docs/signed-out.md', 'text').trimEnd().split('\n');
  expect(lines).toEqual(text.split('\n').slice(1));
  const zone = /UTC[+-]\d\d:\d\d/;
  expect(head?.replace(/\d+\.\d+\.\d+/, '__VERSION__').replace(zone, '')).toBe(
    text.split('\n')[0]?.replace(zone, ''),
  );
});
