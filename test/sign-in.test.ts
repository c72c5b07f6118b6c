import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Backend,
  createSession,
  envelopeBackend,
  oauth2Backend,
  type SessionEvent,
  type TokenSet,
} from '../src/index.js';
import { createApp, outcome } from './support/app.js';
import { mockNetwork } from './support/mock-network.js';

mockNetwork();

function open(backend: Backend) {
  const session = createSession({ backend });
  onTestFinished(() => session.dispose());
  return session;
}

const camelCase = envelopeBackend({
  url: 'https://api.test/refresh',
  success: { login: 0 },
  fields: { accessToken: 'accessToken', refreshToken: 'refreshToken', expiry: 'expiresAt' },
});

describe('signIn(answer)', () => {
  it('lets the backend read a response, even if it looks like a token set', async () => {
    const asked: unknown[] = [];
    const session = open({
      refresh: () => Promise.reject(new Error('not asked')),
      readTokens(body) {
        asked.push(body);
        const { accessToken, expiresIn } = body as { accessToken: string; expiresIn: number };
        return { accessToken, expiresAt: Date.now() + expiresIn * 1000 };
      },
    });
    await session.signIn({ accessToken: 'a', refreshToken: null, expiresIn: 60 });
    expect(asked).toHaveLength(1);
    expect(session.status).toBe('signed-in');
  });

  it('reads a response by its fields if its data has the names of a token set', async () => {
    const session = open(camelCase);
    await session.signIn({
      code: 0,
      data: { accessToken: 'a', refreshToken: 'r', expiresAt: '2030-01-01T00:00:00Z' },
    });
    expect(await session.getAccessToken()).toBe('a');
  });

  it.each([
    ['an OAuth 2.0 backend', oauth2Backend({ url: 'https://api.test/token', clientId: 'app' })],
    ['an envelope backend', envelopeBackend({ url: 'https://api.test/refresh' })],
  ])('accepts a token set as it is with %s', async (_, backend) => {
    const session = open(backend);
    await session.signIn({ accessToken: 'a', refreshToken: 'r' });
    expect(await session.getAccessToken()).toBe('a');
  });

  it('reports an error of your own readTokens as invalid_token_response', async () => {
    const session = open({
      refresh: () => Promise.reject(new Error('not asked')),
      readTokens: (body) => (body as { data: { token: TokenSet } }).data.token,
    });
    const error = await outcome(session.signIn({ message: 'wrong password' }));
    expect(error).toMatchObject({ name: 'SessionError', code: 'invalid_token_response' });
    expect(String(error)).toContain('"readTokens" failed');
    expect(session.status).toBe('signed-out');
  });

  it('changes nothing with the current tokens, and waiting requests continue', async () => {
    const { session, server, events } = createApp();
    const tokens = server.issueTokens();
    await session.signIn(tokens);
    server.expireAccessTokens();
    const release = server.hold('refresh');
    const refreshing = session.refresh();
    const waiting = session.getAccessToken();
    await session.signIn(tokens);
    release();
    await refreshing;
    expect(await waiting).not.toBe(tokens.accessToken);
    expect(events.filter(({ type }: SessionEvent) => type === 'signed-in')).toHaveLength(1);
  });
});
