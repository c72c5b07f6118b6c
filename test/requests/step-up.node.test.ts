import axios, { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it, type Mock, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { type ReauthenticateEvent, SessionError, withStepUp } from '../../src/index.js';
import { coreOf } from '../../src/session.js';
import { entryOf, openTab, Place } from '../coordination/place.js';
import { jwtOf } from '../support/jwt.js';
import { ORIGIN } from '../support/origin.js';
import { outcome } from '../support/outcome.js';
import { openSession, type Refresh } from '../support/session.js';

const URL_OF_ORDERS = `${ORIGIN}/orders`;
const CHALLENGE = { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' };
const WEAK = { accessToken: jwtOf({ sub: 'ann' }), refreshToken: 'r' };
const AGAIN = { accessToken: jwtOf({ sub: 'ann', acr: 'otp' }), refreshToken: 's' };
const STRONG = { accessToken: 'strong' };

async function openWith(reauthenticate: (event: ReauthenticateEvent) => Promise<unknown>) {
  const { session } = openSession({ reauthenticate: withStepUp(reauthenticate), identify: () => 'ann' });
  await session.signIn({ accessToken: 'weak' });
  return session;
}

describe('a response that requires a step-up', () => {
  async function send(reauthenticate: () => Promise<unknown>, signal?: AbortSignal) {
    const cancel = vi.fn();
    const answers = [
      new Response(new ReadableStream({ cancel }), { status: 401, headers: CHALLENGE }),
      new Response('done'),
    ];
    const session = await openWith(reauthenticate);
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => answers.shift()! });
    const answer = (await outcome(call(URL_OF_ORDERS, signal ? { signal } : {}))) as Response;
    return { answer, cancel };
  }

  it('is cancelled when the request is sent again, which frees its connection', async () => {
    const { answer, cancel } = await send(async () => STRONG);
    expect(answer.status).toBe(200);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('is cancelled if the request aborts while the dialog is open', async () => {
    const controller = new AbortController();
    const ask = () => {
      controller.abort();
      return new Promise(() => {});
    };
    const { answer, cancel } = await send(ask, controller.signal);
    expect(answer).toMatchObject({ name: 'AbortError' });
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('is returned to the caller if the user cancels', async () => {
    const { answer, cancel } = await send(() => Promise.reject(new Error('cancelled')));
    expect(answer.status).toBe(401);
    expect(cancel).not.toHaveBeenCalled();
  });
});

describe('an axios request that is sent again after a step-up', () => {
  type Answer = (config: InternalAxiosRequestConfig) => AxiosResponse;

  async function send(second: Answer): Promise<AxiosResponse | AxiosError> {
    const tokens: unknown[] = [];
    const session = await openWith(async () => STRONG);
    const adapter = async (config: InternalAxiosRequestConfig) => {
      tokens.push(config.headers.Authorization);
      if (tokens.length === 2) return second(config);
      throw new AxiosError('weak', undefined, config, undefined, responseTo(config, 401));
    };
    const api = axios.create({ adapter, baseURL: ORIGIN });
    attachSession(api, session);
    const result = await outcome(api.get('/orders'));
    expect(tokens).toEqual(['Bearer weak', 'Bearer strong']);
    return result as AxiosResponse | AxiosError;
  }

  const responseTo = (config: InternalAxiosRequestConfig, status: number): AxiosResponse => ({
    ...{ status, config, data: '', statusText: '', headers: CHALLENGE },
    request: { sent: config.headers.Authorization },
  });

  it.each<[string, Answer]>([
    ['response', (config) => responseTo(config, 200)],
    [
      'error',
      (config) => {
        throw new AxiosError('lost', 'ERR_NETWORK', config, { sent: config.headers.Authorization });
      },
    ],
  ])('shows no token in its %s', async (_, second) => {
    const result = await send(second);
    expect(result.config!.headers.Authorization).toBeUndefined();
    expect(result.request).toEqual({ sent: 'Bearer strong' });
    expect(JSON.stringify({ ...result })).not.toContain('strong');
  });
});

describe('a step-up dialog', () => {
  /** Two requests that require different step-ups. Neither dialog is answered. */
  async function open() {
    const ask = vi.fn((_: ReauthenticateEvent) => new Promise(() => {}));
    const session = await openWith(ask);
    const send = async (url: unknown) =>
      new Response(null, {
        status: 401,
        headers: {
          'www-authenticate': `${CHALLENGE['www-authenticate']}, acr_values="${String(url).at(-1)}"`,
        },
      });
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: send as typeof fetch });
    const calls = [outcome(call(`${URL_OF_ORDERS}/1`)), outcome(call(`${URL_OF_ORDERS}/2`))];
    await expect.poll(() => ask).toHaveBeenCalledOnce();
    return { session, ask, calls };
  }

  it('is closed if the session is disposed, even while it waits for another dialog', async () => {
    const { session, ask, calls } = await open();
    session.dispose();
    for (const call of calls) expect(await call).toMatchObject({ code: 'signed_out' });
    expect(ask.mock.calls.map(([{ signal }]) => signal.aborted)).not.toContain(false);
  });

  /** Two requests with the same challenge. `late` releases the response to the second one. */
  async function openTwice(refresh?: Refresh) {
    const dialogs: PromiseWithResolvers<unknown>[] = [];
    const ask = vi.fn((_: ReauthenticateEvent) => {
      dialogs.push(Promise.withResolvers());
      return dialogs.at(-1)!.promise;
    });
    const opened = openSession({ reauthenticate: withStepUp(ask), ...(refresh && { refresh }) });
    await opened.session.signIn({ ...WEAK });
    const late = Promise.withResolvers<void>();
    const sent: (string | null)[] = [];
    const send = async (_: unknown, init: RequestInit = {}) => {
      const count = sent.push(new Headers(init.headers).get('authorization'));
      if (count === 2) await late.promise;
      return count > 2 ? new Response('done') : new Response(null, { status: 401, headers: CHALLENGE });
    };
    const call = createSessionFetch(opened.session, { origins: [ORIGIN], fetch: send as typeof fetch });
    const calls = [call(URL_OF_ORDERS), call(URL_OF_ORDERS)] as const;
    await expect.poll(() => ask).toHaveBeenCalledOnce();
    return { ...opened, ask, dialogs, late, sent, calls };
  }

  it('is not opened again by a late response if the user has cancelled: the caller gets that response', async () => {
    const { ask, dialogs, late, sent, calls } = await openTwice();
    dialogs[0]!.reject(new Error('cancelled'));
    expect((await calls[0]).status).toBe(401);
    late.resolve();
    expect((await calls[1]).status).toBe(401);
    expect([sent.length, ask.mock.calls.length]).toEqual([2, 1]);
  });

  it('is not opened again by a late response if the user has signed in again meanwhile', async () => {
    const refused: Refresh = () => Promise.reject(new SessionError('refresh_rejected', 'gone'));
    const { session, refresh, ask, dialogs, late, sent, calls } = await openTwice(refused);
    const refreshing = session.refresh();
    await expect.poll(() => ask).toHaveBeenCalledTimes(2);
    dialogs[1]!.resolve({ ...AGAIN });
    await refreshing;
    expect((await calls[0]).status).toBe(200);
    late.resolve();
    expect((await calls[1]).status).toBe(200);
    expect([sent.length, ask.mock.calls.length, refresh.mock.calls.length]).toEqual([4, 2, 1]);
  });

  it('is not necessary for a new sign-in with withStepUp', async () => {
    const refused: Refresh = () => Promise.reject(new SessionError('refresh_rejected', 'gone'));
    const { session } = openSession({
      reauthenticate: withStepUp(async () => ({ ...AGAIN })),
      refresh: refused,
    });
    await session.signIn({ ...WEAK });
    await session.refresh();
    expect(session.status).toBe('signed-in');
  });

  it('closes if the same user signs in again in another tab', async () => {
    const place = new Place();
    const ask = vi.fn((_: ReauthenticateEvent) => new Promise(() => {}));
    const { session } = openTab(place, { reauthenticate: withStepUp(ask), identify: () => 'ann' });
    await session.signIn({ ...WEAK });
    const answers = [new Response(null, { status: 401, headers: CHALLENGE }), new Response('done')];
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => answers.shift()! });
    const called = call(URL_OF_ORDERS);
    await expect.poll(() => ask).toHaveBeenCalledOnce();
    place.record(entryOf(2, Date.now() + 1_000, 'another sign-in'));
    expect((await called).status).toBe(200);
    expect(ask.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it.each([
    ['is sent again', 'the same user', 'ann', 'ann', { status: 200 }],
    ['rejects', 'another user', 'ann', 'bob', { code: 'session_changed' }],
    ['rejects', 'an unknown user', undefined, undefined, { code: 'session_changed' }],
  ])(
    '%s after a sign-in elsewhere by %s, which only the backend knows',
    async (_, __, before, after, end) => {
      let user: string | undefined = before;
      const ask = vi.fn(() => new Promise(() => {}));
      const { session } = openSession({
        reauthenticate: withStepUp(ask),
        identify: () => user,
        backend: { giveAccessToken: ({ accessToken }) => accessToken },
      });
      await session.signIn({ accessToken: 'weak' });
      const answers = [new Response(null, { status: 401, headers: CHALLENGE }), new Response('done')];
      const call = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => answers.shift()! });
      const called = outcome(call(URL_OF_ORDERS));
      await expect.poll(() => ask).toHaveBeenCalledOnce();
      user = after;
      const { state } = coreOf(session);
      state.adopt(undefined);
      state.renew({ accessToken: 'new' });
      expect(await called).toMatchObject(end);
    },
  );

  it('sends the request again if the server now accepts the same token, of a user whom nothing identifies', async () => {
    const same = { accessToken: 'weak' };
    const { session } = openSession({ reauthenticate: withStepUp(async () => ({ ...same })) });
    await session.signIn({ ...same });
    const answers = [new Response(null, { status: 401, headers: CHALLENGE }), new Response('done')];
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => answers.shift()! });
    expect(await outcome(call(URL_OF_ORDERS))).toMatchObject({ status: 200 });
  });

  it('leaves no listener behind', async () => {
    const session = await openWith(async () => STRONG);
    const { state, disposal } = coreOf(session);
    const ends: Mock[] = [];
    const subscribe = state.subscribe.bind(state);
    vi.spyOn(state, 'subscribe').mockImplementation((listener) => {
      ends.push(vi.fn(subscribe(listener)));
      return ends.at(-1) as () => void;
    });
    const add = vi.spyOn(disposal, 'addEventListener');
    const remove = vi.spyOn(disposal, 'removeEventListener');
    const answers = [new Response(null, { status: 401, headers: CHALLENGE }), new Response('done')];
    const call = createSessionFetch(session, { origins: [ORIGIN], fetch: async () => answers.shift()! });
    await call(URL_OF_ORDERS);
    expect(ends).toHaveLength(1);
    expect(ends[0]).toHaveBeenCalledOnce();
    expect(add).toHaveBeenCalled();
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });
});
