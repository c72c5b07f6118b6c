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

/** A backend whose answers the test gives, one for each call. */
function answered() {
  const answers: { resolve(tokens: TokenSet): void; reject(reason: unknown): void; signal: AbortSignal }[] =
    [];
  const refresh: Refresh = (_, { signal }) =>
    new Promise((resolve, reject) => answers.push({ resolve, reject, signal }));
  return { answers, refresh };
}

/** `read` returns what the test puts there; a session with this store is not told of it. */
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

describe('tokens of a refresh', () => {
  it('keep what the backend does not answer anew, but not the times', async () => {
    const { session } = await signedIn(
      { refresh: async () => ({ accessToken: 'access-2', plan: 'new' }) },
      { ...tokens(1), name: 'kevin', plan: 'old' },
    );
    await session.refresh();
    expect(session.details).toEqual({ name: 'kevin', plan: 'new' });
    await clock.tick(2 * HOUR);
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('go on with the old refresh token if there is no new one, and with the new one otherwise', async () => {
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

  it('have no field for a refresh token where there is none', async () => {
    const store = application();
    const { session } = await signedIn(
      { store, refresh: async () => ({ accessToken: 'b' }) },
      { accessToken: 'a' },
    );
    await session.refresh();
    expect(Object.keys(store.stored ?? {})).not.toContain('refreshToken');
  });

  it('are good although they seem expired: a clock is wrong', async () => {
    const { session, refresh } = await signedIn({
      refresh: async () => ({ ...tokens(2), expiresAt: Date.now() - HOUR }),
    });
    await session.refresh();
    expect(await session.getAccessToken()).toBe('access-2');
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('that are none are no refresh', async () => {
    const { session } = await signedIn({ refresh: async () => ({}) as TokenSet });
    expect(await outcome(session.refresh())).toMatchObject({ code: 'invalid_token_response' });
    expect(await session.getAccessToken()).toBe('access-1');
  });
});

describe('a refusal', () => {
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

  it('ends nothing before the access token expires, if there was no refresh token to refuse', async () => {
    const held = { accessToken: 'access-1', expiresAt: Date.now() + HOUR };
    const { session } = await signedIn({ refresh: refuse }, held);
    expect(await outcome(session.refresh())).toMatchObject(rejected);
    expect(await session.getAccessToken()).toBe('access-1');
    await clock.tick(HOUR);
    expect(await outcome(session.getAccessToken())).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
  });

  it('by any other code ends nothing', async () => {
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
    ['a generation, where the spent ones have none', {}, { generation: 1 }],
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
  ])('counts if the store has %s', async (_, before, stored) => {
    const store = application();
    const { session } = await signedIn({ store, refresh: refuse }, { ...tokens(1), ...before });
    store.stored = stored;
    expect(await outcome(session.refresh())).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
  });

  it('is not looked up in the store for a session that has ended meanwhile', async () => {
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

describe('a backend that cannot be asked', () => {
  it('does not end the session, and its words are the reason', async () => {
    const { session, events } = await signedIn({ refresh: down });
    const error = await outcome(session.refresh());
    expect(error).toMatchObject({
      code: 'refresh_unavailable',
      message: 'The refresh failed: Failed to fetch',
    });
    expect(events.at(-1)).toEqual({ type: 'refresh-failed', error });
    expect(session.status).toBe('signed-in');
  });

  it('is not asked again before the access token expires', async () => {
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

  it('in time: the request fails, and the answer that comes later is good', async () => {
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

  it('in time: a refusal that comes later changes nothing, and is reported nowhere', async () => {
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
  it('stops the call, and its late answer changes nothing', async () => {
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

  it('of the same user serves whoever waited', async () => {
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

  it('of another user does not', async () => {
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

  it('is no failure: the next user need not wait for a pause', async () => {
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

describe('a refresh that answers for another user', () => {
  const identify = (_: unknown, { accessToken }: TokenSet) => accessToken;

  it('signs that user in, and fails whoever waited', async () => {
    const { session } = await signedIn({ identify });
    expect(await outcome(session.refresh())).toMatchObject({ code: 'session_changed' });
    expect(await session.getAccessToken()).toBe('access-2');
  });
});

describe('the user who must sign in again', () => {
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

  it('is asked with the claims of the last token', async () => {
    const { reauthenticate, events, session } = await asked();
    expect(reauthenticate.mock.calls).toEqual([
      [{ claims: { sub: 'kevin' }, signal: expect.any(AbortSignal) }],
    ]);
    expect(events.at(-1)).toEqual({ type: 'reauthenticating', reason: undefined });
    expect(session.status).toBe('signed-in');
  });

  it('goes on with the answer, as everybody does who waited', async () => {
    const { dialog, refreshing, session, reauthenticate } = await asked();
    dialog.resolve(tokens(5));
    await refreshing;
    expect(await session.getAccessToken()).toBe('access-5');
    expect(reauthenticate.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it('is signed out if nothing comes of it', async () => {
    const { dialog, refreshing, session, types } = await asked();
    dialog.resolve(undefined);
    expect(await refreshing).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
    expect(types().slice(2)).toEqual(['reauthenticating', 'refresh-failed', 'signed-out']);
  });

  it('is signed out if the dialog fails, which is no event', async () => {
    const { dialog, refreshing, session, types } = await asked();
    dialog.reject(new Error('cancelled'));
    expect(await refreshing).toMatchObject(rejected);
    expect(session.status).toBe('signed-out');
    expect(types().slice(2)).toEqual(['reauthenticating', 'refresh-failed', 'signed-out']);
  });

  it.each([
    ['an answer that cannot be used', 'invalid_token_response', { accessToken: '' }],
    ['a time-out', 'refresh_timeout', undefined],
  ])('%s is an event', async (_, code, answer) => {
    const { dialog, refreshing, events } = await asked({ reauthenticateTimeout: 60_000 });
    if (answer) dialog.resolve(answer);
    await clock.tick(60_000);
    await refreshing;
    const failures = events.filter((event) => event.type === 'refresh-failed').map(({ error }) => error.code);
    expect(failures).toEqual([code, 'refresh_rejected']);
  });

  it('is not signed in by an answer that comes after a sign-out, and that is no event', async () => {
    const { dialog, refreshing, session, types } = await asked();
    await session.signOut();
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    dialog.resolve(tokens(5));
    await clock.settle();
    expect(session.status).toBe('signed-out');
    expect(types().slice(2)).toEqual(['reauthenticating', 'signed-out']);
  });

  it('is not asked if the backend is only unavailable', async () => {
    const { reauthenticate } = await asked({ refresh: down });
    expect(reauthenticate).not.toHaveBeenCalled();
  });

  it('may be asked for more than a sign-in: the request gets the first answer if that fails', async () => {
    const required = new Response(null, {
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_user_authentication"' },
    });
    const send = vi.fn(async () => required);
    const answers: (() => Promise<unknown>)[] = [
      () => Promise.reject(new Error('cancelled')),
      async () => tokens(5),
      async () => undefined, // the server knows that the user has proved more
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

  it('does not wait with a request that contains the refresh token: the backend is not being asked', async () => {
    const { session } = await asked();
    const send = vi.fn(async (...args: Parameters<typeof fetch>) => {
      return new Response(new Request(...args).headers.get('authorization'));
    });
    const request = createSessionFetch(session, { origins: ['https://api.test'], fetch: send });
    const response = await request('https://api.test/logout', { method: 'POST', body: 'refresh-1' });
    expect(await response.text()).toMatch(/^Bearer e30/);
  });
});

describe('a session that opens', () => {
  const existing = () => ({ refreshToken: 'old' });

  it('refreshes with what old code left, and signs in', async () => {
    const { session, refresh, types } = openSession({ existing });
    await session.ready;
    expect(refresh.mock.calls[0]?.[0]).toEqual({ accessToken: '', refreshToken: 'old' });
    expect(await session.getAccessToken()).toBe('access-2');
    expect(types()).toEqual(['refreshing', 'signed-in', 'refreshed']);
  });

  it('takes an access token of old code as it is: it may have expired', async () => {
    const { session, refresh } = openSession({
      existing: () => ({ ...tokens(1), expiresAt: Date.now() - 1 }),
    });
    await session.ready;
    expect(refresh).not.toHaveBeenCalled();
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('numbers them, if tabs share the session', async () => {
    const place = new Place();
    const tab = openTab(place, { existing: () => tokens(1) });
    await tab.session.ready;
    expect(place.stored).toMatchObject({ accessToken: 'access-1', sessionId: expect.any(String) });
  });

  it('asks nothing, and nobody is signed in, if there is nothing', async () => {
    const { session, refresh, events } = openSession({ existing: () => null });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(refresh).not.toHaveBeenCalled();
    expect(events).toEqual([]);
  });

  it('does not take them again after a sign-out', async () => {
    const { session } = openSession({ existing: () => tokens(1) });
    await session.ready;
    await session.signOut();
    expect(await outcome(session.refresh())).toMatchObject({ code: 'signed_out' });
    expect(session.status).toBe('signed-out');
  });

  it('goes on with tokens that are in the store by the time that they are refused', async () => {
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

  it('is signed out if they are refused', async () => {
    const { session, types } = openSession({ existing, refresh: refuse });
    await session.ready;
    expect(session.status).toBe('signed-out');
    expect(types()).toEqual(['refreshing', 'refresh-failed']);
  });

  it('knows nothing yet if the backend is down; a request asks it again', async () => {
    const { session, refresh } = openSession({ existing, refresh: down });
    await session.ready;
    expect(session.status).toBe('restoring');
    refresh.mockResolvedValue(tokens(2));
    const token = session.getAccessToken();
    await clock.tick(1_000);
    expect(await token).toBe('access-2');
  });

  it('spends nothing of old code if somebody signs in before it is known', async () => {
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

  it('with a cookie asks with no tokens at all', async () => {
    const tab = openTab(new Place(), { kind: 'cookie' });
    await tab.session.ready;
    expect(tab.refresh.mock.calls[0]?.[0]).toEqual({ accessToken: '' });
    expect(tab.session.status).toBe('signed-in');
  });
});

it('refresh() of a signed-out session asks nothing', async () => {
  const { session, refresh } = openSession();
  expect(await outcome(session.refresh())).toMatchObject({
    code: 'signed_out',
    message: 'The user is signed out',
  });
  expect(refresh).not.toHaveBeenCalled();
});
