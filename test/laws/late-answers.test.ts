import type { AxiosError } from 'axios';
import { HttpResponse, http } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { isSessionError, type TokenSet } from '../../src/index.js';
import { createApp, ORIGIN, outcome } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const PAST = { expiresAt: 1 };

/** A JWT that names its user. */
function tokenOf(user: string, serial = 0): string {
  return `e30.${btoa(JSON.stringify({ sub: user, serial })).replaceAll('=', '')}.x`;
}

/** A session whose refreshes the test answers, and an API that returns the token it received. */
function createHandmade() {
  const answers: { resolve(tokens: TokenSet): void; reject(error: unknown): void; signal: AbortSignal }[] =
    [];
  const onSignedOut = vi.fn();
  const app = createApp({
    session: {
      onSignedOut,
      backend: {
        readTokens: (body) => body as TokenSet,
        refresh: (_, { signal }) =>
          new Promise((resolve, reject) => answers.push({ resolve, reject, signal })),
      },
    },
  });
  network.use(
    http.get(`${ORIGIN}/whoami`, ({ request }) => HttpResponse.json(request.headers.get('authorization'))),
  );
  const whoami = async () => (await app.api.get('/whoami')).data;
  const asked = (count: number) => expect.poll(() => answers.length).toBe(count);
  return { ...app, answers, whoami, onSignedOut, asked };
}

