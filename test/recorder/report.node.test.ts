import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { earlierUseOf } from '../../src/recorder/earlier-use.js';
import { type Entry, type Facts, readEntry } from '../../src/recorder/entry.js';
import { type Recorded, reportOf } from '../../src/recorder/make-report.js';
import { fakeClock } from '../support/clock.js';

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const START = new Date(2026, 10, 30, 10, 1, 0).getTime();

beforeEach(() => void fakeClock({ now: START }));
afterEach(() => void vi.useRealTimers());

const entryOf = (facts: Facts, more: Partial<Entry> = {}): Entry => ({
  at: START,
  tab: 1,
  ...facts,
  ...more,
});

function report(entries: readonly Entry[], more: Partial<Recorded> = {}) {
  return reportOf({ status: 'signed-in', refreshToken: 'page', dropped: 0, ...more, entries });
}

/** The text of a report about one event, without the time. */
const lineOf = (facts: Facts, more: Partial<Entry> = {}): string =>
  report([entryOf(facts, more)])
    .text.split('\n')
    .at(-1)!
    .slice('10:01:00 '.length);

describe('the text of a report contains', () => {
  it.each<[Facts, string]>([
    [{ type: 'opened', status: 'restoring' }, 'page opened: not known yet who is signed in'],
    [{ type: 'opened', status: 'signed-in' }, 'page opened: signed in'],
    [{ type: 'opened', status: 'signed-out' }, 'page opened: signed out'],
    [{ type: 'left' }, 'page left'],
    [{ type: 'returned' }, 'page shown again'],
    [{ type: 'signed-in' }, 'signed in'],
    [{ type: 'signed-in', elsewhere: true }, 'signed in: in another tab, or before this page opened'],
    [{ type: 'refreshing' }, 'asks for new tokens'],
    [{ type: 'refreshed' }, 'got new tokens'],
    [{ type: 'adopted' }, 'took over new tokens'],
    [{ type: 'refresh-failed' }, 'refresh failed'],
    [{ type: 'reauthenticating' }, 'asks the user to sign in again in place'],
    [
      { type: 'reauthenticating', reason: 'step_up' },
      'asks the user to sign in again in place: the server wants the user to prove more',
    ],
    [{ type: 'ending' }, 'the refresh token expires soon'],
    [{ type: 'ending', endsAt: START + 100 * SECOND }, 'the refresh token expires soon: at 10:02:40'],
    [{ type: 'signed-out' }, 'signed out'],
    [{ type: 'signed-out', reason: 'signed_out' }, 'signed out: signOut() was called'],
    [{ type: 'signed-out', reason: 'refresh_rejected' }, 'signed out: the backend refused the refresh token'],
    [
      { type: 'signed-out', reason: 'signed_out_elsewhere' },
      'signed out: another tab signed out, or the store was emptied',
    ],
    [{ type: 'revoke-failed', error: 'refresh_timeout' }, 'the server could not be told of the sign-out'],
    [{ type: 'store-failed', name: 'DataError' }, 'the token store failed: DataError'],
  ])('%j', (facts, line) => {
    expect(lineOf(facts)).toBe(line);
  });

  it.each<[NonNullable<Facts['error']>, string]>([
    ['refresh_rejected', 'refresh refused'],
    ['refresh_unavailable', 'refresh failed'],
    ['refresh_timeout', 'refresh failed: no answer in time'],
    ['invalid_token_response', 'refresh failed: the answer has no usable tokens'],
    ['signed_out', 'nobody is signed in'],
    ['session_changed', 'another user has signed in'],
    ['request_not_replayable', 'the request cannot be sent again'],
    ['revoke_failed', 'the server could not be told of the sign-out'],
    ['no_access_token', 'no script can read the access token'],
  ])('the words for a refresh that failed with %s', (error, line) => {
    expect(lineOf({ type: 'refresh-failed', error })).toBe(line);
  });

  it.each<[NonNullable<Facts['detail']>, string]>([
    ['unreachable', 'the backend could not be reached'],
    ['redirect', 'a redirect'],
    ['not_json', 'not JSON'],
    ['too_long', 'an answer without an end'],
    ['no_refresh_token', 'there is no refresh token'],
    ['no_tab_has_it', 'no open tab has the refresh token'],
    ['failed_elsewhere', 'another tab or process asked, and failed'],
  ])('the words for a failure with the detail %s', (detail, words) => {
    const error = 'refresh_unavailable';
    expect(lineOf({ type: 'refresh-failed', error, detail })).toBe(`refresh failed: ${words}`);
    expect(lineOf({ type: 'refresh-failed', error, detail, answer: 502, code: 'invalid_grant' })).toBe(
      `refresh failed: 502 invalid_grant, ${words}`,
    );
  });

  it.each([
    [0, '0 ms'],
    [618, '618 ms'],
    [999, '999 ms'],
    [SECOND, '1 s'],
    [1_600, '2 s'],
    [89 * SECOND, '89 s'],
    [90 * SECOND, '2 min'],
    [89 * MINUTE, '89 min'],
    [90 * MINUTE, '2 h'],
    [35 * 60 * MINUTE, '35 h'],
    [36 * 60 * MINUTE, '2 days'],
  ])('the duration %i ms in words', (took, words) => {
    expect(lineOf({ type: 'refreshed', took })).toBe(`got new tokens, after ${words}`);
    expect(lineOf({ type: 'refresh-failed', retryIn: took })).toBe(`refresh failed, next try in ${words}`);
  });

  it.each([
    [49, 'asks for new tokens'],
    [50, 'asks for new tokens, after waiting 50 ms'],
  ])('a wait of %i ms if it is long enough', (waited, line) => {
    expect(lineOf({ type: 'refreshing', waited })).toBe(line);
  });

  it.each([
    ['refreshed', 'got new tokens, good until 10:11:00'],
    ['adopted', 'took over new tokens, good until 10:11:00'],
    ['signed-in', 'signed in, good until 10:11:00'],
    ['opened', 'page opened'],
    ['refreshing', 'asks for new tokens'],
  ] as const)('the expiry for the event %s, if that has one', (type, line) => {
    expect(lineOf({ type, expiresAt: START + 10 * MINUTE })).toBe(line);
  });

  it.each([
    [1_999, ''],
    [-1_999, ''],
    [2_000, ", the server's clock is 2 s ahead of this computer's"],
    [-2_000, ", the server's clock is 2 s behind this computer's"],
  ])('the clock’s difference of %i ms if it is large enough', (clockOffset, words) => {
    expect(lineOf({ type: 'refreshed', clockOffset })).toBe(`got new tokens${words}`);
  });

  it('the number of another tab', () => {
    expect(lineOf({ type: 'left' }, { tab: 2 })).toBe('tab 2: page left');
    expect(lineOf({ type: 'left' }, { tab: 0 })).toBe('former tab: page left');
  });
});

