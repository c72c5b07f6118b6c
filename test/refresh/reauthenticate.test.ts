import type { AxiosError } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import {
  isSessionError,
  type ReauthenticateEvent,
  type SessionError,
  type SessionOptions,
} from '../../src/index.js';
import { createApp, outcome, times, USER } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const ANN = { username: 'ann', password: 'a', id: 2 };

type Dialog = ReturnType<typeof Promise.withResolvers<unknown>>;

/** A session whose refresh token has been revoked, and a dialog that the test answers. */
async function revoked(session: Partial<SessionOptions> = {}) {
  const clock = fakeClock({ timers: true });
  const dialog = Promise.withResolvers<unknown>();
  const reauthenticate = vi.fn((_: ReauthenticateEvent) => dialog.promise);
  const onSignedOut = vi.fn();
  const app = createApp({
    server: { users: [{ ...USER, id: 1 }, ANN] },
    session: { reauthenticate, onSignedOut, ...session },
  });
  await app.logIn();
  await clock.tick(60_000);
  app.server.revoke();
  const answerOf = async (user: { username: string; password: string }) =>
    (await app.api.post('/login/', user)).data;
  const asked = () => expect.poll(() => reauthenticate).toHaveBeenCalled();
  return { ...app, clock, dialog, reauthenticate, onSignedOut, answerOf, asked };
}

const causes = (errors: unknown[]) =>
  errors.map((error) => ((error as AxiosError).cause as SessionError).code);

