import { describe, expect, it, vi } from 'vitest';
import { cookieBackend, localStorageStore, type Session, tabs } from '../../src/index.js';
import { record } from '../../src/recorder/index.js';
import { coreOf } from '../../src/session.js';
import { jwtOf } from '../support/jwt.js';
import { SECOND, START, tokensOf, URL_OF_TOKENS, useBrowser } from './tabs.js';

const { open, ownStore, pass, through, set, page, answerWith } = useBrowser();

const lost = () => Promise.reject(new TypeError('Failed to fetch'));
const refused = () => Response.json({ error: 'invalid_grant' }, { status: 400 });
const refresh = (session: Session) => through(session.refresh().catch(() => {}));

async function signedIn(options = {}) {
  const tab = open(options);
  await through(tab.session.signIn(tokensOf(1)));
  await pass(SECOND);
  return tab;
}

/** The response to `first` is lost. 31 s later, `second` uses the same refresh token, and it is refused. */
async function useTwice(first: Session, second: Session) {
  answerWith(lost);
  vi.spyOn(Math, 'random').mockReturnValue(0); // chooses the shortest pause
  await refresh(first);
  vi.restoreAllMocks();
  await pass(31 * SECOND);
  answerWith(refused);
  await refresh(second);
}

describe('the text of a report', () => {
  it('says that another tab had used the refused refresh token and lost the response', async () => {
    const first = await signedIn();
    const second = open();
    await pass(10 * SECOND);
    answerWith(() => Response.json(tokensOf(2)));
    await refresh(first.session);
    await pass(20 * SECOND);
    await useTwice(first.session, second.session);
    await pass(SECOND);
    expect(second.lines()).toEqual([
      '10:01:01 page opened: signed in',
      '10:01:11 tab 2: asks for new tokens',
      '10:01:11 tab 2: got new tokens, after … ms, good until 10:11:11',
      '10:01:11 took over new tokens, which another tab (tab 2) got, good until 10:11:11',
      '10:01:31 tab 2: asks for new tokens',
      '10:01:31 tab 2: refresh failed: the backend could not be reached, after … ms, next try in … ms',
      '10:02:02 asks for new tokens',
      '10:02:02 refresh refused: 400 invalid_grant, after … ms; 31 s before, another tab (tab 2) had used the same refresh token, and got no new one',
      '10:02:02 signed out: the backend refused the refresh token',
    ]);
    expect(first.lines().join()).not.toContain('tab 2: took over');
    expect(first.lines().slice(-3)).toEqual([
      '10:02:02 tab 2: refresh refused: 400 invalid_grant, after … ms; 31 s before, this tab had used the same refresh token, and got no new one',
      '10:02:02 tab 2: signed out: the backend refused the refresh token',
      '10:02:02 signed out: another tab signed out, or the store was emptied',
    ]);
  });

  it('begins with the version, the day and the time zone, and has a line for each new day', async () => {
    const { recorder, session } = await signedIn();
    set(24 * 3_600 * SECOND);
    await through(session.signOut());
    set(29 * 3_600 * SECOND);
    const [head, ...lines] = recorder.report().text.split('\n');
    expect(head).toMatch(/^unexpired \S+, report of 2026-12-02 15:01:\d\d \(UTC[+-]\d\d:\d\d\): signed out$/);
    expect(lines).toEqual([
      '2026-11-30',
      '10:01:00 page opened: signed out',
      '10:01:00 signed in, good until 10:11:00',
      '2026-12-01',
      '10:01:01 signed out: signOut() was called',
    ]);
  });
});

describe('other tabs', () => {
  it('are numbered in the order of their first messages', async () => {
    const first = open();
    const second = open();
    await pass(SECOND);
    await through(second.session.signIn(tokensOf(1)));
    await pass(SECOND);
    open();
    await pass(SECOND);
    const others = first.recorder.report().events.filter(({ tab }) => tab !== 'this tab');
    expect(others.map(({ tab, type }) => `${tab}: ${type}`)).toEqual([
      'tab 2: opened',
      'tab 2: signed-in',
      'tab 3: opened',
    ]);
  });

  it('with another session at the same backend are ignored', async () => {
    const [first] = ['one', 'two'].map((name) =>
      open({ store: { ...ownStore(), coordination: tabs(name) } }),
    );
    await pass(SECOND);
    expect(first?.lines()).toEqual(['10:01:00 page opened: signed out']);
  });
});

