import { describe, expect, it, vi } from 'vitest';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { type ReauthenticateEvent, SessionError, type TokenSet, withStepUp } from '../../src/index.js';
import { openTab, Place } from '../coordination/place.js';
import { outcome } from '../support/outcome.js';
import { HOUR, type OpenOptions, openSession, type Refresh, tokens, useClock } from '../support/session.js';

const clock = useClock();

const refuse: Refresh = async () => {
  throw new SessionError('refresh_rejected', 'refused');
};
const down: Refresh = async () => {
  throw new TypeError('Failed to fetch');
};
const rejected = { code: 'refresh_rejected' };

async function signedIn(options: OpenOptions = {}, held: TokenSet = tokens(1)) {
  const opened = openSession(options);
  await opened.session.signIn(held);
  return opened;
}

/** A backend whose responses the test sets, one for each call. */
function answered() {
  const answers: { resolve(tokens: TokenSet): void; reject(reason: unknown): void; signal: AbortSignal }[] =
    [];
  const refresh: Refresh = (_, { signal }) =>
    new Promise((resolve, reject) => answers.push({ resolve, reject, signal }));
  return { answers, refresh };
}

/** A store that does not tell the session about changes. The test writes to `stored`. */
function application(stored: TokenSet | null = null) {
  return {
    stored,
    read() {
      return this.stored;
    },
    write(next: TokenSet | null) {
      this.stored = next;
    },
  };
}

