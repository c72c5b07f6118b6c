import axios, { type AxiosError } from 'axios';
import { HttpResponse, http } from 'msw';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import {
  type Backend,
  cookieBackend,
  createSession,
  envelopeBackend,
  httpBackend,
  oauth2Backend,
  type ReauthenticateEvent,
  SessionError,
  type SessionEvent,
  type SessionOptions,
  simpleJwtBackend,
  stepUpCodes,
  type TokenSet,
  withStepUp,
} from '../../src/index.js';
import { ORIGIN, outcome, times } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const jwt = (sub: string, acr: string) => `e30.${btoa(JSON.stringify({ sub, acr })).replaceAll('=', '')}.x`;
const WEAK = { accessToken: jwt('ann', 'password'), refreshToken: 'r' };
const STRONG = { accessToken: jwt('ann', 'otp'), refreshToken: 'r2' };
const BOB = { accessToken: jwt('bob', 'otp'), refreshToken: 'r3' };
const REFUSED = { accessToken: 'refused', refreshToken: 'r' };
const CHALLENGE =
  'Bearer error="insufficient_user_authentication", error_description="Prove more", acr_values="otp key", max_age="300"';

interface Seen {
  token: string | undefined;
  body: string;
}

/** The API's response to a token that is not sufficient. */
const byHeader = (): Response =>
  HttpResponse.json({ error: 'weak' }, { status: 401, headers: { 'WWW-Authenticate': CHALLENGE } });

interface Setup {
  session?: Partial<SessionOptions>;
  backend?: Partial<Backend>;
  answer?: () => Response | Promise<Response>;
  /** Whether the server records the step-up in the session, so that the same token becomes sufficient. */
  elevated?: () => boolean;
  wrapped?: boolean;
}

/** An API that requires a step-up, a dialog that the test answers, and two clients. */
async function create({
  session: options,
  backend,
  answer = byHeader,
  elevated,
  wrapped = true,
}: Setup = {}) {
  const seen: Seen[] = [];
  network.use(
    http.all(`${ORIGIN}/transfer`, async ({ request }) => {
      const token = request.headers.get('authorization')?.split(' ').at(-1);
      seen.push({ token, body: await request.text() });
      if (token === REFUSED.accessToken) return new HttpResponse(null, { status: 401 });
      if (token === WEAK.accessToken && !elevated?.()) return answer();
      return HttpResponse.json({ done: true });
    }),
  );
  const dialogs: PromiseWithResolvers<unknown>[] = [];
  const ask = vi.fn((_: ReauthenticateEvent) => {
    dialogs.push(Promise.withResolvers<unknown>());
    return dialogs.at(-1)!.promise;
  });
  const onSignedOut = vi.fn();
  const session = createSession({
    backend: { readTokens: (body) => body as TokenSet, refresh: async () => WEAK, ...backend },
    reauthenticate: wrapped ? withStepUp(ask) : ask,
    onSignedOut,
    ...options,
  });
  onTestFinished(() => session.dispose());
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  const api = axios.create({ baseURL: ORIGIN });
  attachSession(api, session);
  const call = createSessionFetch(session, { origins: [ORIGIN] });
  await session.signIn(WEAK);
  const transfer = (body: object = { amount: 5 }) => api.post('/transfer', body);
  const asked = (count = 1) => expect.poll(() => ask).toHaveBeenCalledTimes(count);
  const answerWith = (value: unknown, dialog = -1) => dialogs.at(dialog)!.resolve(value);
  return { session, api, call, transfer, seen, ask, asked, dialogs, answerWith, events, onSignedOut };
}

const statusOf = async (sent: Promise<unknown>) => ((await outcome(sent)) as AxiosError).response?.status;
const causeOf = async (sent: Promise<unknown>) => ((await outcome(sent)) as AxiosError).cause;