describe('reauthenticate', () => {
  it('holds waiting requests, and sends them when the same user has signed in', async () => {
    const { server, session, order, dialog, answerOf, asked, onSignedOut, events } = await revoked();
    const orders = times(50, order);
    await asked();
    expect(session.status).toBe('signed-in');
    expect(server.stats.ordersOk + server.stats.ordersRefused).toBe(0);
    dialog.resolve(await answerOf(USER));
    expect(await orders).toHaveLength(50);
    expect(server.stats).toMatchObject({ ordersOk: 50, ordersRefused: 0, refreshFailures: 1 });
    expect(onSignedOut).not.toHaveBeenCalled();
    expect(events.map(({ type }) => type)).toEqual([
      'signed-in',
      'refreshing',
      'reauthenticating',
      'signed-in',
    ]);
  });

  it('is called once, with the user who must sign in, and holds later requests too', async () => {
    const { order, dialog, answerOf, asked, reauthenticate } = await revoked();
    const first = order();
    await asked();
    const later = times(3, order);
    dialog.resolve(await answerOf(USER));
    await Promise.all([first, later]);
    expect(reauthenticate).toHaveBeenCalledExactlyOnceWith({
      claims: expect.objectContaining({ user_id: 1 }),
      signal: expect.any(AbortSignal),
    });
  });

  it('may call signIn itself and resolve with undefined', async () => {
    const { session, order, dialog, answerOf, asked, reauthenticate } = await revoked();
    const waiting = order();
    await asked();
    await session.signIn(await answerOf(USER));
    await waiting;
    expect(reauthenticate.mock.calls[0]?.[0].signal.aborted).toBe(true);
    dialog.resolve(undefined);
    await Promise.resolve();
    expect(session.status).toBe('signed-in');
    await order();
  });

  it('rejects waiting requests if another user signs in, and sends none of them', async () => {
    const { server, session, order, dialog, answerOf, asked, onSignedOut } = await revoked();
    const waiting = times(3, () => outcome(order()));
    await asked();
    dialog.resolve(await answerOf(ANN));
    expect(causes(await waiting)).toEqual(Array(3).fill('session_changed'));
    expect(server.stats).toMatchObject({ ordersOk: 0, ordersRefused: 0 });
    expect(session.claims).toMatchObject({ user_id: 2 });
    expect(onSignedOut).not.toHaveBeenCalled();
  });

  it.each([
    ['rejects', (dialog: Dialog) => dialog.reject(new Error('cancelled'))],
    ['resolves although nobody has signed in', (dialog: Dialog) => dialog.resolve(undefined)],
    [
      'resolves with a value that is not a login response',
      (dialog: Dialog) => dialog.resolve({ code: 1000 }),
    ],
  ])('that %s ends the session once, as without the option', async (_, answer) => {
    const { session, order, dialog, asked, onSignedOut, events } = await revoked();
    const waiting = times(3, () => outcome(order()));
    await asked();
    answer(dialog);
    expect(causes(await waiting)).toEqual(Array(3).fill('refresh_rejected'));
    expect(session.status).toBe('signed-out');
    expect(onSignedOut).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ reason: 'refresh_rejected' }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'signed-out' });
  });

  it('that throws also ends the session', async () => {
    const reauthenticate = () => {
      throw new Error('no dialog here');
    };
    const { session, order } = await revoked({ reauthenticate });
    expect(causes([await outcome(order())])).toEqual(['refresh_rejected']);
    expect(session.status).toBe('signed-out');
  });

  it('causes an event with an error about an unusable response', async () => {
    const { order, dialog, asked, events } = await revoked();
    const waiting = outcome(order());
    await asked();
    dialog.resolve({ code: 1000 });
    await waiting;
    const failed = events.filter((event) => event.type === 'refresh-failed').map(({ error }) => error.code);
    expect(failed).toEqual(['invalid_token_response', 'refresh_rejected']);
  });

  it('holds requests no longer than reauthenticateTimeout', async () => {
    const { session, order, asked, clock, reauthenticate } = await revoked({ reauthenticateTimeout: 5_000 });
    const waiting = outcome(order());
    await asked();
    await clock.tick(4_000);
    expect(session.status).toBe('signed-in');
    await clock.tick(1_000);
    expect(causes([await waiting])).toEqual(['refresh_rejected']);
    expect(reauthenticate.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it('after its timeout, a sign-in is an ordinary sign-in', async () => {
    const { session, order, asked, clock, dialog, answerOf } = await revoked({
      reauthenticateTimeout: 5_000,
    });
    const waiting = outcome(order());
    await asked();
    await clock.tick(5_000);
    await waiting;
    dialog.resolve(await answerOf(USER));
    await clock.tick(0);
    expect(session.status).toBe('signed-out');
    await session.signIn(await answerOf(USER));
    await order();
  });

  it('stays open for other requests if one aborts or times out', async () => {
    const { api, order, asked, clock, dialog, answerOf } = await revoked();
    const controller = new AbortController();
    const aborted = outcome(api.get('/order/', { signal: controller.signal }));
    const timedOut = outcome(api.get('/order/', { timeout: 1_000 }));
    const patient = order();
    await asked();
    controller.abort();
    await clock.tick(1_000);
    expect(await aborted).toMatchObject({ code: 'ERR_CANCELED' });
    expect(await timedOut).toMatchObject({ code: 'ECONNABORTED' });
    dialog.resolve(await answerOf(USER));
    await patient;
  });

  it('aborts its signal after a sign-out, and waiting requests reject', async () => {
    const { session, order, asked, reauthenticate } = await revoked();
    const waiting = outcome(order());
    await asked();
    await session.signOut();
    expect(causes([await waiting])).toEqual(['signed_out']);
    expect(reauthenticate.mock.calls[0]?.[0].signal.aborted).toBe(true);
  });

  it('holds getAccessToken too', async () => {
    const { session, asked, dialog, answerOf } = await revoked();
    const token = session.getAccessToken();
    await asked();
    const answer = await answerOf(USER);
    dialog.resolve(answer);
    expect(await token).toBe(answer.data.token);
  });

  it('is not called if the backend is unreachable', async () => {
    const { server, order, reauthenticate } = await revoked();
    server.failNext('refresh', { status: 503 });
    const error = (await outcome(order())) as AxiosError;
    expect(isSessionError(error.cause, 'refresh_unavailable')).toBe(true);
    expect(reauthenticate).not.toHaveBeenCalled();
  });

  it('leaves no timer behind', async () => {
    const { order, asked, dialog, answerOf } = await revoked();
    const waiting = order();
    await asked();
    dialog.resolve(await answerOf(USER));
    await waiting;
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([
    [{ reauthenticate: 'dialog' }, '"reauthenticate" must be a function, got a string'],
    [{ reauthenticateTimeout: 0 }, '"reauthenticateTimeout" must be a positive number of milliseconds'],
  ])('%o throws', (session, message) => {
    expect(() => createApp({ session: session as never })).toThrow(message);
  });
});
