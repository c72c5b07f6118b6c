import { describe, expect, it, vi } from 'vitest';
import { createStore } from 'vuex';
import { vuexStore } from '../../src/bindings/vuex.js';
import type { TokenSet } from '../../src/index.js';
import { createApp } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const TOKENS: TokenSet = { accessToken: 'a', refreshToken: 'r' };

interface Auth {
  token: string | null;
  refresh_token: string | null;
}

const empty = (): Auth => ({ token: null, refresh_token: null });

function createVuex() {
  return createStore<Auth>({
    state: empty,
    mutations: {
      RECEIVE_TOKEN: (state, payload: Auth) => void Object.assign(state, payload),
      LOGOUT: (state) => void Object.assign(state, empty()),
    },
  });
}

describe('vuexStore', () => {
  it('sees other mutations of the application, such as its sign-out', async () => {
    const vuex = createVuex();
    const { session } = createApp({ session: { store: vuexStore(vuex) } });
    await session.signIn(TOKENS);
    vuex.commit('LOGOUT');
    expect(session.status).toBe('signed-out');
  });

  it('sees a state that is restored later, without a mutation', async () => {
    const vuex = createVuex();
    const { session } = createApp({ session: { store: vuexStore(vuex) } });
    expect(session.status).toBe('signed-out');
    vuex.replaceState({ token: 'b', refresh_token: 's' });
    await expect.poll(() => session.status).toBe('signed-in');
    expect(await session.getAccessToken()).toBe('b');
  });

  it('is signed in after a reload if a plugin persists the state', async () => {
    let kept = JSON.stringify(empty());
    const open = () => {
      const vuex = createVuex();
      vuex.replaceState(JSON.parse(kept));
      vuex.subscribe((_, state) => {
        kept = JSON.stringify(state);
      });
      return createApp({ session: { store: vuexStore(vuex) } });
    };
    const { session, logIn } = open();
    await logIn();
    await session.refresh();
    const reloaded = open().session;
    expect(await reloaded.getAccessToken()).toBe(await session.getAccessToken());
    await reloaded.signOut();
    expect(open().session.status).toBe('signed-out');
  });

  it('signs out when the application unregisters its module', async () => {
    const vuex = createStore({ state: {} });
    const RECEIVE_TOKEN = (state: Auth, payload: Auth) => void Object.assign(state, payload);
    vuex.registerModule('auth', { namespaced: true, state: empty, mutations: { RECEIVE_TOKEN } });
    const { session } = createApp({ session: { store: vuexStore(vuex, { module: 'auth' }) } });
    await session.signIn(TOKENS);
    vuex.unregisterModule('auth');
    await expect.poll(() => session.status).toBe('signed-out');
  });

  it('accepts other names', async () => {
    const vuex = createStore({
      state: { jwt: null, renewal: null, until: null },
      mutations: { setTokens: (state, payload) => void Object.assign(state, payload) },
    });
    const fields = { accessToken: 'jwt', refreshToken: 'renewal', expiry: 'until' };
    const { session } = createApp({ session: { store: vuexStore(vuex, { mutation: 'setTokens', fields }) } });
    await session.signIn({ ...TOKENS, expiresAt: 4e12 });
    expect(vuex.state).toEqual({ jwt: 'a', renewal: 'r', until: '2096-10-02T07:06:40.000Z' });
  });

  it('omits fields that the state does not have', async () => {
    const vuex = createVuex();
    const { session } = createApp({ session: { store: vuexStore(vuex) } });
    await session.signIn({ ...TOKENS, expiresAt: 4e12 });
    expect(vuex.state).toEqual({ token: 'a', refresh_token: 'r' });
  });

  it.each([
    ['does nothing', () => {}],
    ['writes the tokens elsewhere', (state: Auth) => void Object.assign(state, { other: 'a' })],
  ])('reports a mutation that %s, and the user stays signed out', async (_, mutation) => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const vuex = createStore({ state: empty, mutations: { SET: mutation } });
    const { session, events } = createApp({ session: { store: vuexStore(vuex, { mutation: 'SET' }) } });
    await session.signIn(TOKENS);
    expect(events.find(({ type }) => type === 'store-failed')).toMatchObject({
      error: { message: 'The new tokens are not in the state: check the mutation' },
    });
    expect(session.status).toBe('signed-out');
    vi.restoreAllMocks();
  });

  it('reports a mutation that drops the refresh token, because the session would end with the access token', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const mutation = (state: Auth, { token }: Auth) => void Object.assign(state, { token });
    const vuex = createStore({ state: empty, mutations: { SET: mutation } });
    const { session, events } = createApp({ session: { store: vuexStore(vuex, { mutation: 'SET' }) } });
    await session.signIn(TOKENS);
    expect(events.map(({ type }) => type)).toContain('store-failed');
    vi.restoreAllMocks();
  });

  it('throws for invalid options', () => {
    expect(() => vuexStore(createVuex(), { module: 'auth' })).toThrow(
      'The state has no "token" (it has: ): check the options',
    );
    expect(() => vuexStore(createVuex(), { fields: { refreshToken: 'renewal' } })).toThrow(
      'The state has no "renewal" (it has: token,refresh_token): check the options',
    );
  });
});