describe('a request that requires a step-up', () => {
  it('waits, and is sent once more after the step-up', async () => {
    const { transfer, seen, ask, asked, answerWith, events, session } = await create();
    const sent = transfer();
    await asked();
    expect(ask.mock.calls[0]?.[0]).toEqual({
      reason: 'step_up',
      challenge: {
        code: 'insufficient_user_authentication',
        acrValues: ['otp', 'key'],
        maxAge: 300,
        parameters: {
          error: 'insufficient_user_authentication',
          error_description: 'Prove more',
          acr_values: 'otp key',
          max_age: '300',
        },
      },
      claims: { sub: 'ann', acr: 'password' },
      signal: expect.any(AbortSignal),
    });
    expect(seen).toHaveLength(1);
    answerWith(STRONG);
    expect((await sent).data).toEqual({ done: true });
    expect(seen).toEqual([
      { token: WEAK.accessToken, body: '{"amount":5}' },
      { token: STRONG.accessToken, body: '{"amount":5}' },
    ]);
    expect(session.claims).toMatchObject({ acr: 'otp' });
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'reauthenticating', 'signed-in']);
    expect(events[1]).toEqual({ type: 'reauthenticating', reason: 'step_up' });
  });

  it('works with fetch too', async () => {
    const { call, seen, asked, answerWith } = await create();
    const sent = call(`${ORIGIN}/transfer`, { method: 'POST', body: 'five' });
    await asked();
    answerWith(STRONG);
    expect(await (await sent).json()).toEqual({ done: true });
    expect(seen.map(({ body }) => body)).toEqual(['five', 'five']);
  });

  it('opens one dialog for all requests with the same challenge', async () => {
    const { transfer, seen, ask, asked, answerWith } = await create();
    const sent = times(10, () => transfer());
    await asked();
    await expect.poll(() => seen).toHaveLength(10);
    answerWith(STRONG);
    expect(await sent).toHaveLength(10);
    expect(ask).toHaveBeenCalledOnce();
    expect(seen).toHaveLength(20);
  });

  it.each<[string, (dialog: PromiseWithResolvers<unknown>) => void, number]>([
    ['has completed the step-up: it is sent again at once', (dialog) => dialog.resolve(STRONG), 200],
    ['has cancelled: the caller gets the response', (dialog) => dialog.reject(new Error('cancelled')), 401],
  ])('opens no second dialog if the challenge arrives after the user %s', async (_, end, status) => {
    const late = Promise.withResolvers<void>();
    let answers = 0;
    const answer = async () => {
      if (++answers === 2) await late.promise;
      return byHeader();
    };
    const { call, ask, asked, dialogs, seen } = await create({ answer });
    const send = () => call(`${ORIGIN}/transfer`, { method: 'POST', body: 'x' });
    const first = send();
    await asked();
    const second = send();
    await expect.poll(() => seen).toHaveLength(2);
    end(dialogs[0]!);
    expect((await first).status).toBe(status);
    late.resolve();
    expect((await second).status).toBe(status);
    expect(ask).toHaveBeenCalledOnce();
  });

  it('opens the dialog for another challenge after the first, never two at the same time', async () => {
    const wanted = ['otp', 'key'];
    const answer = () =>
      new HttpResponse(null, {
        status: 401,
        headers: {
          'WWW-Authenticate': `Bearer error=insufficient_user_authentication, acr_values=${wanted.shift()}`,
        },
      });
    const { transfer, ask, asked, answerWith, seen } = await create({ answer });
    const sent = [transfer(), transfer()];
    await asked();
    await expect.poll(() => seen).toHaveLength(2);
    expect(ask).toHaveBeenCalledOnce();
    answerWith(STRONG);
    await asked(2);
    answerWith(STRONG);
    await Promise.all(sent);
    expect(ask.mock.calls.map(([{ challenge }]) => challenge?.acrValues)).toEqual([['otp'], ['key']]);
  });

  it('is sent again if the server recorded the step-up in the session and there is no new token', async () => {
    let isElevated = false;
    const { transfer, seen, asked, answerWith } = await create({ elevated: () => isElevated });
    const sent = transfer();
    await asked();
    isElevated = true;
    answerWith(undefined);
    expect((await sent).data).toEqual({ done: true });
    expect(seen.map(({ token }) => token)).toEqual([WEAK.accessToken, WEAK.accessToken]);
  });

  it("is sent again if signIn was called meanwhile, and the dialog's signal aborts", async () => {
    const { session, transfer, asked, ask } = await create();
    const sent = transfer();
    await asked();
    await session.signIn(STRONG);
    expect((await sent).data).toEqual({ done: true });
    expect(ask.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it('is not sent again because of an ordinary refresh', async () => {
    const { session, transfer, seen, asked, answerWith, ask } = await create();
    const sent = transfer();
    await asked();
    await session.refresh();
    expect(ask.mock.calls[0]?.[0].signal.aborted).toBe(false);
    expect(seen).toHaveLength(1);
    answerWith(STRONG);
    await sent;
  });

  it('waits once: the caller gets a second challenge', async () => {
    const { transfer, seen, ask, asked, answerWith } = await create();
    const sent = statusOf(transfer());
    await asked();
    answerWith({ ...WEAK });
    expect(await sent).toBe(401);
    expect([seen.length, ask.mock.calls.length]).toEqual([2, 1]);
  });

  it('can also have been refused for an expired token before', async () => {
    const { session, transfer, seen, asked, answerWith } = await create();
    await session.signIn({ ...REFUSED });
    const sent = transfer();
    await asked();
    answerWith(STRONG);
    await sent;
    expect(seen.map(({ token }) => token)).toEqual(['refused', WEAK.accessToken, STRONG.accessToken]);
  });
});

describe('without a step-up', () => {
  it('the caller gets the response if the function is not wrapped in withStepUp', async () => {
    const { transfer, ask } = await create({ wrapped: false });
    expect(await statusOf(transfer())).toBe(401);
    expect(ask).not.toHaveBeenCalled();
  });

  it('the caller gets the response if there is no `reauthenticate`, and no refresh starts', async () => {
    const refresh = vi.fn(async () => WEAK);
    const { transfer, seen } = await create({
      session: { reauthenticate: undefined as never },
      backend: { refresh },
    });
    expect(await statusOf(transfer())).toBe(401);
    expect(seen).toHaveLength(1);
    expect(refresh).not.toHaveBeenCalled();
  });

  it('the caller gets the response if the user cancels, and the session continues', async () => {
    const { transfer, call, seen, asked, dialogs, session, onSignedOut, ask } = await create();
    const sent = outcome(transfer());
    await asked();
    dialogs.at(-1)!.reject(new Error('cancelled'));
    const error = (await sent) as AxiosError;
    expect([error.response?.status, error.response?.data]).toEqual([401, { error: 'weak' }]);
    const fetched = call(`${ORIGIN}/transfer`);
    await asked(2);
    dialogs.at(-1)!.reject(new Error('cancelled'));
    expect(await (await fetched).json()).toEqual({ error: 'weak' });
    expect(seen).toHaveLength(2);
    expect(session.status).toBe('signed-in');
    expect(onSignedOut).not.toHaveBeenCalled();
    expect(ask.mock.calls.every(([{ signal }]) => signal.aborted)).toBe(true);
  });

  it('no request waits longer than reauthenticateTimeout', async () => {
    const clock = fakeClock({ timers: true });
    const { transfer, asked, ask } = await create({ session: { reauthenticateTimeout: 5_000 } });
    const sent = statusOf(transfer());
    await asked();
    await clock.tick(5_000);
    expect(await sent).toBe(401);
    expect(ask.mock.calls[0]?.[0].signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a request that aborts or times out stops waiting, and the others continue to wait', async () => {
    const { api, transfer, asked, answerWith } = await create();
    const controller = new AbortController();
    const aborted = outcome(api.post('/transfer', {}, { signal: controller.signal }));
    const timedOut = outcome(api.post('/transfer', {}, { timeout: 200 }));
    const patient = transfer();
    await asked();
    controller.abort();
    expect(await aborted).toMatchObject({ code: 'ERR_CANCELED' });
    expect(await timedOut).toMatchObject({ code: 'ECONNABORTED' });
    answerWith(STRONG);
    expect((await patient).data).toEqual({ done: true });
  });

  it('a sign-in of another user sends no request', async () => {
    const { transfer, seen, asked, answerWith } = await create();
    const sent = causeOf(transfer());
    await asked();
    answerWith(BOB);
    expect(await sent).toMatchObject({ code: 'session_changed' });
    expect(seen).toHaveLength(1);
  });

  it.each(['signOut', 'dispose'] as const)('no request is sent after %s', async (way) => {
    const { transfer, seen, asked, session, ask } = await create();
    const sent = causeOf(transfer());
    await asked();
    void session[way]();
    expect(await sent).toMatchObject({ code: 'signed_out' });
    expect(seen).toHaveLength(1);
    expect(ask.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it('a request with a body that cannot be sent again does not wait', async () => {
    const { call, ask } = await create();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('x'));
        controller.close();
      },
    });
    const { status } = await call(`${ORIGIN}/transfer`, {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit);
    expect(status).toBe(401);
    expect(ask).not.toHaveBeenCalled();
  });

  it('any other challenge opens no dialog', async () => {
    const answer = () =>
      new HttpResponse(null, {
        status: 403,
        headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
      });
    const { transfer, ask } = await create({ answer });
    expect(await statusOf(transfer())).toBe(403);
    expect(ask).not.toHaveBeenCalled();
  });
});

describe('a refused refresh token', () => {
  const rejected = () => Promise.reject(new SessionError('refresh_rejected', 'gone'));

  it('closes the step-up dialog, and the new sign-in is enough for the waiting requests', async () => {
    const { session, transfer, seen, asked, answerWith, ask } = await create({
      backend: { refresh: rejected },
    });
    const sent = transfer();
    await asked();
    const refreshed = session.refresh();
    await asked(2);
    const [[first], [second]] = ask.mock.calls as [[ReauthenticateEvent], [ReauthenticateEvent]];
    expect(first.signal.aborted).toBe(true);
    expect(second).toEqual({ claims: first.claims, signal: expect.any(AbortSignal) });
    answerWith(STRONG);
    await refreshed;
    expect((await sent).data).toEqual({ done: true });
    expect(seen.map(({ token }) => token)).toEqual([WEAK.accessToken, STRONG.accessToken]);
  });
});

describe('a code in the body, with every backend', () => {
  const url = `${ORIGIN}/token`;
  const stepUp = stepUpCodes({ codes: ['mfa_required'], field: 'error.code' });
  const answer = () =>
    HttpResponse.json({ error: { code: 'mfa_required' }, acr_values: 'otp' }, { status: 403 });
  it.each<[string, Backend]>([
    ['envelope', envelopeBackend({ url, stepUp })],
    ['oauth2', oauth2Backend({ url, clientId: 'shop', stepUp })],
    ['simpleJwt', simpleJwtBackend({ url, stepUp })],
    ['http', httpBackend({ url, stepUp })],
    ['cookie', { ...cookieBackend({ url, stepUp }), coordination: undefined as never }],
  ])('%s', async (_, { refresh, ...backend }) => {
    const { transfer, call, ask, asked, answerWith, session } = await create({ backend, answer });
    const sent = transfer();
    await asked();
    expect(ask.mock.calls[0]?.[0].challenge).toEqual({
      code: 'mfa_required',
      acrValues: ['otp'],
      parameters: { error: { code: 'mfa_required' }, acr_values: 'otp' },
    });
    answerWith(STRONG);
    expect((await sent).data).toEqual({ done: true });
    await session.signIn({ ...WEAK });
    const fetched = call(`${ORIGIN}/transfer`);
    await asked(2);
    answerWith(STRONG);
    expect((await fetched).status).toBe(200);
  });

  it('works with status 200, as in GraphQL', async () => {
    const backend = oauth2Backend({
      url,
      clientId: 'shop',
      stepUp: stepUpCodes({ statuses: [200], codes: ['MFA'], field: 'errors[].extensions.code' }),
    });
    const { refresh, ...others } = backend;
    const { transfer, asked, answerWith, ask } = await create({
      backend: others,
      answer: () => HttpResponse.json({ errors: [{ extensions: {} }, { extensions: { code: 'MFA' } }] }),
    });
    const sent = transfer();
    await asked();
    expect(ask.mock.calls[0]?.[0].challenge).toMatchObject({ code: 'MFA', acrValues: [] });
    answerWith(STRONG);
    expect((await sent).data).toEqual({ done: true });
  });

  it.each([true, false])(
    'with status 401 is no refusal of the token: the caller gets the response if it cannot wait (withStepUp: %s)',
    async (wrapped) => {
      const refresh = vi.fn(async () => WEAK);
      const { refresh: _, ...others } = oauth2Backend({ url, clientId: 'shop', stepUp });
      const { call, ask, seen } = await create({
        wrapped,
        backend: { ...others, refresh },
        answer: () => HttpResponse.json({ error: { code: 'mfa_required' } }, { status: 401 }),
      });
      const body = new Response('x').body;
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
      const response = await call(`${ORIGIN}/transfer`, init);
      expect([response.status, await response.json()]).toEqual([401, { error: { code: 'mfa_required' } }]);
      expect(ask).not.toHaveBeenCalled();
      expect(refresh).not.toHaveBeenCalled();
      expect(seen).toHaveLength(1);
    },
  );

  it('after a refresh does not pause the refreshes of other requests', async () => {
    const refresh = vi.fn(async () => WEAK);
    const { refresh: _, ...others } = oauth2Backend({ url, clientId: 'shop', stepUp });
    const { transfer, asked, answerWith, session } = await create({
      backend: { ...others, refresh },
      answer: () => HttpResponse.json({ error: { code: 'mfa_required' } }, { status: 401 }),
    });
    for (const calls of [1, 2]) {
      await session.signIn(REFUSED);
      const sent = transfer();
      await asked(calls);
      expect(refresh).toHaveBeenCalledTimes(calls);
      answerWith(STRONG);
      expect((await sent).data).toEqual({ done: true });
    }
  });

  it('opens one dialog, even if each response has other details', async () => {
    let serial = 0;
    const backend = oauth2Backend({
      url,
      clientId: 'shop',
      stepUp: stepUpCodes({ codes: ['mfa_required'] }),
    });
    const { refresh, ...others } = backend;
    const { transfer, ask, asked, answerWith, seen } = await create({
      backend: others,
      answer: () => HttpResponse.json({ code: 'mfa_required', request: ++serial }, { status: 403 }),
    });
    const sent = times(5, () => transfer());
    await asked();
    await expect.poll(() => seen).toHaveLength(5);
    answerWith(STRONG);
    await sent;
    expect(ask).toHaveBeenCalledOnce();
  });
});

it.each([undefined, null, 'dialog', {}])('withStepUp(%s) throws', (ask) => {
  expect(() => withStepUp(ask as never)).toThrow('"reauthenticate" must be a function, got ');
});

it('invalid stepUpCodes throw', () => {
  expect(() => stepUpCodes({ codes: 'mfa_required' as never })).toThrow(
    '"codes" must be an array, got a string',
  );
});
