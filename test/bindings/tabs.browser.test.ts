import { createPinia, defineStore } from 'pinia';
import { createPersistedState } from 'pinia-plugin-persistedstate';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createApp as createVueApp } from 'vue';
import { network } from '#network';
import { piniaStore } from '../../src/bindings/pinia.js';
import { createSession, envelopeBackend, type Session, type SessionEvent, tabs } from '../../src/index.js';
import { createTestBackend, type TestBackend, type TestBackendOptions } from '../../src/testing/index.js';
import { ORIGIN, times, USER } from '../support/app.js';
import { mockNetwork } from '../support/mock-network.js';
import { NOTHING, type Tokens } from './app-states.js';

mockNetwork();

const state = (): Tokens & { theme: string } => ({ ...NOTHING, theme: 'light' });
const useAuth = defineStore('auth', { state, persist: true });

let server: TestBackend;
let name: string;

beforeEach(() => {
  localStorage.clear();
  name = crypto.randomUUID();
});

function serve(options: TestBackendOptions = {}) {
  server = createTestBackend({
    accessLifetime: 60_000,
    refreshLifetime: 3_600_000,
    rotation: 'strict',
    ...options,
  });
  network.use(...server.handlers);
}

/** A tab with its own Pinia, which the plugin fills from localStorage, and a session with this store. */
function openTab() {
  const pinia = createPinia().use(createPersistedState());
  createVueApp({}).use(pinia);
  const auth = useAuth(pinia);
  const session = createSession({
    backend: envelopeBackend({ url: `${ORIGIN}/update_token/` }),
    store: piniaStore(auth, { coordination: tabs(name) }),
  });
  const events: SessionEvent['type'][] = [];
  session.subscribe(({ type }) => events.push(type));
  onTestFinished(() => session.dispose());
  return { auth, session, events };
}

async function loginAnswer() {
  const answer = await fetch(`${ORIGIN}/login/`, { method: 'POST', body: JSON.stringify(USER) });
  return answer.json();
}

async function openSignedIn() {
  const tab = openTab();
  await tab.session.signIn(await loginAnswer());
  return tab;
}

const statusOf = async (session: Session) => {
  await session.ready;
  return session.status;
};

describe('tabs whose state a plugin keeps in localStorage', () => {
  it('refresh once when all are opened together, and nobody is signed out', async () => {
    serve();
    const first = await openSignedIn();
    first.session.dispose();
    const tabs = Array.from({ length: 10 }, openTab);
    await times(10, (index) => tabs[index]!.session.refresh());
    expect(tabs.map(({ session }) => session.status)).toEqual(Array(10).fill('signed-in'));
    expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  });

  it('do not treat a reload as a sign-in: waiting requests continue, although the tokens do not name their user', async () => {
    serve({ opaque: true });
    const first = await openSignedIn();
    const reloaded = openTab();
    expect(await reloaded.session.getAccessToken()).toBe(first.auth.token);
    await reloaded.session.refresh();
    await expect.poll(() => first.events).toContain('adopted');
    expect(first.events.filter((type) => type === 'signed-in')).toHaveLength(1);
    expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  });

  it('continue with the newest tokens, even if another tab has overwritten them with old ones', async () => {
    serve();
    const { session, auth } = await openSignedIn();
    const spent = localStorage.getItem('auth')!;
    await session.refresh();
    const newest = auth.token;
    session.dispose();
    localStorage.setItem('auth', spent);
    const opened = openTab();
    expect(await opened.session.getAccessToken()).toBe(newest);
    await expect.poll(() => opened.auth.token).toBe(newest);
    await opened.session.refresh();
    expect(server.stats).toMatchObject({ refreshes: 2, reuses: 0 });
  });

  it('stay signed out, even if another tab writes tokens after the sign-out', async () => {
    serve();
    const { session } = await openSignedIn();
    const spent = localStorage.getItem('auth')!;
    await session.signOut();
    session.dispose();
    localStorage.setItem('auth', spent);
    const opened = openTab();
    expect(await statusOf(opened.session)).toBe('signed-out');
    await expect.poll(() => opened.auth.token).toBeNull();
  });

  it("see another tab's changes in their own state", async () => {
    serve();
    const first = await openSignedIn();
    const second = openTab();
    await second.session.ready;
    await first.session.refresh();
    await expect.poll(() => second.auth.token).toBe(first.auth.token);
    second.auth.theme = 'dark';
    await first.session.signOut();
    await expect.poll(() => second.auth.token).toBeNull();
    expect(second.events.at(-1)).toBe('signed-out');
  });

  it('are signed in and out by the application’s own commits', async () => {
    serve();
    const [first, second] = [openTab(), openTab()];
    await times(2, (index) => [first, second][index]!.session.ready);
    first.auth.$patch((await loginAnswer()).data);
    await expect.poll(() => second.session.status).toBe('signed-in');
    second.auth.$reset();
    await expect.poll(() => first.session.status).toBe('signed-out');
  });

  it('use the tokens of an application that had no session before', async () => {
    serve();
    const { data } = await loginAnswer();
    localStorage.setItem('auth', JSON.stringify(data));
    const [first, second] = [openTab(), openTab()];
    expect(await statusOf(first.session)).toBe('signed-in');
    await times(2, (index) => [first, second][index]!.session.refresh());
    expect(server.stats).toMatchObject({ refreshes: 1, reuses: 0 });
  });
});
