import { createPinia, defineStore } from 'pinia';
import { createPersistedState } from 'pinia-plugin-persistedstate';
import { describe, expect, it, vi } from 'vitest';
import { createApp as createVueApp, ref } from 'vue';
import { piniaStore } from '../../src/bindings/pinia.js';
import type { TokenSet } from '../../src/index.js';
import { createApp } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const TOKENS: TokenSet = { accessToken: 'a', refreshToken: 'r' };

const useAuth = defineStore('auth', {
  state: () => ({ token: '', refresh_token: '', token_time: '', theme: 'light' }),
});

const useRenamed = defineStore('renamed', () => ({
  jwt: ref<string | null>(null),
  renewal: ref<string | null>(null),
}));

describe('piniaStore', () => {
  it.each<[string, (auth: ReturnType<typeof useAuth>) => void]>([
    ['one field after another', (auth) => Object.assign(auth, { token: 'b', refresh_token: 's' })],
    ['with $patch', (auth) => auth.$patch({ token: 'b', refresh_token: 's' })],
    [
      'with a function',
      (auth) => auth.$patch((state) => void Object.assign(state, { token: 'b', refresh_token: 's' })),
    ],
    ['as a whole', (auth) => Object.assign(auth, { $state: { token: 'b', refresh_token: 's' } })],
  ])('sees what the application writes %s', async (_, write) => {
    const auth = useAuth(createPinia());
    const store = piniaStore(auth);
    const { session } = createApp({ session: { store } });
    await session.signIn(TOKENS);
    write(auth);
    expect(await session.getAccessToken()).toBe('b');
    expect(store.read()).toMatchObject({ accessToken: 'b', refreshToken: 's' });
  });

  it('sees a $reset, even in the same tick as its own commit', async () => {
    const auth = useAuth(createPinia());
    const { session } = createApp({ session: { store: piniaStore(auth) } });
    void session.signIn(TOKENS);
    auth.$reset();
    expect(session.status).toBe('signed-out');
  });

  it('accepts other names', async () => {
    const auth = useRenamed(createPinia());
    const store = piniaStore(auth, { accessToken: 'jwt', refreshToken: 'renewal' });
    const { session } = createApp({ session: { store } });
    await session.signIn(TOKENS);
    expect(auth.$state).toEqual({ jwt: 'a', renewal: 'r' });
  });

  it('needs no field for a refresh token in a cookie, and does not store it', async () => {
    const auth = defineStore('cookie', { state: () => ({ token: null as string | null }) })(createPinia());
    const store = piniaStore(auth, { refreshToken: null });
    const { session } = createApp({ session: { store } });
    await session.signIn(TOKENS);
    expect(auth.$state).toEqual({ token: 'a' });
    expect(store.read()).toMatchObject(TOKENS);
    expect(piniaStore(auth, { refreshToken: null }).read()).toEqual({ accessToken: 'a' });
  });

  it('names the missing field', () => {
    const auth = useRenamed(createPinia());
    expect(() => piniaStore(auth)).toThrow(
      'The state has no "token" (it has: jwt,renewal): check the options',
    );
    expect(() => piniaStore(auth, { accessToken: 'jwt' })).toThrow(
      'The state has no "refresh_token" (it has: jwt,renewal): check the options',
    );
  });
});

describe('piniaStore with pinia-plugin-persistedstate', () => {
  function open(storage: { getItem(key: string): string | null; setItem(key: string, value: string): void }) {
    const pinia = createPinia().use(createPersistedState({ storage, auto: true }));
    createVueApp({}).use(pinia);
    const auth = useAuth(pinia);
    return { auth, ...createApp({ session: { store: piniaStore(auth) } }) };
  }

  it('is signed in after a reload, with the tokens of the last refresh', async () => {
    const items = new Map<string, string>();
    const storage = {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
    };
    const before = open(storage);
    await before.logIn();
    await before.session.refresh();
    const { auth, session } = open(storage);
    expect(session.status).toBe('signed-in');
    expect(auth.token).toBe(await before.session.getAccessToken());

    await session.signOut();
    expect(JSON.parse(items.get('auth') ?? '')).toMatchObject({ token: null, refresh_token: null });
    expect(open(storage).session.status).toBe('signed-out');
  });

  it('keeps the session if the storage is full', async () => {
    const setItem = vi.fn(() => {
      throw new Error('quota');
    });
    const { session, logIn } = open({ getItem: () => null, setItem });
    await logIn();
    expect(setItem).toHaveBeenCalled();
    expect(session.status).toBe('signed-in');
  });
});
