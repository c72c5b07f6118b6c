import type { TokenStore } from '../stores/store.js';
import { appStateStore, type TokenFields, type Values } from './app-state.js';

/** What is asked of a Vuex store; Vuex 3 and 4 have it. */
export interface VuexStore {
  readonly state: unknown;
  commit(type: string, payload: unknown): void;
  subscribe(callback: () => void): () => void;
  watch(getter: () => unknown, callback: () => void): () => void;
}

export interface VuexStoreOptions {
  /** The mutation that takes `{ token, refresh_token, token_time }`, with `null` in each on sign-out. @default 'RECEIVE_TOKEN' */
  mutation?: string;
  /** The path of the module that holds the tokens: `'auth'`, `'user/auth'`. @default the root */
  module?: string;
  /** Whether the module is namespaced. If not, `mutation` is the whole type that is committed. @default true */
  namespaced?: boolean;
  /** What the fields of the state, and of the mutation's payload, are called. */
  fields?: TokenFields;
  /**
   * Set it, to a name of your choice, where a plugin keeps this state in `localStorage`: tabs that share this name are one
   * session, take turns at refreshing, and agree in IndexedDB. @default this tab is alone
   */
  lockName?: string;
}

/**
 * Keeps the tokens in the application's Vuex store: `createSession({ store: vuexStore(store) })`. What the session writes
 * is a commit like any other; what the application commits, the session sees at once.
 *
 * @throws {TypeError} if there is no such module, or its state has no such fields.
 */
export function vuexStore(store: VuexStore, options: VuexStoreOptions = {}): TokenStore {
  const { mutation = 'RECEIVE_TOKEN', module, namespaced = true, fields, lockName } = options;
  const path = module ? module.split('/') : [];
  const type = namespaced ? [...path, mutation].join('/') : mutation;
  // Nothing, where the module is not registered.
  const read = () => path.reduce((state, name) => state?.[name] as Values, store.state as Values) ?? {};
  const app = {
    read,
    write: (values: Values) => store.commit(type, values),
    subscribe(changed: () => void) {
      const ends = [
        store.subscribe(changed),
        // What comes by no mutation: a plugin that restores the state later, the devtools' time travel.
        store.watch(() => ({ ...read() }), changed),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
  return appStateStore(app, fields, lockName);
}
