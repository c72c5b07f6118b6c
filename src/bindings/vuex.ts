import { assert, assertKnown } from '../assert.js';
import type { Coordination } from '../coordination/coordination.js';
import type { TokenStore } from '../stores/store.js';
import { appStateStore, type TokenFields, type Values } from './app-state.js';

/** The part of a Vuex store that is used. Vuex 3 and 4 have it. */
export interface VuexStore {
  readonly state: unknown;
  commit(type: string, payload: unknown): void;
  subscribe(callback: () => void): () => void;
  watch(getter: () => unknown, callback: () => void): () => void;
}

export interface VuexStoreOptions {
  /** The mutation that takes `{ token, refresh_token, token_time }`; at sign-out each is `null`. @default 'RECEIVE_TOKEN' */
  mutation?: string;
  /** The path of the module with the tokens: `'auth'`, `'user/auth'`. @default the root state */
  module?: string;
  /** Whether the module is namespaced. If not, `mutation` is committed as it is. @default true */
  namespaced?: boolean;
  /** The names of the fields in the state and in the mutation's payload. @default those of `TokenFields` */
  fields?: TokenFields;
  /**
   * Set it to `tabs('app')` if a plugin keeps this state in `localStorage`: the tabs are then one session and take turns at
   * refreshing. @default this tab is alone
   */
  coordination?: Coordination;
}

/**
 * Keeps the tokens in your Vuex store: `createSession({ store: vuexStore(store) })`. The session writes with a commit. It sees the commits of
 * your app at once.
 *
 * @throws {TypeError} if `store` is missing, if the module is not registered, or if its state lacks one of the fields.
 */
export function vuexStore(store: VuexStore, options: VuexStoreOptions = {}): TokenStore {
  const { mutation = 'RECEIVE_TOKEN', module, namespaced = true, fields, coordination, ...unknown } = options;
  assert(!!store, 'store', 'a Vuex store', store);
  assertKnown(unknown);
  const path = module ? module.split('/') : [];
  const type = namespaced ? [...path, mutation].join('/') : mutation;
  // Empty if the module is not registered.
  const read = () => path.reduce((state, name) => state?.[name] as Values, store.state as Values) ?? {};
  const app = {
    read,
    write: (values: Values) => store.commit(type, values),
    subscribe(changed: () => void) {
      const unsubscribe = store.subscribe(changed);
      // For changes without a mutation: a plugin that restores the state later, or time travel in the devtools.
      const unwatch = store.watch(() => ({ ...read() }), changed);
      return () => {
        unsubscribe();
        unwatch();
      };
    },
  };
  return appStateStore(app, fields, coordination);
}
