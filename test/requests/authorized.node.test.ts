import axios, { AxiosError } from 'axios';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import {
  type Backend,
  createSession,
  isSessionError,
  type Session,
  SessionError,
  type TokenSet,
} from '../../src/index.js';

const ORIGIN = 'https://api.test';
const answer = (status: number, text = '') => new Response(text, { status });

interface Server {
  /** The access token of each request, in order. */
  seen: (string | null)[];
  /** The API's response to a request with this token. */
  respond(carried: string | null): Response | Promise<Response>;
}

/** An application that is signed in with the token `1`. Each refresh returns the next number. */
async function createApp(options: { backend?: Partial<Backend>; refreshToken?: string } = {}) {
  const server: Server = {
    seen: [],
    respond: (carried) => answer(carried === 'Bearer 1' ? 401 : 200),
  };
  let made = 1;
  const refresh = vi.fn<Backend['refresh']>(async (tokens) => ({ ...tokens, accessToken: String(++made) }));
  const backend: Backend = { readTokens: (body) => body as TokenSet, refresh, ...options.backend };
  const session = createSession({ backend });
  onTestFinished(() => session.dispose());
  await session.signIn({ accessToken: '1', refreshToken: options.refreshToken ?? 'secret' });
  const request = createSessionFetch(session, {
    origins: [ORIGIN],
    fetch: async (...args) => {
      const carried = new Request(...args).headers.get('authorization');
      server.seen.push(carried);
      return server.respond(carried);
    },
  });
  const order = (init?: RequestInit) => request(`${ORIGIN}/order`, init);
  return { server, session, refresh, request, order };
}

