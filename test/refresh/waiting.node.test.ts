import { describe, expect, it, vi } from 'vitest';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { SessionError, type TokenSet } from '../../src/index.js';
import { openTab, Place } from '../coordination/place.js';
import { outcome } from '../support/outcome.js';
import { HOUR, type OpenOptions, openSession, tokens, useClock } from '../support/session.js';

const clock = useClock();

const refuse = async () => {
  throw new SessionError('refresh_rejected', 'refused');
};

/** A session and an API. `respond` sets the API's response to a token. */
async function application(options: OpenOptions = {}) {
  let serial = 1;
  const opened = openSession({ refresh: async () => tokens(++serial), ...options });
  const seen: (string | undefined)[] = [];
  const api = { respond: async (_token?: string): Promise<number> => 200 };
  const request = createSessionFetch(opened.session, {
    origins: ['https://api.test'],
    async fetch(...args) {
      const token = new Request(...args).headers.get('authorization')?.replace('Bearer ', '');
      seen.push(token);
      return new Response(null, { status: await api.respond(token) });
    },
  });
  const order = async () => (await request('https://api.test/order')).status;
  return { ...opened, seen, api, order };
}

async function signedIn(options?: OpenOptions) {
  const app = await application(options);
  await app.session.signIn(tokens(1));
  return app;
}

/** A refresh that the test resolves. */
function pending() {
  const { promise, resolve } = Promise.withResolvers<TokenSet>();
  return { refresh: () => promise, resolve };
}