describe('the text of a report', () => {
  const left = (at: number) => entryOf({ type: 'left' }, { at });

  it.each([
    [0, 'UTC+00:00'],
    [-480, 'UTC+08:00'],
    [210, 'UTC-03:30'],
    [-345, 'UTC+05:45'],
  ])('begins with the time zone: %i minutes from UTC', (offset, zone) => {
    vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(offset);
    expect(report([]).text).toBe(`unexpired __VERSION__, report of 2026-11-30 10:01:00 (${zone}): signed in`);
    vi.restoreAllMocks();
  });

  it('has a line when another day begins', () => {
    const [, ...lines] = report([left(START - 2 * DAY), left(START - 2 * DAY), left(START)]).text.split('\n');
    expect(lines).toEqual([
      '2026-11-28',
      '10:01:00 page left',
      '10:01:00 page left',
      '2026-11-30',
      '10:01:00 page left',
    ]);
  });

  it('says how many older events were dropped', () => {
    expect(
      report([left(START)], { dropped: 7 })
        .text.split('\n')
        .slice(1),
    ).toEqual(['(7 older events were left out)', '10:01:00 page left']);
  });

  it('pads numbers', () => {
    expect(
      report([left(new Date(2026, 0, 2, 3, 4, 5).getTime())])
        .text.split('\n')
        .slice(1),
    ).toEqual(['2026-01-02', '03:04:05 page left']);
  });
});