/** The code of the `SessionError` that the request rejects with. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  if (!isSessionError(error)) throw new Error(`Expected a SessionError, got ${error}`);
  return error.code;
}

describe('a request whose token the server refuses', () => {
  it('is sent once more, with the next token', async () => {
    const { server, refresh, order } = await createApp();
    expect((await order()).status).toBe(200);
    expect(server.seen).toEqual(['Bearer 1', 'Bearer 2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('is not sent a third time: the caller gets the second response', async () => {
    const { server, order } = await createApp();
    server.respond = (carried) => answer(401, `to ${carried}`);
    expect(await (await order()).text()).toBe('to Bearer 2');
    expect(server.seen).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('rejects with the error of the second attempt', async () => {
    const { server, order } = await createApp();
    const fault = new TypeError('fetch failed');
    server.respond = (carried) => (carried === 'Bearer 1' ? answer(401) : Promise.reject(fault));
    await expect(order()).rejects.toBe(fault);
  });

  it('cancels the first response, which will not be read', async () => {
    const { server, order } = await createApp();
    const cancel = vi.fn();
    const refused = new Response(new ReadableStream({ cancel }), { status: 401 });
    server.respond = (carried) => (carried === 'Bearer 1' ? refused : answer(200));
    await order();
    await expect.poll(() => cancel).toHaveBeenCalledOnce();
  });

  it('is not sent again if the server also refused the token of the last refresh', async () => {
    const { server, refresh, order } = await createApp();
    server.respond = () => answer(401);
    await order();
    expect((await order()).status).toBe(401);
    expect(server.seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('is not sent again after such a refusal, even if axios rejects each refusal', async () => {
    const { refresh, session } = await createApp();
    const seen: unknown[] = [];
    const api = axios.create({
      baseURL: ORIGIN,
      adapter: async (config) => {
        seen.push(config.headers.get('authorization'));
        const response = { data: '', status: 401, statusText: '', headers: {}, config };
        throw new AxiosError('refused', 'ERR_BAD_REQUEST', config, null, response);
      },
    });
    attachSession(api, session);
    for (let times = 0; times < 2; times++)
      await expect(api.get('/order')).rejects.toMatchObject({ response: { status: 401 } });
    expect(seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('is sent again after each refresh that helps', async () => {
    const { server, refresh, order } = await createApp();
    await order();
    server.respond = (carried) => answer(carried === 'Bearer 2' ? 401 : 200);
    expect((await order()).status).toBe(200);
    expect(refresh).toHaveBeenCalledTimes(2);
  });

  it('rejects if its body is a stream, and the next request has a new token', async () => {
    const { server, refresh, order } = await createApp();
    const stream = () => new Blob(['a']).stream();
    const sent = order({ method: 'POST', body: stream(), duplex: 'half' } as RequestInit);
    await expect(sent).rejects.toMatchObject({
      code: 'request_not_replayable',
      message: 'The body of the request (a stream, or a large buffer) cannot be sent again',
    });
    expect((await order()).status).toBe(200);
    expect(server.seen).toEqual(['Bearer 1', 'Bearer 2']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it.each<[string, (session: Session) => unknown]>([
    ['the refresh fails too', () => {}],
    ['the user signs out meanwhile', (session) => session.signOut()],
  ])('rejects if its body is a stream, even if %s', async (_, change) => {
    const refresh = async () => Promise.reject(new Error('no network'));
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    onTestFinished(() => void process.off('unhandledRejection', unhandled));
    const { server, session, order } = await createApp({ backend: { refresh } });
    server.respond = async () => {
      await change(session);
      return answer(401);
    };
    const init = { method: 'POST', body: new Blob(['a']).stream(), duplex: 'half' } as RequestInit;
    expect(await codeOf(order(init))).toBe('request_not_replayable');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('rejects with the error that ended the session if the refresh is refused', async () => {
    const refresh = async () => Promise.reject(new SessionError('refresh_rejected', 'over'));
    const { server, order } = await createApp({ backend: { refresh } });
    expect(await codeOf(order())).toBe('refresh_rejected');
    expect(server.seen).toEqual(['Bearer 1']);
  });
});

describe('a refused token', () => {
  it.each([400, 403, 500])('is not recognized by status %i', async (status) => {
    const { server, refresh, order } = await createApp();
    server.respond = () => answer(status);
    expect((await order()).status).toBe(status);
    expect(server.seen).toHaveLength(1);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('is recognized by the backend’s rule if it has one', async () => {
    const backend = { refuses: ({ status }: { status: number }) => status === 403 };
    const { server, order } = await createApp({ backend });
    expect((await order()).status).toBe(401);
    server.respond = (carried) => answer(carried === 'Bearer 1' ? 403 : 200);
    expect((await order()).status).toBe(200);
  });

  it('is not assumed if there is no response', async () => {
    const { server, refresh, order } = await createApp();
    const fault = new TypeError('fetch failed');
    server.respond = () => Promise.reject(fault);
    await expect(order()).rejects.toBe(fault);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('does not matter for a request without a token', async () => {
    const { server, session, refresh, order } = await createApp();
    await session.signOut();
    server.respond = () => answer(401);
    expect((await order()).status).toBe(401);
    expect(server.seen).toEqual([null]);
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('a request that waits for a refresh', () => {
  /** The token must be refreshed first, and the refresh waits for `release`. */
  async function createWaiting() {
    let release!: (tokens: TokenSet) => void;
    const refreshed = new Promise<TokenSet>((resolve) => {
      release = resolve;
    });
    const app = await createApp({ backend: { refresh: () => refreshed } });
    const order = app.order();
    await expect.poll(() => app.server.seen).toEqual(['Bearer 1']);
    return { ...app, order, release };
  }

  it('is sent with the new token', async () => {
    const { server, order, release } = await createWaiting();
    release({ accessToken: '2', refreshToken: 'secret' });
    expect((await order).status).toBe(200);
    expect(server.seen).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('is never sent for another user who has signed in meanwhile', async () => {
    const { server, session, order } = await createWaiting();
    const code = codeOf(order);
    await session.signIn({ accessToken: '9', refreshToken: 'other' });
    expect(await code).toBe('session_changed');
    expect(server.seen).toEqual(['Bearer 1']);
  });

  it('is never sent without a token after a sign-out', async () => {
    const { server, session, order } = await createWaiting();
    const code = codeOf(order);
    await session.signOut();
    expect(await code).toBe('signed_out');
    expect(server.seen).toEqual(['Bearer 1']);
  });
});

