import { createPinia, defineStore } from 'pinia';
import { createPinia as createPinia3, defineStore as defineStore3 } from 'pinia-3';
import { createApp, ref } from 'vue';
import { createStore, type MutationPayload } from 'vuex';
import { piniaStore } from '../../src/bindings/pinia.js';
import { vuexStore } from '../../src/bindings/vuex.js';
import { type TokenStore, tabs } from '../../src/index.js';

export interface Tokens {
  token: string | null;
  refresh_token: string | null;
  token_time: string | null;
}

/** An application with its tokens in its own state. */
export interface StateOwner {
  /** Creates a session's store. A second call returns the store of the page after a reload. */
  store(name?: string): TokenStore;
  state: Readonly<Tokens>;
  /** The application writes tokens by its own commit. */
  write(tokens: Tokens): void;
  /** The application writes something else to the state. */
  rename(name: string): void;
  /** The writes that devtools and plugins see. */
  seen: { type: string; payload: unknown }[];
}

export const NOTHING: Tokens = { token: null, refresh_token: null, token_time: null };

const fresh = () => ({ ...NOTHING, name: 'nobody' });

function setup() {
  const token = ref<string | null>(null);
  const refresh_token = ref<string | null>(null);
  const token_time = ref<string | null>(null);
  return { token, refresh_token, token_time, name: ref('nobody') };
}

function ofPinia(auth: ReturnType<typeof useOptions>): StateOwner {
  const seen: StateOwner['seen'] = [];
  auth.$subscribe(
    (mutation) => seen.push({ type: mutation.type, payload: 'payload' in mutation && mutation.payload }),
    { flush: 'sync' },
  );
  return {
    store: (name) => piniaStore(auth, { ...(name && { coordination: tabs(name) }) }),
    state: auth,
    write: (tokens) => Object.assign(auth, tokens),
    rename: (name) => {
      auth.name = name;
    },
    seen,
  };
}

/** Without an app, Pinia accepts no plugins and has no devtools. */
function installed<P extends { install(app: never): void }>(pinia: P): P {
  createApp({}).use(pinia as never);
  return pinia;
}

const useOptions = defineStore('auth', { state: fresh });
const useSetup = defineStore('auth', setup);
const useOptions3 = defineStore3('auth', { state: fresh });
const useSetup3 = defineStore3('auth', setup);

interface VuexShape {
  path: string[];
  namespaced?: boolean;
}

function ofVuex({ path, namespaced = true }: VuexShape): StateOwner {
  const leaf = {
    namespaced,
    state: fresh,
    mutations: {
      RECEIVE_TOKEN(state: Tokens, { token, refresh_token, token_time }: Tokens) {
        state.token = token;
        state.refresh_token = refresh_token;
        state.token_time = token_time;
      },
      RENAME(state: { name: string }, name: string) {
        state.name = name;
      },
    },
  };
  const tree = path.reduceRight<object>(
    (module, name) => ({ namespaced, modules: { [name]: module } }),
    leaf,
  );
  const vuex = createStore<object>({ strict: true, ...tree });
  const seen: StateOwner['seen'] = [];
  vuex.subscribe(({ type, payload }: MutationPayload) => seen.push({ type, payload }));
  const prefix = namespaced ? path.map((name) => `${name}/`).join('') : '';
  return {
    store: (name) =>
      vuexStore(vuex, { module: path.join('/'), namespaced, ...(name && { coordination: tabs(name) }) }),
    state: path.reduce<unknown>(
      (state, name) => (state as Record<string, unknown>)[name],
      vuex.state,
    ) as Tokens,
    write: (tokens) => vuex.commit(`${prefix}RECEIVE_TOKEN`, tokens),
    rename: (name) => vuex.commit(`${prefix}RENAME`, name),
    seen,
  };
}

/** All supported kinds of state. `wrote`: the name that devtools show for the session's write. */
export const OWNERS: { name: string; wrote: string; create(): StateOwner }[] = [
  {
    name: 'a Pinia option store',
    wrote: 'patch object',
    create: () => ofPinia(useOptions(installed(createPinia()))),
  },
  {
    name: 'a Pinia setup store',
    wrote: 'patch object',
    create: () => ofPinia(useSetup(installed(createPinia()))),
  },
  {
    name: 'an option store of Pinia 3',
    wrote: 'patch object',
    create: () => ofPinia(useOptions3(installed(createPinia3())) as never),
  },
  {
    name: 'a setup store of Pinia 3',
    wrote: 'patch object',
    create: () => ofPinia(useSetup3(installed(createPinia3())) as never),
  },
  { name: 'the root of a Vuex store', wrote: 'RECEIVE_TOKEN', create: () => ofVuex({ path: [] }) },
  { name: 'a Vuex module', wrote: 'auth/RECEIVE_TOKEN', create: () => ofVuex({ path: ['auth'] }) },
  {
    name: 'a nested Vuex module',
    wrote: 'user/auth/RECEIVE_TOKEN',
    create: () => ofVuex({ path: ['user', 'auth'] }),
  },
  {
    name: 'a Vuex module that is not namespaced',
    wrote: 'RECEIVE_TOKEN',
    create: () => ofVuex({ path: ['user', 'auth'], namespaced: false }),
  },
];
