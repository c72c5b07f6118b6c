import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  type Session,
  SessionError,
  type SessionOptions,
  sharedMemoryStore,
  type TokenSet,
  tabs,
} from '../../src/index.js';
import type { Message } from '../../src/tabs/channel.js';
import { IndexedRecord } from '../../src/tabs/indexed-record.js';
import { TabMeeting } from '../../src/tabs/tab-meeting.js';
import { fakeClock } from '../support/clock.js';
import { outcome } from '../support/outcome.js';
import { usePage } from './page.js';
import { QuickChannel, stubTabs } from './quick-channel.js';

const { page } = usePage();
let clock: ReturnType<typeof fakeClock>;
let refresh: ReturnType<typeof vi.fn<(tokens: TokenSet) => Promise<TokenSet>>>;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  stubTabs();
  refresh = vi.fn(async () => tokensOf(1));
});

const LIFETIME = 600_000;
const tokensOf = (serial: number, more: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
  expiresAt: Date.now() + LIFETIME,
  ...more,
});

/** A tab whose tokens are in memory. `cookie`: its refresh token is in a cookie. */
function open({ cookie = false, ...options }: Partial<SessionOptions> & { cookie?: boolean } = {}): Session {
  const coordination = cookie ? { coordination: tabs('by cookie', { persistent: false }) } : {};
  const backend = { readTokens: (body: unknown) => body as TokenSet, refresh, ...coordination };
  const session = createSession({ backend, store: sharedMemoryStore(), ...options });
  onTestFinished(() => session.dispose());
  return session;
}

interface Said extends Message {
  by?: string;
  than?: number;
  to?: string;
  tokens?: TokenSet;
}

/** Another tab, played by the test: the messages that it gets and sends. */
function play() {
  const channel = new QuickChannel('unexpired:memory');
  const heard: Said[] = [];
  channel.onmessage = ({ data }) => heard.push(data as Said);
  const hand = () => heard.filter(({ type }) => type !== 'changed');
  return { hand, asked: () => hand().at(-1)!, say: (message: Said) => channel.postMessage(message) };
}

/** The page goes into the back/forward cache. */
const leavePage = () => page().dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));

/** A ledger without tokens says that somebody has signed in. */
async function recordSignIn(sessionId = 'elsewhere', generation = Date.now()): Promise<void> {
  await clock.through(
    new IndexedRecord<object>('unexpired:memory').update(() => ({ generation, sessionId })),
  );
}

/** A signed-in tab that got its access token from another tab, so it has no refresh token. */
async function openWithout() {
  const other = play();
  const session = open();
  await clock.pass(40);
  const { refreshToken, ...tokens } = tokensOf(0, { generation: 5, sessionId: 'one' });
  other.say({ type: 'answered', to: other.asked().by!, tokens });
  await clock.pass(40);
  expect(session.status).toBe('signed-in');
  return { session, other };
}

describe('a tab that opens', () => {
  it('asks the other tabs for a token of any generation', async () => {
    const other = play();
    open();
    await clock.pass(40);
    expect(other.hand()).toEqual([{ type: 'asked', by: expect.any(String), than: 0 }]);
  });

  it('is signed in as soon as another tab answers', async () => {
    const { session } = await openWithout();
    expect(await session.getAccessToken()).toBe('access-0');
  });

  it('ignores messages to another tab', async () => {
    const other = play();
    const session = open();
    await clock.pass(40);
    for (const type of ['answered', 'failed', 'promised'])
      other.say({ type, to: 'a third tab', tokens: tokensOf(0) });
    expect(session.status).toBe('restoring');
    await clock.pass(400);
    expect(session.status).toBe('signed-out');
  });

  it('waits 300 ms for an answer if nobody is known to be signed in', async () => {
    const session = open();
    await clock.pass(280);
    expect(session.status).toBe('restoring');
    await clock.pass(60);
    expect(session.status).toBe('signed-out');
  });

  it('waits 1,500 ms for an answer if the ledger has a sign-in', async () => {
    await recordSignIn();
    const session = open();
    await clock.pass(1_480);
    expect(session.status).toBe('restoring');
    await clock.pass(60);
    expect(session.status).toBe('signed-out');
  });

  it('does not wait if there is no way to reach other tabs', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const session = open();
    await clock.pass(20);
    expect(session.status).toBe('signed-out');
  });

  it('leaves no timer after the answer', async () => {
    const { session } = await openWithout();
    session.dispose();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits as long as refreshTimeout for a tab that has promised an answer', async () => {
    const other = play();
    const session = open({ refreshTimeout: 5_000 });
    await clock.pass(200);
    other.say({ type: 'promised', to: other.asked().by! });
    await clock.pass(4_900);
    expect(session.status).toBe('restoring');
    other.say({ type: 'answered', to: other.asked().by!, tokens: tokensOf(0) });
    await clock.pass(40);
    expect(session.status).toBe('signed-in');
  });
});