describe('a request that begins during a refresh', () => {
  /** The body is read first, to check whether this is the refresh itself. The session changes during that. */
  async function codeAfter(change: (session: Session) => Promise<void>) {
    const { server, session, request, order } = await createApp({
      backend: { refresh: () => new Promise(() => {}) },
    });
    const waiting = codeOf(order());
    await expect.poll(() => server.seen).toEqual(['Bearer 1']);
    const headers = { 'Content-Type': 'application/json' };
    const late = codeOf(request(new Request(`${ORIGIN}/order`, { method: 'POST', body: '{}', headers })));
    await change(session);
    await waiting;
    const code = await late;
    expect(server.seen).toEqual(['Bearer 1']);
    return code;
  }

  it('is never sent for another user who has signed in meanwhile', async () => {
    const signIn = (session: Session) => session.signIn({ accessToken: '9', refreshToken: 'other' });
    expect(await codeAfter(signIn)).toBe('session_changed');
  });

  it('starts no refresh for another user', async () => {
    const refreshing = vi.fn();
    const signIn = (session: Session) => {
      session.subscribe(({ type }) => type === 'refreshing' && refreshing());
      return session.signIn({ accessToken: '9', refreshToken: 'other', expiresAt: 1 });
    };
    expect(await codeAfter(signIn)).toBe('session_changed');
    expect(refreshing).not.toHaveBeenCalled();
  });

  it('is never sent without a token after a sign-out', async () => {
    expect(await codeAfter((session) => session.signOut())).toBe('signed_out');
  });
});

describe('a request with a valid token', () => {
  it('is sent before the call returns, because the user may leave the page', async () => {
    const { server, order } = await createApp();
    server.respond = () => answer(200);
    const sent = order();
    expect(server.seen).toEqual(['Bearer 1']);
    await sent;
  });
});

describe('a backend’s own refresh request, sent by session fetch', () => {
  it('does not wait for its own refresh, and carries no access token', async () => {
    const path = `${ORIGIN}/refresh`;
    let request!: typeof fetch;
    const refresh: Backend['refresh'] = async (tokens) => {
      await request(path, { method: 'POST', body: JSON.stringify({ refresh: tokens.refreshToken }) });
      return { ...tokens, accessToken: '2' };
    };
    const app = await createApp({ backend: { refresh } });
    request = app.request;
    expect((await app.order()).status).toBe(200);
    expect(app.server.seen).toEqual(['Bearer 1', null, 'Bearer 2']);
  });

  it('is recognized by the refresh token, and other requests wait', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const refresh: Backend['refresh'] = async (tokens) => {
      await held;
      return { ...tokens, accessToken: '2' };
    };
    const { server, order } = await createApp({ backend: { refresh } });
    const first = order();
    await expect.poll(() => server.seen).toEqual(['Bearer 1']);
    const second = order();
    await new Promise((resolve) => setTimeout(resolve));
    expect(server.seen).toEqual(['Bearer 1']);
    release();
    expect((await Promise.all([first, second])).map(({ status }) => status)).toEqual([200, 200]);
    expect(server.seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 2']);
  });
});