describe('a sign-in in another tab', () => {
  it('is reported as such by this tab, and as its own by the tab in which the user signed in', async () => {
    const first = open();
    const second = open();
    await pass(SECOND);
    await through(first.session.signIn(tokensOf(1)));
    await pass(SECOND);
    const signedInLines = (tab: typeof first) =>
      tab.lines().filter((line) => /: signed in|\d signed in/.test(line));
    expect(signedInLines(first)).toEqual(['10:01:01 signed in, good until 10:11:01']);
    expect(signedInLines(second)).toEqual([
      '10:01:01 tab 2: signed in, good until 10:11:01',
      '10:01:01 signed in: in another tab, or before this page opened, good until 10:11:01',
    ]);
  });
});

describe('tokens that were refused', () => {
  it('are matched with those of a copied tab by the time of their arrival if the tabs share no session', async () => {
    const store = ownStore();
    const first = await signedIn({ store });
    const copy = open({ store: ownStore(await store.read()) });
    answerWith(() => Response.json(tokensOf(2)));
    await refresh(first.session);
    await pass(2 * SECOND);
    answerWith(refused);
    await refresh(copy.session);
    await pass(SECOND);
    expect(copy.lines().at(-2)).toMatch(
      /; \d s before, another tab \(tab 2\) had used most likely the same refresh token$/,
    );
    expect(copy.recorder.report().events.at(-2)).toMatchObject({
      usedBefore: { tab: 'tab 2', succeeded: true, by: 'arrival' },
    });
    expect(copy.recorder.report().events.at(-2)).not.toHaveProperty('generation');
  });

  it('stay marked as used before, whatever happens after the refusal', async () => {
    const first = await signedIn();
    const second = open();
    await pass(10 * SECOND);
    await useTwice(first.session, second.session);
    const usesBefore = () =>
      second.recorder.report().events.flatMap(({ usedBefore }) => (usedBefore ? [usedBefore.tab] : []));
    expect(usesBefore()).toEqual(['tab 2']);
    await through(second.session.signIn(tokensOf(3)));
    await pass(SECOND);
    answerWith(() => Response.json(tokensOf(4)));
    await refresh(second.session);
    await pass(SECOND);
    expect(usesBefore()).toEqual(['tab 2']);
  });

  it('are not matched with another session’s tokens in another tab', async () => {
    const other = await signedIn({ store: ownStore() });
    const tab = open({ store: ownStore() });
    await through(tab.session.signIn(tokensOf(5)));
    answerWith(() => Response.json(tokensOf(2)));
    await refresh(other.session);
    answerWith(refused);
    await refresh(tab.session);
    await pass(SECOND);
    expect(tab.lines()).toContainEqual(expect.stringContaining('tab 2: got new tokens'));
    expect(tab.lines().at(-2)).toMatch(/refresh refused: 400 invalid_grant, after … ms$/);
  });

  it('are not matched with tokens that were replaced before', async () => {
    const { session, lines } = await signedIn();
    answerWith(() => Response.json(tokensOf(2)));
    await refresh(session);
    answerWith(refused);
    await refresh(session);
    expect(lines().at(-2)).toMatch(/refresh refused: 400 invalid_grant, after … ms$/);
  });

  it('are not matched if they are in a cookie', async () => {
    const backend = () => cookieBackend({ url: URL_OF_TOKENS });
    answerWith(() => Response.json({ access_token: 'a', expires_in: 600 }));
    const { session, lines, recorder } = open({ backend: backend(), store: ownStore() });
    await through(session.ready);
    answerWith(lost);
    await refresh(session);
    await pass(3 * SECOND);
    answerWith(() => new Response(null, { status: 401 }));
    await refresh(session);
    expect(lines().at(-1)).toMatch(
      /refresh refused: 401, after … ms, next try in (\d s|… ms); \d s before, this tab had asked for new tokens too, and got no new one$/,
    );
    expect(recorder.report().refreshToken).toBe('cookie');
  });
});

