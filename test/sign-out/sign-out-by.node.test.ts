import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  createSession,
  type Revoke,
  type Session,
  SessionError,
  type SessionEvent,
  type SessionOptions,
  signOutBy,
  type TokenSet,
  type TokenStore,
  warnBeforeEnd,
} from '../../src/index.js';
import { openTab, Place } from '../coordination/place.js';
import { fakeClock } from '../support/clock.js';
import { outcome } from '../support/outcome.js';

const LIFETIME = 60_000;
let clock: ReturnType<typeof fakeClock>;
let page: EventTarget;

beforeEach(() => {
  clock = fakeClock({ timers: true });
  page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

type Refresh = SessionOptions['backend']['refresh'];

const tokens = (serial: number): TokenSet => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
  expiresAt: Date.now() + LIFETIME,
});

function open(
  revoke: Revoke,
  { refresh = async () => tokens(2), ...more }: Partial<SessionOptions> & { refresh?: Refresh } = {},
) {
  const backend = { refresh, readTokens: (body: unknown) => body as TokenSet, signOut: signOutBy(revoke) };
  const session = createSession({ backend, ...more });
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  onTestFinished(() => session.dispose());
  return { session, events, failures: () => events.filter(({ type }) => type === 'revoke-failed') };
}

/** A refresh that by default never ends, and the signals of its calls. */
function notingRefresh(answer: Promise<TokenSet> = new Promise(() => {})) {
  const signals: AbortSignal[] = [];
  const refresh: Refresh = (_, { signal }) => {
    signals.push(signal);
    return answer;
  };
  return { refresh, signals };
}

/** Runs everything that needs no time. */
const settle = () => clock.tick(0);

