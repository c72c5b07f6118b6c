import { assert } from '../assert.js';
import type { Coordination } from '../coordination/coordination.js';
import type { TokenStore } from '../stores/store.js';
import { appStateStore, type TokenFields, type Values } from './app-state.js';

/** The part of a Pinia store that is used. Option stores and setup stores of Pinia 2 to 4 have it. */
export interface PiniaStore<State extends object> {
  readonly $state: State;
  $patch(values: object): void;
  $subscribe(callback: () => void, options: { detached: boolean; flush: 'sync' }): () => void;
}

/** The names of the fields in your store, and how tabs share them. */
export interface PiniaStoreOptions<State extends object> extends TokenFields<keyof State & string> {
  /**
   * Set it to `tabs('app')` if a plugin keeps this state in `localStorage`: the tabs are then one session and take turns at
   * refreshing. @default this tab is alone
   */
  coordination?: Coordination;
}

/**
 * Keeps the tokens in a Pinia store of your app: `createSession({ store: piniaStore(useAuth(pinia)) })`. The session writes with a single
 * `$patch`, and sets each field to `null` at sign-out. It sees the writes of your app at once.
 *
 * @throws {TypeError} if `store` is not a Pinia store, or lacks one of the fields.
 */
export function piniaStore<State extends object>(
  store: PiniaStore<State>,
  options: PiniaStoreOptions<State> = {},
): TokenStore {
  assert(!!store?.$patch, 'store', 'a Pinia store: look for an import circle', store);
  const { coordination, ...fields } = options;
  const app = {
    read: () => store.$state as Values,
    write: (values: Values) => store.$patch(values),
    // Synchronous, because an application may set the tokens and send a request in the same task.
    subscribe: (changed: () => void) => store.$subscribe(changed, { detached: true, flush: 'sync' }),
  };
  return appStateStore(app, fields as TokenFields, coordination);
}