describe('a report', () => {
  it('is in the order of time, even if another tab’s message is late', () => {
    const entries = [2, 0, 1].map((seconds) => entryOf({ type: 'left' }, { at: START + seconds * SECOND }));
    const times = report(entries).events.map(({ at }) => Date.parse(at) - START);
    expect(times).toEqual([0, SECOND, 2 * SECOND]);
    expect(entries.map(({ at }) => at - START)).toEqual([2 * SECOND, 0, SECOND]);
  });

  it('has ISO times instead of numbers, and no field for an unknown value', () => {
    const facts = { receivedAt: START, expiresAt: START + MINUTE, endsAt: START + DAY };
    const { events, madeAt, version } = report([
      entryOf({ type: 'opened', ...facts }),
      entryOf({ type: 'left' }),
    ]);
    const iso = (ms: number) => new Date(ms).toISOString();
    expect([version, madeAt]).toEqual(['__VERSION__', iso(START)]);
    expect(events).toStrictEqual([
      {
        at: iso(START),
        tab: 'this tab',
        type: 'opened',
        receivedAt: iso(START),
        expiresAt: iso(START + MINUTE),
        endsAt: iso(START + DAY),
      },
      { at: iso(START), tab: 'this tab', type: 'left' },
    ]);
  });

  it('names the tab from which another tab adopted tokens', () => {
    const refreshed = entryOf({ type: 'refreshed', generation: 5 }, { tab: 3 });
    const adopting = (generation?: number) =>
      report([
        entryOf({ type: 'refreshing', generation: 5 }, { tab: 2 }),
        entryOf({ type: 'refreshed' }, { tab: 4 }),
        refreshed,
        entryOf({ type: 'adopted', ...(generation && { generation }) }),
      ]);
    expect(adopting(5).events.at(-1)).toMatchObject({ refreshedBy: 'tab 3' });
    expect(adopting(5).text).toMatch(/took over new tokens, which another tab \(tab 3\) got$/);
    expect(adopting(6).events.at(-1)).not.toHaveProperty('refreshedBy');
    expect(adopting().events.at(-1)).not.toHaveProperty('refreshedBy');
    expect(adopting(5).events[2]).not.toHaveProperty('refreshedBy');
  });
});