describe('signOut() with signOutBy', () => {
  it('ends the session at once, and revokes its tokens on the server', async () => {
    const told = Promise.withResolvers<void>();
    const revoke = vi.fn<Revoke>(() => told.promise);
    const { session } = open(revoke);
    await session.signIn(tokens(1));
    const signedOut = vi.fn();
    void session.signOut().then(signedOut);
    expect(session.status).toBe('signed-out');
    // Synchronously, because the page may be left at once.
    expect(revoke.mock.calls.map(([held]) => held)).toEqual([expect.objectContaining(tokens(1))]);
    await settle();
    expect(signedOut).not.toHaveBeenCalled();
    told.resolve();
    await settle();
    expect(signedOut).toHaveBeenCalledOnce();
  });

  it('does not call the server while nobody is signed in, and not twice', async () => {
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke);
    await session.signOut();
    await session.signIn(tokens(1));
    await session.signOut();
    await session.signOut();
    expect(revoke).toHaveBeenCalledOnce();
  });

  it('waits for a running refresh, so that the new token is revoked', async () => {
    const answer = Promise.withResolvers<TokenSet>();
    const { refresh, signals } = notingRefresh(answer.promise);
    const revoke = vi.fn<Revoke>(async () => {});
    const { session, events } = open(revoke, { refresh });
    await session.signIn({ ...tokens(1), device: 'seven' });
    const waiting = outcome(session.refresh());
    await settle();
    void session.signOut();
    expect(await waiting).toMatchObject({ code: 'signed_out' });
    expect(signals[0]?.aborted).toBe(false);
    expect(revoke).not.toHaveBeenCalled();
    answer.resolve({ accessToken: 'access-2', refreshToken: 'refresh-2' });
    await settle();
    const alive = { accessToken: 'access-2', refreshToken: 'refresh-2', device: 'seven' };
    expect(revoke.mock.calls.map(([held]) => held)).toEqual([expect.objectContaining(alive)]);
    expect(session.status).toBe('signed-out');
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'refreshing', 'signed-out']);
  });

  it.each([
    ['is refused', new SessionError('refresh_rejected', 'no')],
    ['fails', new TypeError('Failed to fetch')],
  ])('revokes the old tokens if that refresh %s', async (_, reason) => {
    const answer = Promise.withResolvers<TokenSet>();
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke, { refresh: () => answer.promise });
    await session.signIn(tokens(1));
    void session.refresh().catch(() => {});
    await settle();
    void session.signOut();
    answer.reject(reason);
    await settle();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-1']);
  });

  it('stops waiting when the page is left', async () => {
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke, { refresh: () => new Promise(() => {}) });
    await session.signIn(tokens(1));
    void session.refresh().catch(() => {});
    await settle();
    void session.signOut();
    await settle();
    expect(revoke).not.toHaveBeenCalled();
    page.dispatchEvent(new Event('pagehide'));
    await settle();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-1']);
  });

  it('revokes the newest tokens after a refresh', async () => {
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke);
    await session.signIn(tokens(1));
    await session.refresh();
    await session.signOut();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-2']);
  });

  it('revokes the tokens of a later sign-in, not those of an earlier refresh', async () => {
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke);
    await session.signIn(tokens(1));
    await session.refresh();
    await session.signIn(tokens(7));
    await session.signOut();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-7']);
  });

  it('revokes tokens that the application has stored since', async () => {
    let stored: TokenSet | null = null;
    let changed = () => {};
    const store: TokenStore = {
      read: () => stored,
      write: (next) => void (stored = next),
      subscribe: (listener) => {
        changed = listener;
        return () => {};
      },
    };
    const revoke = vi.fn<Revoke>(async () => {});
    const { session, events } = open(revoke, { store, identify: () => 'kevin' });
    await session.signIn(tokens(1));
    await session.refresh();
    stored = tokens(7);
    changed();
    expect(events.at(-1)?.type).toBe('adopted');
    await session.signOut();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-7']);
  });

  it('does not wait for a refresh that has timed out', async () => {
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke, { refresh: () => new Promise(() => {}), refreshTimeout: 5_000 });
    await session.signIn(tokens(1));
    const refreshing = outcome(session.refresh());
    await clock.tick(5_000);
    await refreshing;
    await session.signOut();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-1']);
  });

  it('waits for a refresh even if other events happen during it', async () => {
    const answer = Promise.withResolvers<TokenSet>();
    const revoke = vi.fn<Revoke>(async () => {});
    const { session, events } = open(revoke, { refresh: () => answer.promise });
    await session.signIn({ ...tokens(1), endsAt: Date.now() + LIFETIME });
    void session.refresh().catch(() => {});
    await settle();
    warnBeforeEnd(session);
    await settle();
    expect(events.at(-1)?.type).toBe('ending');
    void session.signOut();
    answer.resolve(tokens(2));
    await settle();
    expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-2']);
  });

  it('leaves no listener on the page after its wait, and also waits outside a page', async () => {
    const listen = vi.spyOn(page, 'addEventListener');
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    for (const hasPage of [true, false]) {
      if (!hasPage) vi.stubGlobal('addEventListener', undefined);
      const answer = Promise.withResolvers<TokenSet>();
      const revoke = vi.fn<Revoke>(async () => {});
      const { session } = open(revoke, { refresh: () => answer.promise });
      await session.signIn(tokens(1));
      void session.refresh().catch(() => {});
      await settle();
      void session.signOut();
      answer.resolve(tokens(2));
      await settle();
      expect(revoke.mock.calls.map(([held]) => held.refreshToken)).toEqual(['refresh-2']);
    }
    const signals = listen.mock.calls.map(([, , options]) => (options as AddEventListenerOptions)?.signal);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('does not call the server while the session is restoring', async () => {
    const revoke = vi.fn<Revoke>(async () => {});
    const { session } = open(revoke, { store: { read: () => new Promise(() => {}), write() {} } });
    expect(session.status).toBe('restoring');
    await session.signOut();
    expect(revoke).not.toHaveBeenCalled();
  });

  it('does not end the session of a user who signs in meanwhile', async () => {
    const told = Promise.withResolvers<void>();
    const { session } = open(() => told.promise);
    await session.signIn(tokens(1));
    const signingOut = session.signOut();
    await session.signIn(tokens(7));
    told.resolve();
    await signingOut;
    expect(await session.getAccessToken()).toBe('access-7');
  });

  it('does not abort a refresh of that user if the server cannot be reached', async () => {
    const told = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<TokenSet>();
    const { refresh, signals } = notingRefresh(answer.promise);
    const { session, failures } = open(() => told.promise, { refresh });
    await session.signIn(tokens(1));
    const signingOut = session.signOut();
    await session.signIn(tokens(7));
    const refreshing = session.refresh();
    await settle();
    told.reject(new TypeError('Failed to fetch'));
    await signingOut;
    expect(failures().length).toBe(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    answer.resolve(tokens(8));
    await refreshing;
    expect(await session.getAccessToken()).toBe('access-8');
  });

  it('does not change that another sign-in aborts a refresh', async () => {
    const { refresh, signals } = notingRefresh();
    const { session } = open(async () => {}, { refresh });
    await session.signIn(tokens(1));
    void session.refresh().catch(() => {});
    await settle();
    await session.signIn(tokens(7));
    expect(signals[0]?.aborted).toBe(true);
  });

  it.each([
    ['while the user is signed in', false],
    ['after a sign-out', true],
  ])('does not change that dispose() aborts a refresh %s', async (_, isSignedOut) => {
    const { refresh, signals } = notingRefresh();
    const { session } = open(async () => {}, { refresh });
    await session.signIn(tokens(1));
    void session.refresh().catch(() => {});
    await settle();
    if (isSignedOut) void session.signOut();
    await settle();
    expect(signals[0]?.aborted).toBe(false);
    session.dispose();
    expect(signals[0]?.aborted).toBe(true);
  });

  it('does not abort a refresh after dispose() if others need its tokens', async () => {
    const answer = Promise.withResolvers<TokenSet>();
    const place = new Place();
    const backend = { signOut: signOutBy(async () => {}) };
    const tab = openTab(place, { finishesCalls: true, refresh: () => answer.promise, backend });
    await tab.session.signIn(tokens(1));
    void tab.session.refresh().catch(() => {});
    await settle();
    tab.session.dispose();
    expect(tab.refresh.mock.calls[0]![1].signal.aborted).toBe(false);
    answer.resolve(tokens(2));
    await settle();
    expect(place.entry?.tokens?.accessToken).toBe('access-2');
  });
});

describe('a sign-out that does not reach the server', () => {
  it('emits an event, and still signs the user out', async () => {
    const { session, failures } = open(async () => {
      throw new TypeError('Failed to fetch');
    });
    await session.signIn(tokens(1));
    await session.signOut();
    expect(session.status).toBe('signed-out');
    const message = 'The server could not be told of the sign-out: Failed to fetch';
    const cause = expect.objectContaining({ name: 'TypeError', message: 'Failed to fetch' });
    expect(failures()).toEqual([
      { type: 'revoke-failed', error: expect.objectContaining({ code: 'revoke_failed', message, cause }) },
    ]);
  });

  it('has an error without tokens', async () => {
    const { session, failures } = open(async (held) => {
      throw Object.assign(new Error('no'), { config: held });
    });
    await session.signIn({ accessToken: 'secret', refreshToken: 'secret' });
    await session.signOut();
    const [event] = failures() as { error: Error }[];
    expect(JSON.stringify([event, { ...event?.error }, { ...(event?.error.cause as object) }])).not.toContain(
      'secret',
    );
  });

  it('is given up after refreshTimeout if the server does not respond', async () => {
    let aborted: AbortSignal | undefined;
    const revoke: Revoke = (_, { signal }) => {
      aborted = signal;
      return new Promise(() => {});
    };
    const { session, failures } = open(revoke, { refreshTimeout: 5_000 });
    await session.signIn(tokens(1));
    const signingOut = session.signOut();
    await clock.tick(4_999);
    expect(failures()).toEqual([]);
    await clock.tick(1);
    await signingOut;
    expect(failures().length).toBe(1);
    expect(aborted?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is given up after refreshTimeout if it waits for a refresh, which is aborted', async () => {
    const signals: AbortSignal[] = [];
    const refresh: Refresh = (_, { signal }) => {
      signals.push(signal);
      // like `fetch`
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const revoke = vi.fn<Revoke>(async () => {});
    const { session, failures } = open(revoke, { refresh, refreshTimeout: 5_000 });
    await session.signIn(tokens(1));
    void session.refresh().catch(() => {});
    await settle();
    const signingOut = session.signOut();
    await clock.tick(5_000);
    await signingOut;
    await settle();
    expect(signals[0]?.aborted).toBe(true);
    expect(failures().length).toBe(1);
    expect(revoke).not.toHaveBeenCalled();
  });

  it('is sent once more after Retry-After', async () => {
    const busy = () => new SessionError('refresh_unavailable', 'busy', { retryAfter: 3_000 });
    const revoke = vi.fn<Revoke>().mockRejectedValueOnce(busy()).mockResolvedValue(undefined);
    const { session, failures } = open(revoke);
    await session.signIn(tokens(1));
    const signingOut = session.signOut();
    await clock.tick(2_999);
    expect(revoke).toHaveBeenCalledOnce();
    await clock.tick(1);
    await signingOut;
    expect(revoke).toHaveBeenCalledTimes(2);
    expect(failures()).toEqual([]);
  });

  const busyFor = (retryAfter: number) =>
    vi.fn<Revoke>(async () => {
      throw new SessionError('refresh_unavailable', 'busy', { retryAfter });
    });

  it('is not sent a third time', async () => {
    const revoke = busyFor(3_000);
    const { session, failures } = open(revoke);
    await session.signIn(tokens(1));
    const signingOut = session.signOut();
    await clock.tick(60_000);
    await signingOut;
    expect(revoke).toHaveBeenCalledTimes(2);
    expect(failures().length).toBe(1);
  });

  it.each([30_000, 60_000])('is not sent again if Retry-After is too long: %i ms', async (retryAfter) => {
    const revoke = busyFor(retryAfter);
    const { session, failures } = open(revoke, { refreshTimeout: 30_000 });
    await session.signIn(tokens(1));
    await session.signOut();
    expect(failures().length).toBe(1);
    await clock.tick(60_000);
    expect(revoke).toHaveBeenCalledOnce();
  });

  it.each([
    ['during the call', undefined],
    ['during the wait for Retry-After', 3_000],
  ])('leaves nothing behind and aborts no call if the session is disposed %s', async (_, retryAfter) => {
    const signals: AbortSignal[] = [];
    const revoke: Revoke = (_held, { signal }) => {
      signals.push(signal);
      if (retryAfter) throw new SessionError('refresh_unavailable', 'busy', { retryAfter });
      return new Promise(() => {});
    };
    const { session, failures } = open(async (...given) => revoke(...given));
    await session.signIn(tokens(1));
    void session.signOut();
    await settle();
    session.dispose();
    await settle();
    expect(vi.getTimerCount()).toBe(0);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    expect(failures()).toEqual([]);
  });

  it('aborts the refresh that it waits for if the session is disposed', async () => {
    const { refresh, signals } = notingRefresh();
    const { session } = open(async () => {}, { refresh });
    await session.signIn(tokens(1));
    void session.refresh().catch(() => {});
    await settle();
    void session.signOut();
    session.dispose();
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('sessions that share a store', () => {
  /** A store of the application that several sessions in this page use. */
  function sharedStore(): TokenStore {
    let held: TokenSet | null = null;
    const listeners = new Set<() => void>();
    return {
      read: () => held,
      write(next) {
        held = next;
        for (const changed of listeners) changed();
      },
      subscribe(changed) {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
    };
  }

  it('revoke tokens of a refresh that ends after a sign-out in another session', async () => {
    const store = sharedStore();
    const answer = Promise.withResolvers<TokenSet>();
    const revoked: (string | undefined)[] = [];
    const revoke: Revoke = async ({ refreshToken }) => void revoked.push(refreshToken);
    const refresh = vi.fn<Refresh>(() => answer.promise);
    const first = open(revoke, { store, refresh }).session;
    await first.signIn(tokens(1));
    const second = open(revoke, { store, refresh }).session;
    await second.ready;
    void second.refresh().catch(() => {});
    await settle();
    await first.signOut();
    expect([first.status, second.status]).toEqual(['signed-out', 'signed-out']);
    expect(revoked).toEqual(['refresh-1']);
    answer.resolve(tokens(2));
    await settle();
    expect(revoked).toEqual(['refresh-1', 'refresh-2']);
    expect([first.status, second.status]).toEqual(['signed-out', 'signed-out']);
  });

  it('revoke tokens of a refresh that ended just before a sign-out in another session, which may not know them', async () => {
    const store = sharedStore();
    const revoked: (string | undefined)[] = [];
    const revoke: Revoke = async ({ refreshToken }) => void revoked.push(refreshToken);
    const [first, second] = [open(revoke, { store }).session, open(revoke, { store }).session];
    await first.signIn(tokens(1));
    await second.refresh();
    await clock.tick(4_000);
    await first.signOut();
    await settle();
    expect(revoked).toEqual(['refresh-2', 'refresh-2']);
  });

  it.each([
    ['during a refresh that fails', false],
    ['after a refresh that failed', true],
  ])('revoke such tokens even %s', async (_, hasFailed) => {
    const store = sharedStore();
    const revoked: (string | undefined)[] = [];
    const revoke: Revoke = async ({ refreshToken }) => void revoked.push(refreshToken);
    const answer = Promise.withResolvers<TokenSet>();
    const refresh = vi.fn<Refresh>(() => answer.promise).mockResolvedValueOnce(tokens(2));
    const first = open(revoke, { store, refresh }).session;
    await first.signIn(tokens(1));
    const second = open(revoke, { store, refresh }).session;
    await second.ready;
    await second.refresh();
    const refreshing = second.refresh().catch(() => {});
    await settle();
    const fail = () => answer.reject(new TypeError('Failed to fetch'));
    if (hasFailed) {
      fail();
      await refreshing;
    }
    await first.signOut();
    fail();
    await settle();
    expect(revoked).toEqual(['refresh-2', 'refresh-2']);
  });

  it('do not revoke tokens of an earlier refresh twice, even after a refresh that failed', async () => {
    const store = sharedStore();
    const revoke = vi.fn<Revoke>(async () => {});
    const refresh = vi.fn<Refresh>(async () => tokens(2));
    const [first, second] = [open(revoke, { store }).session, open(revoke, { store, refresh }).session];
    await first.signIn(tokens(1));
    await second.refresh();
    refresh.mockRejectedValue(new TypeError('Failed to fetch'));
    await outcome(second.refresh());
    await clock.tick(5_000);
    await first.signOut();
    await settle();
    expect(revoke).toHaveBeenCalledOnce();
  });

  it('do not call the server because of a sign-out in another session', async () => {
    const store = sharedStore();
    const revoke = vi.fn<Revoke>(async () => {});
    const sessions: Session[] = [];
    for (let count = 0; count < 3; count++) sessions.push(open(revoke, { store }).session);
    await sessions[0]?.signIn(tokens(1));
    await sessions[1]?.refresh();
    await clock.tick(5_000);
    await sessions[2]?.signOut();
    await settle();
    expect(sessions.map(({ status }) => status)).toEqual(Array(3).fill('signed-out'));
    expect(revoke).toHaveBeenCalledOnce();
  });
});