describe('guarantee 6: late responses are ignored', () => {
  it('a refresh that ends after a sign-out changes nothing', async () => {
    const { session, answers, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    const waiting = outcome(whoami());
    await asked(1);
    await session.signOut();
    expect(isSessionError(((await waiting) as AxiosError).cause, 'signed_out')).toBe(true);
    answers[0]!.resolve({ accessToken: tokenOf('ann', 1), refreshToken: 'r1' });
    await new Promise((resolve) => setTimeout(resolve));
    expect(session.status).toBe('signed-out');
    expect(await whoami()).toBeNull();
  });

  it('a sign-out aborts a running refresh', async () => {
    const { session, answers, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    void outcome(whoami());
    await asked(1);
    await session.signOut();
    expect(answers[0]!.signal.aborted).toBe(true);
  });

  it('a refusal that arrives after another sign-in does not sign the new user out', async () => {
    const { session, answers, whoami, onSignedOut, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    const waiting = outcome(whoami());
    await asked(1);
    await session.signIn({ accessToken: tokenOf('bob'), refreshToken: 'r2' });
    answers[0]!.reject(Object.assign(new Error('no'), { name: 'SessionError', code: 'refresh_rejected' }));
    expect(isSessionError(((await waiting) as AxiosError).cause, 'session_changed')).toBe(true);
    expect(session.status).toBe('signed-in');
    expect(onSignedOut).not.toHaveBeenCalled();
    expect(await whoami()).toBe(`Bearer ${tokenOf('bob')}`);
  });

  it("a waiting request is never sent with another user's token", async () => {
    const { session, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    const waiting = outcome(whoami());
    await asked(1);
    await session.signIn({ accessToken: tokenOf('bob'), refreshToken: 'r2' });
    expect(((await waiting) as AxiosError).cause).toMatchObject({ code: 'session_changed' });
  });

  it('a request continues if the same user has signed in again', async () => {
    const { session, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    const waiting = whoami();
    await asked(1);
    await session.signIn({ accessToken: tokenOf('ann', 1), refreshToken: 'r2' });
    expect(await waiting).toBe(`Bearer ${tokenOf('ann', 1)}`);
  });

  it('with opaque tokens, a waiting request is not sent after another sign-in, because the user is unknown', async () => {
    const { session, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: 'opaque-1', refreshToken: 'r', ...PAST });
    const waiting = outcome(whoami());
    await asked(1);
    await session.signIn({ accessToken: 'opaque-2', refreshToken: 'r2' });
    expect(((await waiting) as AxiosError).cause).toMatchObject({ code: 'session_changed' });
  });

  it('with opaque tokens, a waiting request continues if `identify` names the same user', async () => {
    const identify = (_claims: unknown, tokens: TokenSet) => tokens.user as string;
    const app = createApp({
      session: {
        identify,
        backend: { readTokens: (body) => body as TokenSet, refresh: () => new Promise(() => {}) },
      },
    });
    await app.session.signIn({ accessToken: 'opaque-1', refreshToken: 'r', user: 'ann', ...PAST });
    const waiting = app.session.getAccessToken();
    await app.session.signIn({ accessToken: 'opaque-2', refreshToken: 'r2', user: 'ann' });
    expect(await waiting).toBe('opaque-2');
  });

  it("a request that was refused with one user's token is not sent again with another user's token", async () => {
    const { session, api, server } = createApp();
    await session.signIn((await api.post('/login/', { username: 'kevin', password: 'open-sesame' })).data);
    server.expireAccessTokens();
    server.configure({ latency: { order: 30 } });
    const waiting = outcome(api.get('/order/'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    await session.signIn({ accessToken: tokenOf('bob'), refreshToken: 'r2' });
    expect(((await waiting) as AxiosError).cause).toMatchObject({ code: 'session_changed' });
    expect(server.stats.ordersRefused).toBe(1);
  });

  it('a change of user while interceptors run does not give the request to the new user', async () => {
    const { session, api, whoami } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann') });
    // axios runs this interceptor later, because it was added before the session's.
    api.interceptors.request.handlers!.unshift({
      fulfilled: async (config: unknown) => {
        await session.signIn({ accessToken: tokenOf('bob') });
        return config;
      },
      rejected: null,
      synchronous: false,
      runWhen: null,
    } as never);
    expect(((await outcome(whoami())) as AxiosError).cause).toMatchObject({ code: 'session_changed' });
  });

  it("a refresh that returns another user's tokens rejects waiting requests", async () => {
    const { session, answers, whoami, asked } = createHandmade();
    await session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    const waiting = outcome(whoami());
    await asked(1);
    answers[0]!.resolve({ accessToken: tokenOf('bob'), refreshToken: 'r1' });
    expect(((await waiting) as AxiosError).cause).toMatchObject({ code: 'session_changed' });
    expect(session.claims).toMatchObject({ sub: 'bob' });
  });

  it('a response after the timeout still counts if nobody signed in or out since', async () => {
    const answers: ((tokens: TokenSet) => void)[] = [];
    const app = createApp({
      session: {
        refreshTimeout: 20,
        backend: {
          readTokens: (body) => body as TokenSet,
          refresh: () => new Promise((resolve) => answers.push(resolve)),
        },
      },
    });
    await app.session.signIn({ accessToken: tokenOf('ann'), refreshToken: 'r', ...PAST });
    expect(await outcome(app.session.getAccessToken())).toMatchObject({ code: 'refresh_timeout' });
    answers[0]!({ accessToken: tokenOf('ann', 1), refreshToken: 'r1' });
    await expect.poll(() => app.session.claims).toMatchObject({ serial: 1 });
    expect(await app.session.getAccessToken()).toBe(tokenOf('ann', 1));
  });

  it('a sign-in while an asynchronous store is read wins', async () => {
    let answer!: (tokens: TokenSet | null) => void;
    const read = () => new Promise<TokenSet | null>((resolve) => (answer = resolve));
    const { session } = createApp({ session: { store: { read, write: () => {} } } });
    expect(session.status).toBe('restoring');
    await session.signIn({ accessToken: tokenOf('bob') });
    answer({ accessToken: tokenOf('ann') });
    await session.ready;
    expect(session.claims).toMatchObject({ sub: 'bob' });
  });

  it('a sign-out while an asynchronous store is read wins', async () => {
    let answer!: (tokens: TokenSet | null) => void;
    const read = () => new Promise<TokenSet | null>((resolve) => (answer = resolve));
    const { session } = createApp({ session: { store: { read, write: () => {} } } });
    await session.signOut();
    answer({ accessToken: tokenOf('ann') });
    await session.ready;
    expect(session.status).toBe('signed-out');
  });
});