describe('a tab whose token has expired, and that has no refresh token', () => {
  /** The tab asks the other tabs for a new token. */
  async function ask() {
    const tab = await openWithout();
    await clock.tick(LIFETIME);
    const answer = outcome(tab.session.getAccessToken());
    await clock.pass(40);
    return { ...tab, answer };
  }
  const UNAVAILABLE = {
    code: 'refresh_unavailable',
    message: 'The tab that has the refresh token could not refresh',
  };

  it('asks the other tabs for a token of a later generation', async () => {
    const { other } = await ask();
    expect(other.asked()).toEqual({ type: 'asked', by: expect.any(String), than: 5 });
    expect(refresh).not.toHaveBeenCalled();
  });

  it('gets a new token from another tab', async () => {
    const { other, answer } = await ask();
    other.say({
      type: 'answered',
      to: other.asked().by!,
      tokens: tokensOf(1, { generation: 6, sessionId: 'one' }),
    });
    expect(await clock.through(answer)).toBe('access-1');
  });

  it('is signed out if no tab answers within 3,000 ms', async () => {
    const { session, answer } = await ask();
    await clock.pass(2_900);
    expect(session.status).toBe('signed-in');
    await clock.pass(100);
    expect(await answer).toMatchObject({
      code: 'refresh_rejected',
      message: 'No open tab has the refresh token',
    });
    expect(session.status).toBe('signed-out');
  });

  it('stays signed in if the tab with the refresh token cannot refresh, and waits before it asks again', async () => {
    const { session, other, answer } = await ask();
    other.say({ type: 'failed', to: other.asked().by! });
    expect(await clock.through(answer)).toMatchObject(UNAVAILABLE);
    expect(session.status).toBe('signed-in');
    const asked = other.hand().length;
    void outcome(session.getAccessToken());
    await clock.pass(200);
    expect(other.hand().length).toBe(asked);
  });

  it('stays signed in if a promised answer does not arrive within refreshTimeout', async () => {
    const { session, other, answer } = await ask();
    other.say({ type: 'promised', to: other.asked().by! });
    await clock.pass(29_800);
    expect(other.hand().length).toBe(2);
    await clock.pass(400);
    expect(await answer).toMatchObject({ code: expect.stringMatching(/^refresh_(unavailable|timeout)$/) });
    expect(session.status).toBe('signed-in');
  });

  it('stays signed in if its page is left meanwhile', async () => {
    const { session, answer } = await ask();
    leavePage();
    expect(await answer).toMatchObject({ message: 'The page was left during the refresh' });
    await clock.pass(4_000);
    expect(session.status).toBe('signed-in');
  });

  it('asks again at once when its page returns', async () => {
    const { session, other, answer } = await ask();
    leavePage();
    await answer;
    page().dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    const asked = other.hand().length;
    void outcome(session.getAccessToken());
    await clock.pass(40);
    expect(other.hand().length).toBe(asked + 1);
  });
});