describe('a request that contains the refresh token during a refresh', () => {
  /**
   * A logout, for example. It could be the refresh itself, so it is sent without a token first, and the server refuses
   * it.
   */
  async function logOut(init: RequestInit = { body: 'refresh=secret' }) {
    let end!: { resolve(tokens: TokenSet): void; reject(error: Error): void };
    const refresh = vi.fn(() => new Promise<TokenSet>((resolve, reject) => void (end = { resolve, reject })));
    const app = await createApp({ backend: { refresh } });
    const cancelled = vi.fn();
    const refused = () => new Response(new ReadableStream({ cancel: cancelled }), { status: 401 });
    app.server.respond = (carried) => (carried === 'Bearer 2' ? answer(200) : refused());
    const order = app.order();
    await expect.poll(() => refresh.mock.calls.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    app.server.seen.length = 0;
    const send = () => app.request(`${ORIGIN}/logout`, { method: 'POST', ...init });
    order.catch(() => {});
    return { ...app, ...end, cancelled, send };
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  it('is sent again after the refresh, with the new token', async () => {
    const { send, server, resolve, cancelled } = await logOut();
    const sent = send();
    await settle();
    expect(server.seen).toEqual([null]);
    cancelled.mockClear();
    resolve({ accessToken: '2' });
    expect((await sent).status).toBe(200);
    expect(server.seen.filter((carried) => carried === 'Bearer 2').length).toBe(2);
    expect(cancelled).toHaveBeenCalledOnce();
  });

  /** What the caller gets while the refresh is still running. */
  async function atOnce(sent: Promise<Response>): Promise<unknown> {
    const settled = vi.fn();
    sent.then(({ status }) => settled(status), settled);
    for (let turn = 0; turn < 10; turn++) await settle();
    return settled.mock.calls[0]?.[0];
  }

  it('is not sent again if the server accepts it', async () => {
    const { send, server } = await logOut();
    server.respond = () => answer(201);
    expect(await atOnce(send())).toBe(201);
    expect(server.seen).toEqual([null]);
  });

  it('is not sent again if its body is a stream', async () => {
    const body = new ReadableStream({ start: (controller) => controller.close() });
    const headers = { 'X-Refresh': 'secret' };
    const { send, server } = await logOut({ body, headers, duplex: 'half' } as RequestInit);
    expect(await atOnce(send())).toBe(401);
    expect(server.seen).toEqual([null]);
  });

  it('is not sent again if the refresh is refused, and the caller gets the first response', async () => {
    const { send, server, reject, cancelled } = await logOut();
    const sent = send();
    await settle();
    cancelled.mockClear();
    reject(new SessionError('refresh_rejected', 'no'));
    expect((await sent).status).toBe(401);
    expect(server.seen).toEqual([null]);
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('is not sent again if there was no response', async () => {
    const { send, server } = await logOut();
    const lost = new TypeError('fetch failed');
    server.respond = () => Promise.reject(lost);
    expect(await atOnce(send())).toBe(lost);
    expect(server.seen).toEqual([null]);
  });

  it('is sent again by axios too, although axios rejects the refusal', async () => {
    const { session, resolve } = await logOut();
    const seen: unknown[] = [];
    const api = axios.create({
      baseURL: ORIGIN,
      adapter: async (config) => {
        seen.push(config.headers.get('authorization'));
        const response = {
          data: '',
          status: seen.length > 1 ? 200 : 401,
          statusText: '',
          headers: {},
          config,
        };
        if (seen.length > 1) return response;
        throw new AxiosError('refused', 'ERR_BAD_REQUEST', config, null, response);
      },
    });
    attachSession(api, session);
    const sent = api.post('/logout', { refresh: 'secret' });
    await settle();
    resolve({ accessToken: '2' });
    expect((await sent).status).toBe(200);
    expect(seen).toEqual([undefined, 'Bearer 2']);
  });
});

it('a `reauthenticate` that handles no step-up does not affect requests', async () => {
  const backend: Backend = { readTokens: (body) => body as TokenSet, refresh: () => Promise.reject() };
  const session = createSession({ backend, reauthenticate: async () => undefined });
  onTestFinished(() => session.dispose());
  await session.signIn({ accessToken: '1' });
  const request = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => answer(200) });
  expect((await request(`${ORIGIN}/order`)).status).toBe(200);
});