describe('the tokens of a refresh', () => {
  it('keep other fields that the response does not contain, but not the expiry', async () => {
    const { session } = await signedIn(
      { refresh: async () => ({ accessToken: 'access-2', plan: 'new' }) },
      { ...tokens(1), name: 'kevin', plan: 'old' },
    );
    await session.refresh();
    expect(session.details).toEqual({ name: 'kevin', plan: 'new' });
    await clock.tick(2 * HOUR);
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('keep the old refresh token if the response has none', async () => {
    const answers: object[] = [
      { accessToken: 'access-2' },
      { accessToken: 'access-3', refreshToken: undefined },
      { accessToken: 'access-4', refreshToken: 'refresh-4' },
    ];
    const { session, refresh } = await signedIn({
      refresh: async () => (answers.shift() ?? tokens(5)) as TokenSet,
    });
    for (let count = 0; count < 4; count++) await session.refresh();
    const spent = refresh.mock.calls.map(([{ refreshToken }]) => refreshToken);
    expect(spent).toEqual(['refresh-1', 'refresh-1', 'refresh-1', 'refresh-4']);
  });

  it('have no field for a refresh token if there is none', async () => {
    const store = application();
    const { session } = await signedIn(
      { store, refresh: async () => ({ accessToken: 'b' }) },
      { accessToken: 'a' },
    );
    await session.refresh();
    expect(Object.keys(store.stored ?? {})).not.toContain('refreshToken');
  });

  it('are used even if they seem to have expired, because then a clock is wrong', async () => {
    const { session, refresh } = await signedIn({
      refresh: async () => ({ ...tokens(2), expiresAt: Date.now() - HOUR }),
    });
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('cause an error if they are invalid', async () => {
    const { session } = await signedIn({ refresh: async () => ({}) as TokenSet });
    expect(await outcome(session.refresh())).toMatchObject({ code: 'invalid_token_response' });
    expect(await session.getAccessToken()).toBe('access-1');
  });
});

describe('a refused refresh', () => {
  it('ends the session', async () => {
    const store = application();
    const { session, types, events } = await signedIn({ refresh: refuse, store });
    expect(await outcome(session.refresh())).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
    expect(store.stored).toBeNull();
    expect(types()).toEqual(['signed-in', 'refreshing', 'refresh-failed', 'signed-out']);
    expect(events.at(-2)).toMatchObject({ error: rejected });
    expect(events.at(-1)).toMatchObject({ reason: 'refresh_rejected' });
  });

  it('does not end the session before the access token expires if there was no refresh token', async () => {
    const held = { accessToken: 'access-1', expiresAt: Date.now() + HOUR };
    const { session } = await signedIn({ refresh: refuse }, held);
    expect(await outcome(session.refresh())).toMatchObject(rejected);
    expect(await session.getAccessToken()).toBe('access-1');
    await clock.tick(HOUR);
    expect(await outcome(session.getAccessToken())).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
  });

  it('is recognized only by the code refresh_rejected', async () => {
    const { session } = await signedIn({
      refresh: async () => {
        throw new SessionError('invalid_token_response', 'what?');
      },
    });
    await outcome(session.refresh());
    expect(session.status).toBe('signed-in');
  });

  it.each([
    ['a higher generation', { generation: 7 }, { generation: 8 }],
    ['a generation if the refused tokens have none', {}, { generation: 1 }],
    ['another refresh token', {}, {}],
  ])('is ignored if the store has tokens with %s', async (_, before, after) => {
    const store = application();
    const { session, types } = await signedIn(
      { store, refresh: refuse, identify: () => 'kevin' },
      { ...tokens(1), ...before },
    );
    store.stored = { ...tokens(2), ...after };
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types()).not.toContain('signed-out');
  });

  it.each([
    ['the same tokens', {}, tokens(1)],
    ['the same generation', { generation: 7 }, { ...tokens(2), generation: 7 }],
    ['generation 0', {}, { ...tokens(2), generation: 0 }],
    ['nothing', {}, null],
  ])('ends the session if the store has %s', async (_, before, stored) => {
    const store = application();
    const { session } = await signedIn({ store, refresh: refuse }, { ...tokens(1), ...before });
    store.stored = stored;
    expect(await outcome(session.refresh())).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
  });

  it('does not read the store if the session has ended meanwhile', async () => {
    const { answers, refresh } = answered();
    const store = application();
    const read = vi.spyOn(store, 'read');
    const { session, types } = await signedIn({ store, refresh });
    const refreshing = outcome(session.refresh());
    await clock.settle();
    await session.signOut();
    read.mockClear();
    answers[0]?.reject(new SessionError('refresh_rejected', 'too late'));
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    await clock.settle();
    expect(read).not.toHaveBeenCalled();
    expect(types()).toEqual(['signed-in', 'refreshing', 'signed-out']);
  });
});

describe('a backend that is unavailable', () => {
  it('does not end the session, and its error is the reason in the event', async () => {
    const { session, events } = await signedIn({ refresh: down });
    const error = await outcome(session.refresh());
    expect(error).toMatchObject({
      code: 'refresh_unavailable',
      message: 'The refresh failed: Failed to fetch',
    });
    expect(events.at(-1)).toEqual({ type: 'refresh-failed', error });
    expect(session.status).toBe('signed-in');
  });

  it('is not called again before the access token expires', async () => {
    const { session, refresh } = await signedIn({ refresh: down });
    await clock.tick(HOUR - 5_000);
    expect(await session.getAccessToken()).toBe('access-1');
    await clock.tick(4_999);
    expect(await session.getAccessToken()).toBe('access-1');
    expect(refresh).toHaveBeenCalledOnce();
    await clock.tick(1);
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'refresh_unavailable' });
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('until refreshTimeout makes the request fail, but its late tokens are used', async () => {
    const { answers, refresh } = answered();
    const { session, types } = await signedIn({ refresh, refreshTimeout: 5_000 });
    const refreshing = outcome(session.refresh());
    await clock.tick(5_000);
    expect(await refreshing).toMatchObject({ code: 'refresh_timeout', message: 'No answer within 5000 ms' });
    answers[0]?.resolve(tokens(2));
    await clock.settle();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types()).toEqual(['signed-in', 'refreshing', 'refresh-failed', 'refreshed']);
  });

  it('until refreshTimeout makes the request fail, and its late refusal is ignored', async () => {
    const { answers, refresh } = answered();
    const { session, types } = await signedIn({ refresh, refreshTimeout: 5_000 });
    const refreshing = outcome(session.refresh());
    await clock.tick(5_000);
    await refreshing;
    answers[0]?.reject(new SessionError('refresh_rejected', 'too late'));
    await clock.settle();
    expect(session.status).toBe('signed-in');
    expect(types()).toEqual(['signed-in', 'refreshing', 'refresh-failed']);
  });
});

describe('a sign-in or sign-out during a refresh', () => {
  it('aborts the call and ignores its late response', async () => {
    const { answers, refresh } = answered();
    const { session, types } = await signedIn({ refresh });
    const refreshing = outcome(session.refresh());
    await clock.settle();
    await session.signOut();
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    expect(answers[0]?.signal.aborted).toBe(true);
    answers[0]?.resolve(tokens(2));
    await clock.settle();
    expect(session.status).toBe('signed-out');
    expect(types()).toEqual(['signed-in', 'refreshing', 'signed-out']);
  });

  it('of the same user lets waiting requests continue', async () => {
    const { answers, refresh } = answered();
    const { session } = await signedIn({ refresh, identify: () => 'kevin' });
    const refreshing = session.refresh();
    await clock.settle();
    await session.signIn(tokens(5));
    await refreshing;
    answers[0]?.resolve(tokens(2));
    await clock.settle();
    expect(await session.getAccessToken()).toBe('access-5');
  });

  it('of another user rejects waiting requests', async () => {
    const { refresh } = answered();
    const { session } = await signedIn({ refresh });
    const refreshing = outcome(session.refresh());
    await clock.settle();
    await session.signIn(tokens(5));
    expect(await refreshing).toMatchObject({
      code: 'session_changed',
      message: 'Another user has signed in',
    });
  });

  it('is not a failure, so the next user’s refresh does not wait', async () => {
    const { answers, refresh } = answered();
    const { session } = await signedIn({ refresh });
    void outcome(session.refresh());
    await clock.settle();
    await session.signIn(tokens(5));
    await clock.settle();
    void outcome(session.refresh());
    await clock.settle();
    expect(answers.length).toBe(2);
  });

  it('does not stop the refresh of the next user', async () => {
    const { answers, refresh } = answered();
    const { session } = await signedIn({ refresh });
    void outcome(session.refresh());
    await clock.settle();
    void session.signIn(tokens(5));
    const refreshing = session.refresh();
    await clock.settle();
    answers[0]?.reject(new Error('stopped'));
    await clock.settle();
    answers[1]?.resolve(tokens(6));
    await refreshing;
    expect(await session.getAccessToken()).toBe('access-6');
  });
});

describe('a refresh that returns another user’s tokens', () => {
  const identify = (_: unknown, { accessToken }: TokenSet) => accessToken;

  it('signs that user in, and rejects waiting requests', async () => {
    const { session } = await signedIn({ identify });
    expect(await outcome(session.refresh())).toMatchObject({ code: 'session_changed' });
    expect(await session.getAccessToken()).toBe('access-2');
  });
});

describe('a user who must sign in again', () => {
  /** A session whose refresh was refused, with a dialog that the test answers. */
  async function asked(options: OpenOptions = {}) {
    const dialog = Promise.withResolvers<unknown>();
    const reauthenticate = vi.fn((_: ReauthenticateEvent) => dialog.promise);
    const claims = btoa(JSON.stringify({ sub: 'kevin' })).replaceAll('=', '');
    const opened = await signedIn(
      { refresh: refuse, reauthenticate, identify: () => 'kevin', ...options },
      { ...tokens(1), accessToken: `e30.${claims}.x` },
    );
    const refreshing = outcome(opened.session.refresh());
    await clock.settle();
    return { ...opened, dialog, reauthenticate, refreshing };
  }

  it('is known to `reauthenticate` by the claims of the last token', async () => {
    const { reauthenticate, events, session } = await asked();
    expect(reauthenticate.mock.calls).toEqual([
      [{ claims: { sub: 'kevin' }, signal: expect.any(AbortSignal) }],
    ]);
    expect(events.at(-1)).toEqual({ type: 'reauthenticating', reason: undefined });
    expect(session.status).toBe('signed-in');
  });

  it('continues with the new tokens, like all waiting requests', async () => {
    const { dialog, refreshing, session, reauthenticate } = await asked();
    dialog.resolve(tokens(5));
    await refreshing;
    expect(await session.getAccessToken()).toBe('access-5');
    expect(reauthenticate.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it('is signed out if `reauthenticate` resolves without a sign-in', async () => {
    const { dialog, refreshing, session, types } = await asked();
    dialog.resolve(undefined);
    expect(await refreshing).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
    expect(types().slice(2)).toEqual(['reauthenticating', 'refresh-failed', 'signed-out']);
  });

  it('is signed out if `reauthenticate` rejects, without an extra event', async () => {
    const { dialog, refreshing, session, types } = await asked();
    dialog.reject(new Error('cancelled'));
    expect(await refreshing).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
    expect(types().slice(2)).toEqual(['reauthenticating', 'refresh-failed', 'signed-out']);
  });

  it.each([
    ['an unusable login response', 'invalid_token_response', { accessToken: '' }],
    ['a timeout', 'refresh_timeout', undefined],
  ])('gets a refresh-failed event for %s', async (_, code, answer) => {
    const { dialog, refreshing, events } = await asked({ reauthenticateTimeout: 60_000 });
    if (answer) dialog.resolve(answer);
    await clock.tick(60_000);
    await refreshing;
    const failures = events.filter((event) => event.type === 'refresh-failed').map(({ error }) => error.code);
    expect(failures).toEqual([code, 'refresh_rejected']);
  });

  it('is not signed in by a dialog that ends after a sign-out, and no event is emitted', async () => {
    const { dialog, refreshing, session, types } = await asked();
    await session.signOut();
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    dialog.resolve(tokens(5));
    await clock.settle();
    expect(session.status).toBe('signed-out');
    expect(types().slice(2)).toEqual(['reauthenticating', 'signed-out']);
  });

  it('is not asked if the backend is unavailable', async () => {
    const { reauthenticate } = await asked({ refresh: down });
    expect(reauthenticate).not.toHaveBeenCalled();
  });

  it('can be asked for a step-up: if it fails, the request gets the first response', async () => {
    const required = new Response(null, {
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication"' },
    });
    const send = vi.fn(async () => required);
    const answers: (() => Promise<unknown>)[] = [
      () => Promise.reject(new Error('cancelled')),
      async () => tokens(5),
      async () => undefined, // the server has recorded the step-up
    ];
    const { session } = await signedIn({
      reauthenticate: withStepUp(() => answers.shift()!()),
      identify: () => 'kevin',
    });
    const request = createSessionFetch(session, { origins: ['https://api.test'], fetch: send });
    await request('https://api.test/order');
    expect(send).toHaveBeenCalledTimes(1);
    await request('https://api.test/order');
    expect(send).toHaveBeenCalledTimes(3);
    await request('https://api.test/order');
    expect(send).toHaveBeenCalledTimes(5);
  });

  it('can send a request that contains the refresh token without waiting, because no refresh is running', async () => {
    const { session } = await asked();
    const send = vi.fn(async (...args: Parameters<typeof fetch>) => {
      return new Response(new Request(...args).headers.get('authorization'));
    });
    const request = createSessionFetch(session, { origins: ['https://api.test'], fetch: send });
    const response = await request('https://api.test/logout', { method: 'POST', body: 'refresh-1' });
    expect(await response.text()).toMatch(/^Bearer e30/);
  });
});

describe('a session that opens with tokens of old code', () => {
  const existing = () => ({ refreshToken: 'old' });

  it('refreshes with the old refresh token, and signs in', async () => {
    const { session, refresh, types } = openSession({ existing });
    await session.ready;
    expect(refresh.mock.calls[0]?.[0]).toEqual({ accessToken: '', refreshToken: 'old' });
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types()).toEqual(['refreshing', 'signed-in', 'refreshed']);
  });

  it('takes an old access token without a call, and refreshes at the first request if it has expired', async () => {
    const { session, refresh } = openSession({
      existing: () => ({ ...tokens(1), expiresAt: Date.now() - 1 }),
    });
    await session.ready;
    expect(refresh).not.toHaveBeenCalled();
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('stores the old tokens with a session id if tabs share the session', async () => {
    const place = new Place();
    const tab = openTab(place, { existing: () => tokens(1) });
    await tab.session.ready;
    expect(place.stored).toMatchObject({ accessToken: 'access-1', sessionId: expect.any(String) });
  });

  it('is signed out without a call if there are no old tokens', async () => {
    const { session, refresh, events } = openSession({ existing: () => null });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(refresh).not.toHaveBeenCalled();
    expect(events).toEqual([]);
  });

  it('does not use the old tokens again after a sign-out', async () => {
    const { session } = openSession({ existing: () => tokens(1) });
    await session.ready;
    await session.signOut();
    expect(await outcome(session.refresh())).toMatchObject({ code: 'signed_out' });
    expect(session.status).toBe('signed-out');
  });

  it('continues with the tokens in the store if the old tokens are refused and the store has new ones', async () => {
    const store = application();
    const { session } = openSession({
      store,
      existing,
      refresh: async (...given) => {
        store.stored = tokens(6);
        return refuse(...given);
      },
    });
    await session.ready;
    expect(await session.getAccessToken()).toBe('access-6');
  });

  it('is signed out if the old tokens are refused', async () => {
    const { session, types } = openSession({ existing, refresh: refuse });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(types()).toEqual(['refreshing', 'refresh-failed']);
  });

  it('stays in restoring if the backend is down, and refreshes at the next request', async () => {
    const { session, refresh } = openSession({ existing, refresh: down });
    await session.ready;
    expect(session.status).toBe('restoring');
    refresh.mockResolvedValue(tokens(2));
    const token = session.getAccessToken();
    await clock.tick(1_000);
    expect(await token).toBe('access-2');
  });

  it('does not use the old tokens if somebody signs in before they are read', async () => {
    const answer = Promise.withResolvers<unknown>();
    const { session, refresh } = openSession({ existing: () => answer.promise });
    await clock.settle();
    await session.signIn(tokens(5));
    answer.resolve(existing());
    await session.ready;
    await clock.settle();
    expect(refresh).not.toHaveBeenCalled();
    expect(await session.getAccessToken()).toBe('access-5');
  });

  it('refreshes without any token if the session is in a cookie', async () => {
    const tab = openTab(new Place(), { kind: 'cookie' });
    await tab.session.ready;
    expect(tab.refresh.mock.calls[0]?.[0]).toEqual({ accessToken: '' });
    expect(tab.session.status).toBe('signed-in');
  });
});

it('refresh() of a signed-out session makes no call', async () => {
  const { session, refresh } = openSession();
  expect(await outcome(session.refresh())).toMatchObject({
    code: 'signed_out',
    message: 'The user is signed out',
  });
  expect(refresh).not.toHaveBeenCalled();
});