describe('a tab that another tab asks for a token', () => {
  /** A tab that signed in, and another tab that asks it for a token. */
  async function openSignedIn(tokens: TokenSet, options: Parameters<typeof open>[0] = {}) {
    const session = open(options);
    await clock.pass(400);
    await clock.through(session.signIn(tokens));
    const other = play();
    const ask = async (than: number) => {
      other.say({ type: 'asked', by: 'me', than });
      await clock.pass(100);
      return other.hand();
    };
    return { session, other, ask };
  }
  const PROMISE = { type: 'promised', to: 'me' };
  const answerOf = (serial: number) => ({
    type: 'answered',
    to: 'me',
    tokens: expect.objectContaining({ accessToken: `access-${serial}` }),
  });
  const NEWER = Number.MAX_SAFE_INTEGER;

  it('answers with its access token, but never with its refresh token', async () => {
    const { ask } = await openSignedIn(tokensOf(0));
    const said = await ask(0);
    expect(said).toEqual([PROMISE, answerOf(0)]);
    expect(JSON.stringify(said)).not.toContain('refresh-0');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('refreshes first if its token is not newer than the asking tab’s token', async () => {
    const { ask } = await openSignedIn(tokensOf(0));
    expect(await ask(NEWER)).toEqual([PROMISE, answerOf(1)]);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('refreshes first if its token has expired', async () => {
    const { ask } = await openSignedIn(tokensOf(0));
    await clock.tick(LIFETIME);
    expect(await ask(0)).toEqual([PROMISE, answerOf(1)]);
  });

  it('promises an answer before its refresh has ended', async () => {
    const { promise, resolve } = Promise.withResolvers<TokenSet>();
    refresh.mockReturnValue(promise);
    const { ask, other } = await openSignedIn(tokensOf(0));
    expect(await ask(NEWER)).toEqual([PROMISE]);
    resolve(tokensOf(1));
    await clock.pass(40);
    expect(other.hand()).toEqual([PROMISE, answerOf(1)]);
  });

  it('reports a failure if it cannot refresh now', async () => {
    refresh.mockRejectedValue(new Error('down'));
    const { ask } = await openSignedIn(tokensOf(0));
    expect(await ask(NEWER)).toEqual([PROMISE, { type: 'failed', to: 'me' }]);
  });

  it('does not report that its session has ended, because that is in the ledger', async () => {
    refresh.mockRejectedValue(new SessionError('refresh_rejected', 'no'));
    const { ask, session } = await openSignedIn(tokensOf(0));
    expect(await ask(NEWER)).toEqual([PROMISE]);
    expect(session.status).toBe('signed-out');
  });

  it('does not answer if nobody is signed in', async () => {
    open();
    const other = play();
    await clock.pass(400);
    const before = other.hand().length;
    other.say({ type: 'asked', by: 'me', than: 0 });
    await clock.pass(20);
    expect(other.hand().length).toBe(before);
  });

  it('passes on a newer token that it got from another tab', async () => {
    const { other } = await openWithout();
    other.say({ type: 'asked', by: 'me', than: 4 });
    await clock.pass(20);
    expect(other.hand().slice(1)).toEqual([PROMISE, answerOf(0)]);
  });

  it('does not answer if it has neither a newer token nor the refresh token', async () => {
    const { other } = await openWithout();
    other.say({ type: 'asked', by: 'me', than: 5 });
    await clock.pass(20);
    expect(other.hand().length).toBe(1);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('answers with a cookie too, but does not refresh for a tab that can refresh by itself', async () => {
    const { ask } = await openSignedIn(tokensOf(0), { cookie: true });
    expect(await ask(NEWER)).toEqual([]);
    expect(await ask(0)).toEqual([PROMISE, answerOf(0)]);
  });
});

describe('a tab with its refresh token in a cookie', () => {
  it('asks the other tabs first if the ledger has a newer entry', async () => {
    await recordSignIn();
    const other = play();
    const session = open({ cookie: true });
    await clock.pass(40);
    expect(other.asked()).toMatchObject({ type: 'asked', than: 0 });
    other.say({ type: 'answered', to: other.asked().by!, tokens: tokensOf(7, { generation: Date.now() }) });
    await clock.pass(40);
    expect(await session.getAccessToken()).toBe('access-7');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('refreshes if no tab answers within 300 ms', async () => {
    await recordSignIn();
    const other = play();
    const session = open({ cookie: true });
    await clock.pass(280);
    expect(refresh).not.toHaveBeenCalled();
    await clock.pass(80);
    expect(refresh).toHaveBeenCalledOnce();
    expect(session.status).toBe('signed-in');
    expect(other.hand().length).toBe(1);
  });

  it('does not ask the other tabs if the ledger has no newer entry', async () => {
    const other = play();
    open({ cookie: true });
    await clock.pass(100);
    expect(other.hand()).toEqual([]);
    expect(refresh).toHaveBeenCalledOnce();
  });
});

describe('a tab with a refresh token in memory', () => {
  /** A tab that has signed in. Then another tab writes to the ledger. */
  async function openBehind(sessionId: (own: string) => string) {
    const session = open();
    await clock.pass(400);
    await clock.through(session.signIn(tokensOf(0)));
    const record = new IndexedRecord<{ sessionId: string; generation: number }>('unexpired:memory');
    const own = (await clock.through(record.update(() => undefined)))!;
    const generation = own.generation + 10;
    await recordSignIn(sessionId(own.sessionId), generation);
    const other = play();
    const refreshed = outcome(session.refresh());
    await clock.pass(40);
    return { session, other, refreshed, own, generation };
  }

  it('asks the tab that has refreshed the same session, and refreshes itself if that tab does not answer', async () => {
    const { other, own } = await openBehind((own) => own);
    expect(other.hand()).toEqual([{ type: 'asked', by: expect.any(String), than: own.generation }]);
    expect(refresh).not.toHaveBeenCalled();
    await clock.pass(340);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('asks for the tokens of a later sign-in in another tab, and does not use its own refresh token', async () => {
    const { session, other, refreshed, generation } = await openBehind(() => 'elsewhere');
    const tokens = tokensOf(9, { generation, sessionId: 'elsewhere' });
    await clock.pass(1_000);
    other.say({ type: 'answered', to: other.asked().by!, tokens });
    await clock.through(refreshed);
    expect(await session.getAccessToken()).toBe('access-9');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('gives its turn back as soon as its page is left', async () => {
    await openBehind(() => 'elsewhere');
    const next = vi.fn(async () => {});
    const limits = { signal: new AbortController().signal, holdFor: 10_000 };
    void new TabMeeting('memory', undefined, false).inTurn(next, limits);
    await clock.pass(100);
    expect(next).not.toHaveBeenCalled();
    leavePage();
    await clock.pass(40);
    expect(next).toHaveBeenCalledOnce();
  });
});