describe('a report', () => {
  it('is plain JSON with the facts of each event', async () => {
    const { session, recorder } = await signedIn();
    answerWith(() => new Response('{}', { status: 503, headers: { 'Retry-After': '7' } }));
    await refresh(session);
    const report = recorder.report();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const generation = expect.any(Number);
    const times = { receivedAt: iso(START), expiresAt: iso(START + 600 * SECOND) };
    expect(report).toEqual({
      version: '__VERSION__',
      madeAt: expect.stringMatching(/^2026-11-30T\d\d:01:0\d\.\d{3}Z$/),
      status: 'signed-in',
      refreshToken: 'page',
      dropped: 0,
      text: expect.any(String),
      events: [
        { at: iso(START), tab: 'this tab', type: 'opened', status: 'signed-out' },
        { at: iso(START), tab: 'this tab', type: 'signed-in', generation, ...times },
        expect.objectContaining({ type: 'refreshing', generation, ...times, waited: expect.any(Number) }),
        expect.objectContaining({
          type: 'refresh-failed',
          error: 'refresh_unavailable',
          answer: 503,
          took: expect.any(Number),
          retryIn: 7_000,
        }),
      ],
    });
  });

  it('keeps only the last events, and says how many older events it dropped', async () => {
    const { session, recorder, lines } = await signedIn({ limit: 3 });
    answerWith(() => Response.json(tokensOf(2)));
    for (let times = 0; times < 4; times++) await refresh(session);
    expect(recorder.report().events.map(({ type }) => type)).toEqual([
      'refreshed',
      'refreshing',
      'refreshed',
    ]);
    expect(recorder.report().dropped).toBe(7);
    expect(lines()[0]).toBe('(7 older events were left out)');
  });

  it('says how long a tab waited for its turn', async () => {
    const first = await signedIn();
    const second = open();
    await pass(SECOND);
    let give = (_: Response) => {};
    answerWith(() => new Promise((resolve) => (give = resolve)));
    const asking = first.session.refresh().catch(() => {});
    await pass(100);
    const waiting = second.session.refresh().catch(() => {});
    await pass(4 * SECOND);
    give(new Response('{}', { status: 429, headers: { 'Retry-After': '2' } }));
    await through(asking);
    answerWith(() => Response.json(tokensOf(2)));
    await through(waiting);
    await refresh(second.session);
    await pass(SECOND);
    const waits = second.recorder.report().events.flatMap(({ tab, waited = 0 }) => ({ tab, waited }));
    expect(Math.max(...waits.map(({ waited }) => waited))).toBeGreaterThan(1_500);
    expect(second.lines()).toContainEqual(
      expect.stringMatching(/\d asks for new tokens, after waiting 2 s$/),
    );
  });

  it('counts a wait from the start of the refresh, not from a later request that joins it', async () => {
    const { session, recorder, lines } = await signedIn();
    const asks = () => lines().filter((line) => line.includes('asks for new tokens'));
    answerWith(() => new Response('{}', { status: 429, headers: { 'Retry-After': '3' } }));
    await refresh(session);
    answerWith(() => Response.json(tokensOf(2)));
    const waiting = session.refresh();
    await pass(2 * SECOND);
    await through(Promise.all([waiting, session.refresh()]));
    await refresh(session);
    expect(asks()).toEqual([
      expect.stringMatching(/tokens$/),
      expect.stringMatching(/tokens, after waiting 3 s$/),
      expect.stringMatching(/tokens$/),
    ]);

    recorder.stop();
    await refresh(session);
    expect(asks()).toHaveLength(3);
    const again = record(session);
    await refresh(session);
    expect(again.report().events.at(-2)?.waited).toBeLessThan(50);
  });
});

const iso = (ms: number) => new Date(ms).toISOString();

describe('the clock of the server', () => {
  const answer = (ahead: number, more = {}) => {
    const iat = Math.floor((Date.now() + ahead) / SECOND);
    return Response.json({
      ...tokensOf(2),
      access_token: jwtOf({ iat, exp: iat + 600 }),
      ...more,
    });
  };

  it.each([
    [2 * 3_600 * SECOND, "the server's clock is 2 h ahead of this computer's"],
    [-300 * SECOND, "the server's clock is 5 min behind this computer's"],
  ])('is reported if it is %i ms ahead', async (ahead, words) => {
    const { session, recorder, lines } = await signedIn();
    answerWith(() => answer(ahead));
    await refresh(session);
    const { clockOffset = 0 } = recorder.report().events.at(-1)!;
    expect(Math.abs(clockOffset - ahead)).toBeLessThanOrEqual(1_000);
    expect(lines().at(-1)).toMatch(new RegExp(`, ${words}$`));
  });

  it('is not mentioned if it is right', async () => {
    const { session, recorder, lines } = await signedIn();
    answerWith(() => answer(0));
    await refresh(session);
    expect(recorder.report().events.at(-1)!.clockOffset).toBeLessThanOrEqual(1_000);
    expect(lines().at(-1)).not.toContain('clock');
  });

  it.each([
    [2, true],
    [3, false],
  ])('is known if the lifetime and the token differ by %i s: %s', async (seconds, isKnown) => {
    const { session, recorder } = await signedIn();
    answerWith(() => answer(0, { expires_in: 600 + seconds }));
    await refresh(session);
    expect(Object.hasOwn(recorder.report().events.at(-1)!, 'clockOffset')).toBe(isKnown);
  });

  it('is unknown with an opaque token, or if the backend calculates the lifetime in another way', async () => {
    const { session, recorder } = await signedIn();
    for (const other of [{ access_token: 'opaque' }, { expires_in: 30 }]) {
      answerWith(() => answer(0, other));
      await refresh(session);
      expect(recorder.report().events.at(-1)).toMatchObject({ type: 'refreshed' });
      expect(recorder.report().events.at(-1)).not.toHaveProperty('clockOffset');
    }
  });
});