describe('a refusal of tokens that had been used before', () => {
  const ask = (seconds: number, tab: number, more: Partial<Entry>) =>
    entryOf({ type: 'refreshing' }, { at: START + seconds * SECOND, tab, ...more });
  const refusal = entryOf({ type: 'refresh-failed', error: 'refresh_rejected' }, { at: START + 31 * SECOND });
  const earlier = (...before: Entry[]) => {
    const event = report([...before, refusal]).events.at(-1);
    return event?.usedBefore;
  };
  const own = ask(30, 1, { generation: 5 });
  const arrived = { receivedAt: START - MINUTE, expiresAt: START + MINUTE };

  it('names the tab that used them', () => {
    const use = { before: 31 * SECOND, succeeded: false, by: 'generation' };
    expect(earlier(ask(0, 2, { generation: 5 }), own)).toEqual({ ...use, tab: 'tab 2' });
    expect(earlier(ask(0, 1, { generation: 5 }), own)).toEqual({ ...use, tab: 'this tab' });
    expect(earlier(ask(0, 0, { generation: 5 }), own)).toEqual({ ...use, tab: 'former tab' });
  });

  it('names the last of several tabs', () => {
    expect(earlier(ask(0, 2, { generation: 5 }), ask(10, 3, { generation: 5 }), own)?.tab).toBe('tab 3');
  });

  it.each<[string, Entry[]]>([
    ['no tab had used them', [own]],
    ['other tokens were used', [ask(0, 2, { generation: 4 }), own]],
    ['one token set has no generation', [ask(0, 2, {}), own]],
    ['the refused token set has no generation', [ask(0, 2, { generation: 5 }), ask(30, 1, {})]],
    ['both token sets are unknown', [ask(0, 2, {}), ask(30, 1, {})]],
    [
      'only the refused token set has a generation',
      [ask(0, 2, arrived), ask(30, 1, { ...arrived, generation: 5 })],
    ],
    [
      'only the earlier token set has a generation',
      [ask(0, 2, { ...arrived, generation: 5 }), ask(30, 1, arrived)],
    ],
    ['this tab has not refreshed', [ask(0, 2, { generation: 5 }), ask(9, 3, { generation: 5 })]],
    ['another tab reported another event', [entryOf({ type: 'adopted', generation: 5 }, { tab: 2 }), own]],
    [
      'they arrived at another time',
      [
        ask(0, 2, { receivedAt: START, expiresAt: START }),
        ask(30, 1, { receivedAt: START - 1, expiresAt: START }),
      ],
    ],
    [
      'they expire at another time',
      [
        ask(0, 2, { receivedAt: START, expiresAt: START }),
        ask(30, 1, { receivedAt: START, expiresAt: START - 1 }),
      ],
    ],
  ])('is not recognized if %s', (_, before) => {
    expect(earlier(...before)).toBeUndefined();
  });

  it('is recognized by the time of their arrival if they have no generation', () => {
    const times = { receivedAt: START - MINUTE, expiresAt: START + MINUTE };
    expect(earlier(ask(0, 2, times), ask(30, 1, times))).toMatchObject({ tab: 'tab 2', by: 'arrival' });
  });

  it.each<[Entry['type'], number, boolean]>([
    ['refreshed', 2, true],
    ['refreshed', 3, false],
    ['refresh-failed', 2, false],
    ['refreshing', 2, false],
    ['opened', 2, false],
    ['left', 2, true],
  ])('says whether that use succeeded: %s in tab %i came first', (type, tab, succeeded) => {
    const next = entryOf({ type }, { at: START + SECOND, tab });
    const last = entryOf(
      { type: 'refreshed' },
      { at: START + 2 * SECOND, tab: type === 'refreshed' ? 9 : 2 },
    );
    expect(earlier(ask(0, 2, { generation: 5 }), next, last, own)?.succeeded).toBe(succeeded);
  });

  it('ignores a success before that use', () => {
    const before = entryOf({ type: 'refreshed' }, { at: START - SECOND, tab: 2 });
    expect(earlier(before, ask(0, 2, { generation: 5 }), own)?.succeeded).toBe(false);
  });

  it('is not recognized if the refresh failed in another way', () => {
    const entries = [ask(0, 2, { generation: 5 }), own];
    const other = entryOf({ type: 'refresh-failed', error: 'refresh_timeout' });
    expect(earlierUseOf(other, [...entries, other])).toBeUndefined();
  });

  const said = (
    refreshToken: Recorded['refreshToken'],
    tab: number,
    more: Partial<Entry>,
    ...after: Entry[]
  ) =>
    report([ask(0, tab, more), ...after, ask(30, 1, more), refusal], { refreshToken })
      .text.split('; ')
      .at(-1);

  it('is explained in words', () => {
    const number = { generation: 5 };
    const times = { receivedAt: START - MINUTE, expiresAt: START + MINUTE };
    const good = entryOf({ type: 'refreshed' }, { at: START + SECOND, tab: 2 });
    expect(said('page', 2, number, good)).toBe(
      '31 s before, another tab (tab 2) had used the same refresh token',
    );
    expect(said('none', 1, number)).toBe(
      '31 s before, this tab had used the same refresh token, and got no new one',
    );
    expect(said('page', 0, times)).toBe(
      '31 s before, this tab, or the one of which it is a copy, had used most likely the same refresh token, and got no new one',
    );
    expect(said('cookie', 2, number, good)).toBe(
      '31 s before, another tab (tab 2) had asked for new tokens too',
    );
  });
});

