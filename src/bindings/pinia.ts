import type { TokenStore } from '../stores/store.js';
import { appStateStore, type TokenFields, type Values } from './app-state.js';

/** The part of a Pinia store that is used. Option stores and setup stores of Pinia 3 and 4 have it. */
export interface PiniaStore<State extends object> {
  readonly $state: State;
  $patch(values: object): void;
  $subscribe(callback: () => void, options: { detached: boolean; flush: 'sync' }): () => void;
}

/** The names of the fields in your store, and how tabs share them. */
export interface PiniaStoreOptions<State extends object> extends TokenFields<keyof State & string> {
  /**
   * Set it, to a name of your choice, where a plugin keeps this state in `localStorage`: tabs that share this name are one
   * session, take turns at refreshing, and agree in IndexedDB. @default this tab is alone
   */
  lockName?: string;
}

/**
 * Keeps the tokens in a Pinia store of your app: `createSession({ store: piniaStore(useAuth(pinia)) })`. The session writes with a single
 * `$patch`, and sets each field to `null` at sign-out. It sees the writes of your app at once.
 *
 * @throws {TypeError} if the store lacks one of the fields.
 */
export function piniaStore<State extends object>(
  store: PiniaStore<State>,
  options: PiniaStoreOptions<State> = {},
): TokenStore {
  const { lockName, ...fields } = options;
  const app = {
    read: () => store.$state as Values,
    write: (values: Values) => store.$patch(values),
    // Synchronous, because an application may set the tokens and send a request in the same task.
    subscribe: (changed: () => void) => store.$subscribe(changed, { detached: true, flush: 'sync' }),
  };
  return appStateStore(app, fields as TokenFields, lockName);
}
