import { describe, expect, it } from 'vitest';
import { createApp as createVueApp, effectScope, watch } from 'vue';
import { createSessionPlugin, useIdle, useSession } from '../../src/bindings/vue.js';
import { watchIdle } from '../../src/idle/index.js';
import { type Session, SessionError, type TokenSet } from '../../src/index.js';
import { createApp } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;
const KEVIN = { accessToken: jwt({ sub: 'kevin' }), refreshToken: 'r' };

const use = (session: Session) =>
  createVueApp({}).use(createSessionPlugin(session)).runWithContext(useSession);

describe('useIdle', () => {
  it('follows the idle watch until its scope is disposed', async () => {
    const clock = fakeClock({ timers: true });
    const { session } = createApp();
    const idle = watchIdle(session, { idleAfter: 60_000, onIdle: () => {}, activity: () => () => {} });
    const scope = effectScope();
    const view = scope.run(() => useIdle(idle))!;
    await session.signIn(KEVIN);
    expect(view.value.status).toBe('active');
    await clock.tick(30_000);
    expect(view.value).toMatchObject({ status: 'warning', reason: 'idle' });
    idle.stay();
    expect(view.value.status).toBe('active');
    scope.stop();
    await clock.tick(60_000);
    expect([view.value.status, idle.view.status]).toEqual(['active', 'idle']);
  });
});

describe('useSession', () => {
  it('shows the current state of the session', async () => {
    const { session } = createApp();
    await session.signIn(KEVIN);
    const view = use(session);
    expect(view.session).toBe(session);
    expect(view.status.value).toBe('signed-in');
    expect(view.claims.value).toEqual({ sub: 'kevin' });
  });

  it('updates at once, and once for each change', async () => {
    const { session } = createApp();
    const { status, claims } = use(session);
    const seen: string[] = [];
    watch([status, claims], () => seen.push(`${status.value} ${claims.value?.sub}`), { flush: 'sync' });
    await session.signIn(KEVIN);
    await session.signIn({ accessToken: jwt({ sub: 'ann' }) });
    await session.signOut();
    await session.signOut();
    expect(seen).toEqual(['signed-in kevin', 'signed-in ann', 'signed-out undefined']);
  });

  it('is restoring while a slow store is read, and signed out if the store is empty', async () => {
    const store = { read: () => Promise.resolve<TokenSet | null>(null), write: () => {} };
    const { session } = createApp({ session: { store } });
    const { status } = use(session);
    expect(status.value).toBe('restoring');
    await session.ready;
    await Promise.resolve();
    expect(status.value).toBe('signed-out');
  });

  it.each<[string, (session: Session) => Promise<unknown>]>([
    ['a later refresh is refused', (session) => session.refresh().catch(() => {})],
    ['the user signs out', (session) => session.signOut()],
  ])('is signed out if %s, after the backend could not be reached when the page opened', async (_, act) => {
    const backend = { down: true };
    const { session } = createApp({
      session: {
        existing: () => ({ refreshToken: 'old' }),
        backend: {
          async refresh() {
            if (backend.down) throw new SessionError('refresh_unavailable', 'down', { retryAfter: 0 });
            throw new SessionError('refresh_rejected', 'revoked');
          },
          readTokens: (body) => body as TokenSet,
        },
      },
    });
    const { status } = use(session);
    await session.ready;
    await Promise.resolve();
    expect(status.value).toBe('restoring');
    backend.down = false;
    await act(session);
    expect(status.value).toBe('signed-out');
  });

  it('throws an error that says what to do if the app has no session', () => {
    expect(() => createVueApp({}).runWithContext(useSession)).toThrow(
      'useSession() found no session: install the plugin with app.use(createSessionPlugin(session))',
    );
  });

  it('is separate for each app', async () => {
    const kevin = createApp();
    const ann = createApp();
    await kevin.session.signIn(KEVIN);
    expect([use(kevin.session).status.value, use(ann.session).status.value]).toEqual([
      'signed-in',
      'signed-out',
    ]);
  });
});