describe('a recorded event', () => {
  const read = (facts: object, codes: string[] = []) =>
    readEntry({ at: START, tab: 1, type: 'left', ...facts }, codes);
  const isKept = (name: string, value: unknown) => Object.hasOwn(read({ [name]: value }) ?? {}, name);

  it.each<[string, unknown[], unknown[]]>([
    [
      'generation',
      [START, START + 400 * DAY - 1, START - 400 * DAY + 1],
      [START + 400 * DAY, START - 400 * DAY, '1'],
    ],
    ['receivedAt', [START], [0, null]],
    ['expiresAt', [START], [0, null]],
    ['endsAt', [START], [0, null]],
    ['clockOffset', [0, -DAY, 400 * DAY - 1], [400 * DAY, START, '0']],
    ['waited', [0, 3_600_000], [-1, 3_600_001, '5', Number.NaN]],
    ['took', [0, 3_600_000], [-1, 3_600_001, '5']],
    ['retryIn', [0, 3_600_000], [-1, 3_600_001, '5']],
    ['answer', [100, 200, 599], [99, 600, 200.5, '200']],
    ['elsewhere', [true], [false, 1]],
    ['reason', ['step_up'], ['toString', ['step_up']]],
    ['status', ['restoring'], ['left']],
    ['error', ['signed_out'], ['left']],
    ['detail', ['redirect'], ['left']],
    ['code', ['invalid_grant', '1', '123456'], ['', '1234567', 'a1', '1a', 1, 'Error']],
  ])('contains the field %s only with a valid value', (name, good, bad) => {
    expect(good.map((value) => isKept(name, value))).toEqual(good.map(() => true));
    expect(bad.map((value) => isKept(name, value))).toEqual(bad.map(() => false));
  });

  it('contains only known codes and those of the application', () => {
    expect(read({ code: 'gone' }, ['gone'])).toMatchObject({ code: 'gone' });
    expect(read({ code: 'gone' })).toStrictEqual({ at: START, tab: 1, type: 'left' });
  });

  it.each([
    ...['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'EvalError', 'URIError'],
    ...['AbortError', 'DataCloneError', 'DataError', 'InvalidStateError', 'NetworkError', 'NotAllowedError'],
    ...[
      'NotFoundError',
      'QuotaExceededError',
      'SecurityError',
      'SessionError',
      'TimeoutError',
      'UnknownError',
    ],
  ])('contains %s as the name of an error', (name) => {
    expect(isKept('name', name)).toBe(true);
    expect(isKept('name', name.toLowerCase())).toBe(false);
  });

  it.each([
    ...[
      'invalid_request',
      'invalid_client',
      'invalid_grant',
      'unauthorized_client',
      'unsupported_grant_type',
    ],
    ...['invalid_scope', 'access_denied', 'server_error', 'temporarily_unavailable', 'invalid_token'],
    ...['insufficient_scope', 'invalid_dpop_proof', 'use_dpop_nonce', 'insufficient_user_authentication'],
    ...['login_required', 'interaction_required', 'consent_required', 'account_selection_required'],
    'token_not_valid',
  ])('contains %s as the code of a response', (code) => {
    expect(isKept('code', code)).toBe(true);
  });

  it.each([
    [null],
    ['left'],
    [{ type: 'left', tab: 1 }],
    [{ type: 'left', at: START + 400 * DAY, tab: 1 }],
    [{ type: 'left', at: START }],
    [{ type: 'toString', at: START, tab: 1 }],
  ])('is ignored if it is %j', (given) => {
    expect(readEntry(given, [])).toBeUndefined();
  });

  it('contains no inherited fields', () => {
    const given = Object.assign(Object.create({ took: 5 }), { at: START, tab: 1, type: 'left' });
    expect(readEntry(given, [])).not.toHaveProperty('took');
  });
});