describe('record', () => {
  it('leaves no listener and no open channel, after stop() or dispose()', async () => {
    const add = vi.spyOn(globalThis, 'addEventListener');
    const remove = vi.spyOn(globalThis, 'removeEventListener');
    for (const end of ['stop', 'dispose']) {
      const { session, recorder } = await signedIn({ store: ownStore() });
      const opened = add.mock.calls.length;
      expect(opened).toBeGreaterThan(2);
      const close = vi.spyOn(BroadcastChannel.prototype, 'close');
      if (end === 'stop') recorder.stop();
      else session.dispose();
      expect(close).toHaveBeenCalledOnce();
      for (const [type, listener] of add.mock.calls)
        expect(remove.mock.calls).toContainEqual([type, listener]);
      const { events } = recorder.report();
      if (end === 'stop') await through(session.signOut());
      page().dispatchEvent(new Event('pagehide'));
      expect(recorder.report().events).toEqual(events);
      expect(vi.getTimerCount()).toBe(0);
      close.mockRestore();
    }
  });

  it('returns the session’s existing recorder, and a new one after stop()', async () => {
    const { session, recorder } = open();
    expect(record(session)).toBe(recorder);
    recorder.stop();
    const next = record(session);
    expect(next).not.toBe(recorder);
    recorder.stop();
    expect(record(session)).toBe(next);
  });

  it.each([1, 10_000])('accepts a limit of %i', (limit) => {
    expect(open({ limit }).recorder.report().events).toHaveLength(1);
  });

  it('leaves no listener on the session', () => {
    const { session, recorder } = open();
    const remove = vi.spyOn(coreOf(session).disposal, 'removeEventListener');
    recorder.stop();
    expect(remove).toHaveBeenCalledWith('abort', recorder.stop);
  });

  it('records nothing if the session is disposed', () => {
    const { session } = open();
    session.dispose();
    const add = vi.spyOn(globalThis, 'addEventListener');
    const remove = vi.spyOn(globalThis, 'removeEventListener');
    record(session);
    expect(add.mock.calls.map(([type]) => type)).toEqual(['pageshow', 'pagehide', 'pagehide', 'pageshow']);
    expect(remove.mock.calls.length).toBe(add.mock.calls.length);
    for (const call of add.mock.calls) expect(remove.mock.calls).toContainEqual(call);
  });

  it.each([
    [{ limit: 0 }, RangeError, '"limit" must be a whole number from 1 to 10000, got 0'],
    [{ limit: 1.5 }, RangeError, '"limit"'],
    [{ limit: '9' }, RangeError, '"limit"'],
    [{ limit: 10_001 }, RangeError, '"limit"'],
    [{ codes: 'gone' }, TypeError, '"codes" must be a list of strings'],
    [{ codes: [1008] }, TypeError, '"codes"'],
    [{ limits: 5 }, TypeError, 'There is no option "limits"'],
  ])('throws for the options %j', (options, kind, message) => {
    const { session, recorder } = open();
    recorder.stop();
    const act = () => record(session, options as object);
    expect(act).toThrow(kind);
    expect(act).toThrow(message);
  });

  it('throws for a value that is no session', () => {
    expect(() => record({} as Session)).toThrow('"session" must be what createSession() returned');
  });

  it('records a refresh even if another listener signs out during its event', async () => {
    const { session, recorder } = await signedIn();
    recorder.stop();
    session.subscribe(({ type }) => type === 'refreshed' && void session.signOut());
    const later = record(session);
    answerWith(() => Response.json(tokensOf(2)));
    await refresh(session);
    expect(later.report().events.map(({ type }) => type)).toEqual([
      'opened',
      'refreshing',
      'signed-out',
      'refreshed',
    ]);
  });

  it('works on a server, without a page', async () => {
    vi.unstubAllGlobals();
    vi.stubGlobal('fetch', lost);
    const { session, lines } = await signedIn({ store: localStorageStore(), survive: true });
    await refresh(session);
    expect(lines().at(-1)).toContain('refresh failed: the backend could not be reached');
  });
});
