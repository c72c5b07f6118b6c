import type { TokenStore } from '../stores/store.js';
import { appStateStore, type TokenFields, type Values } from './app-state.js';

/** What is asked of a Pinia store, an option store or a setup store; Pinia 2 to 4 have it. */
export interface PiniaStore<State extends object> {
  readonly $state: State;
  $patch(values: object): void;
  $subscribe(callback: () => void, options: { detached: boolean; flush: 'sync' }): () => void;
}

/** What the fields of the state are called, and who shares them. */
export interface PiniaStoreOptions<State extends object> extends TokenFields<keyof State & string> {
  /**
   * Set it, to a name of your choice, where a plugin keeps this state in `localStorage`: tabs that share this name are one
   * session, take turns at refreshing, and agree in IndexedDB. @default this tab is alone
   */
  lockName?: string;
}

/**
 * Keeps the tokens in a Pinia store of the application: `createSession({ store: piniaStore(useAuth(pinia)) })`. What the
 * session writes is one `$patch`, with `null` in each field on sign-out; what the application writes, the session sees at
 * once.
 *
 * @throws {TypeError} if the state has no such fields.
 */
export function piniaStore<State extends object>(
  store: PiniaStore<State>,
  options: PiniaStoreOptions<State> = {},
): TokenStore {
  const { lockName, ...fields } = options;
  const app = {
    read: () => store.$state as Values,
    write: (values: Values) => store.$patch(values),
    // At once, as an application may assign the tokens and send a request in the same breath.
    subscribe: (changed: () => void) => store.$subscribe(changed, { detached: true, flush: 'sync' }),
  };
  return appStateStore(app, fields as TokenFields, lockName);
}