describe('an access token', () => {
  it('is refreshed in the background a minute before it expires, and not earlier', async () => {
    const { session, refresh } = await signedIn();
    await clock.tick(HOUR - 60_001);
    expect(await session.getAccessToken()).toBe('access-1');
    await clock.settle();
    expect(refresh).not.toHaveBeenCalled();
    await clock.tick(1);
    expect(await session.getAccessToken()).toBe('access-1');
    await clock.settle();
    expect(await session.getAccessToken()).toBe('access-2');
  });

  it('makes requests wait for a refresh from ten seconds before it expires', async () => {
    const { refresh, resolve } = pending();
    const { session } = await signedIn({ refresh });
    await clock.tick(HOUR - 10_001);
    expect(await session.getAccessToken()).toBe('access-1');
    await clock.tick(1);
    const token = session.getAccessToken();
    resolve(tokens(2));
    expect(await token).toBe('access-2');
  });

  it('is sent during a pause even if it is stale', async () => {
    const { session, refresh } = await signedIn({
      refresh: async () => {
        throw new SessionError('refresh_unavailable', 'busy', { retryAfter: 29_000 });
      },
    });
    await outcome(session.refresh());
    await session.signIn({ ...tokens(3), expiresAt: Date.now() + 20_000 });
    await clock.tick(19_000);
    expect(await session.getAccessToken()).toBe('access-3');
    expect(refresh).toHaveBeenCalledOnce();
    const token = outcome(session.getAccessToken());
    await clock.tick(1_000);
    expect(await token).toBe('access-3');
    refresh.mockResolvedValue(tokens(4));
    const next = session.getAccessToken();
    await clock.tick(9_000);
    expect(await next).toBe('access-4');
  });

  it('is refreshed once for all waiting requests', async () => {
    const { session, refresh } = await signedIn();
    await clock.tick(HOUR);
    const waiting = [session.getAccessToken(), session.getAccessToken(), session.refresh()];
    await Promise.all(waiting);
    expect(refresh).toHaveBeenCalledOnce();
    await session.refresh();
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('of a stored session makes requests wait until the store is read', async () => {
    const reading = Promise.withResolvers<TokenSet>();
    const { session, refresh } = await application({ store: { read: () => reading.promise, write() {} } });
    expect(session.status).toBe('restoring');
    const token = session.getAccessToken();
    await clock.tick(1_000);
    reading.resolve(tokens(7));
    expect(await token).toBe('access-7');
    expect(refresh).not.toHaveBeenCalled();
  });

  it('of a sign-in is refreshed even if the store has not been read yet', async () => {
    const { session } = await application({ store: { read: () => new Promise(() => {}), write() {} } });
    await session.signIn({ ...tokens(1), expiresAt: Date.now() });
    const token = vi.fn();
    void session.getAccessToken().then(token);
    await clock.settle();
    expect(token.mock.calls).toEqual([['access-2']]);
  });

  it('that is stale is not given to the next user', async () => {
    const { refresh } = pending();
    const { session } = await signedIn({ refresh });
    await clock.tick(HOUR - 5_000);
    const token = outcome(session.getAccessToken());
    await clock.settle();
    await session.signIn(tokens(5));
    expect(await token).toMatchObject({ code: 'session_changed' });
  });
});

describe('while a session is restoring', () => {
  const existing = () => ({ refreshToken: 'old' });

  it('requests wait, and are sent without a token if nobody is signed in', async () => {
    const { session, seen, order } = await application({ existing, refresh: refuse });
    expect(await order()).toBe(200);
    expect(seen).toEqual([undefined]);
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
  });

  /** A session whose backend is down when the page opens, and then responds with `refresh`. */
  async function afterOutage(refresh: () => Promise<TokenSet>) {
    const app = await application({ existing, refresh: () => Promise.reject(new Error('down')) });
    await app.session.ready;
    app.refresh.mockImplementation(refresh);
    const ordering = outcome(app.order());
    await clock.tick(1_000);
    return { ...app, ordering };
  }

  it('requests wait also for a second refresh, and are sent without a token if nobody is signed in', async () => {
    const { ordering, seen } = await afterOutage(refuse);
    expect(await ordering).toBe(200);
    expect(seen).toEqual([undefined]);
  });

  it('requests reject if the backend stays unavailable', async () => {
    const { ordering, seen } = await afterOutage(() => Promise.reject(new Error('down')));
    expect(await ordering).toMatchObject({ code: 'refresh_unavailable' });
    expect(seen).toEqual([]);
  });

  it('getAccessToken() rejects with signed_out if nobody is signed in', async () => {
    const { session } = await application({ existing, refresh: refuse });
    expect(await outcome(session.getAccessToken())).toMatchObject({ code: 'signed_out' });
  });

  it('a sign-in lets waiting requests continue', async () => {
    const { refresh } = pending();
    const { session } = await application({ refresh, existing });
    const token = session.getAccessToken();
    await clock.settle();
    await session.signIn(tokens(5));
    expect(await token).toBe('access-5');
  });

  it('refresh() rejects with refresh_unavailable if the backend is down', async () => {
    const { session } = await application({ existing, refresh: () => Promise.reject(new Error('down')) });
    const refreshing = outcome(session.refresh());
    await clock.tick(1_000);
    expect(await refreshing).toMatchObject({ code: 'refresh_unavailable' });
    expect(session.status).toBe('restoring');
  });
});

describe('a request whose token is refused', () => {
  /** The API refuses the first token with 401. */
  async function refused(options?: OpenOptions) {
    const app = await signedIn(options);
    app.api.respond = async (token) => (token === 'access-1' ? 401 : 200);
    return app;
  }

  it('is sent once more with the next token', async () => {
    const { seen, order, refresh } = await refused();
    expect(await order()).toBe(200);
    expect(seen).toEqual(['access-1', 'access-2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('makes all other requests wait, so that the refused token is not sent again', async () => {
    const { refresh, resolve } = pending();
    const { session, order } = await refused({ refresh });
    const ordering = order();
    await clock.settle();
    const token = session.getAccessToken();
    resolve(tokens(2));
    expect(await token).toBe('access-2');
    expect(await ordering).toBe(200);
  });

  it('rejects if the user has signed out meanwhile', async () => {
    const { session, api, order } = await refused();
    api.respond = async () => {
      await session.signOut();
      return 401;
    };
    expect(await outcome(order())).toMatchObject({ code: 'signed_out' });
  });

  it('rejects if another user has signed in meanwhile', async () => {
    const { session, api, order } = await refused();
    api.respond = async () => {
      await session.signIn(tokens(9));
      return 401;
    };
    expect(await outcome(order())).toMatchObject({ code: 'session_changed' });
  });

  it('is sent again with newer tokens if the session has them already', async () => {
    const { session, api, order, refresh, seen } = await refused();
    api.respond = async (token) => {
      if (token !== 'access-1') return 200;
      await session.refresh();
      return 401;
    };
    expect(await order()).toBe(200);
    expect(seen).toEqual(['access-1', 'access-2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('starts a refresh if those newer tokens have expired', async () => {
    const { session, api, order, seen } = await refused();
    api.respond = async (token) => {
      if (token !== 'access-1') return 200;
      await session.refresh();
      await clock.tick(HOUR);
      return 401;
    };
    expect(await order()).toBe(200);
    expect(seen).toEqual(['access-1', 'access-3']);
  });
});

describe('an API that refuses every token', () => {
  async function hopeless() {
    const app = await signedIn();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    app.api.respond = async () => 401;
    await app.order();
    app.refresh.mockClear();
    return app;
  }

  it('causes no more refreshes for 1 s, 2 s, 4 s, 8 s, and then 10 s', async () => {
    const { order, refresh } = await hopeless();
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      await clock.tick(1000 * seconds - 1);
      expect(await order()).toBe(401);
      expect(refresh).not.toHaveBeenCalled();
      await clock.tick(1);
      expect(await order()).toBe(401);
      expect(refresh).toHaveBeenCalledOnce();
      refresh.mockClear();
    }
  });

  it('counts once for requests that are sent together', async () => {
    const { order, refresh } = await hopeless();
    await clock.tick(1_000);
    await Promise.all([order(), order(), order()]);
    refresh.mockClear();
    await clock.tick(2_000);
    await order();
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('causes refreshes again as soon as it has accepted a request', async () => {
    const { api, order, refresh } = await hopeless();
    await clock.tick(1_000);
    api.respond = async (token) => (token === 'access-2' ? 401 : 200);
    expect(await order()).toBe(200);
    api.respond = async () => 401;
    await order();
    refresh.mockClear();
    await clock.tick(1_000);
    await order();
    expect(refresh).toHaveBeenCalledOnce();
  });
});

describe('a refresh by cookie during which another tab acts', () => {
  /** Refreshes while another tab records a sign-in with this session id, or a refresh of the same session. */
  async function during(sessionId: string | undefined) {
    const place = new Place();
    const tab = openTab(place, { kind: 'cookie' });
    await tab.session.ready;
    await tab.session.signIn(tokens(1));
    tab.refresh.mockImplementation(async () => {
      tab.link.isDeaf = true;
      place.record({ generation: Date.now() + 5, sessionId: sessionId ?? place.entry?.sessionId });
      tab.refresh.mockImplementation(() => new Promise(() => {}));
      return tokens(2);
    });
    return outcome(tab.session.refresh());
  }

  it('rejects if the other tab signs in, because that may be another user', async () => {
    expect(await during('of-ann')).toMatchObject({ code: 'session_changed' });
  });

  it('resolves if the other tab refreshes', async () => {
    expect(await during(undefined)).toBeUndefined();
  });

  it('rejects with signed_out if the other tab signs out', async () => {
    const place = new Place();
    const down = () => Promise.reject(new Error('down'));
    const tab = openTab(place, { kind: 'cookie', refresh: down });
    await tab.session.ready;
    place.entry = { generation: Date.now() + 5, tokens: null };
    const refreshing = outcome(tab.session.refresh());
    await clock.tick(1_000);
    expect(await refreshing).toMatchObject({ code: 'signed_out' });
    expect(tab.session.status).toBe('signed-out');
  });

  it('rejects if somebody signs in and the tokens are in cookies', async () => {
    const place = new Place();
    const { refresh, resolve } = pending();
    const backend = { giveAccessToken: () => 'in a cookie' };
    const tab = openTab(place, { kind: 'cookie', backend });
    await tab.session.ready;
    tab.refresh.mockImplementation(refresh);
    const refreshing = outcome(tab.session.refresh());
    await clock.settle();
    place.record({ generation: Date.now() + 5, sessionId: 'of-ann' });
    await clock.settle();
    resolve(tokens(2));
    expect(await refreshing).toMatchObject({ code: 'session_changed' });
  });
});

describe('a request that is refused after a refresh', () => {
  const cookie = {
    giveAccessToken: () => {
      throw new SessionError('no_access_token', 'It is in a cookie');
    },
  };

  it.each([
    ['is sent again with the new token if the token is in a header', {}, 0, 1],
    [
      'is sent again with the new token if the token is in a cookie and the request was sent before the refresh',
      cookie,
      1,
      1,
    ],
    [
      'causes another refresh if the token is in a cookie and the request was sent at the same moment as the refresh',
      cookie,
      0,
      2,
    ],
  ])('%s', async (_, backend, later, refreshes) => {
    const { promise: refusal, resolve: refuseIt } = Promise.withResolvers<number>();
    const { session, api, order, seen, refresh } = await signedIn({ backend });
    api.respond = async () => (seen.length > 1 ? 200 : refusal);
    const ordered = order();
    await clock.settle();
    await clock.tick(later);
    await session.refresh();
    refuseIt(401);
    expect(await ordered).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(refreshes);
  });
});
