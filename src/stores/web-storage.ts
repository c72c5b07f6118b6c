import { isTokenSet, type TokenSet } from '../tokens/token-set.js';
import { lockNameOf } from './lock-name.js';
import type { TokenStore } from './store.js';

export interface WebStorageOptions {
  /** The key under which the tokens are stored as JSON. @default 'unexpired' */
  key?: string;
}

/**
 * Keeps tokens in `localStorage`: over reloads and in every tab of the origin. Any script of the page can read it. On a server,
 * where there is no `window`, it starts empty and keeps tokens in memory.
 */
export function localStorageStore(options?: WebStorageOptions): TokenStore {
  return webStorageStore('localStorage', options);
}

/**
 * Keeps tokens in `sessionStorage`: over reloads of this tab, until it is closed. Any script of the page can read it.
 * Mind that browsers copy it when a tab is duplicated: two tabs then hold one refresh token and know nothing of each other,
 * which a backend that rotates takes for theft. Where users may duplicate tabs, `localStorageStore` is the safe choice.
 */
export function sessionStorageStore(options?: WebStorageOptions): TokenStore {
  return webStorageStore('sessionStorage', options);
}

function webStorageStore(
  area: 'localStorage' | 'sessionStorage',
  { key = 'unexpired' }: WebStorageOptions = {},
): TokenStore {
  const lockName = lockNameOf(key);
  // What storage would not take (full, or switched off) is kept here, so that the session works on.
  let unsaved: TokenSet | null | undefined;

  function attempt<T>(action: () => T, problem: string): T | undefined {
    try {
      return action();
    } catch {
      console.warn(`unexpired: ${area} ${problem}`);
      return undefined;
    }
  }

  return {
    // Each tab has a sessionStorage of its own: nobody to take turns with.
    ...(area === 'localStorage' && { lockName }),
    read() {
      if (unsaved !== undefined || isOnServer()) return unsaved ?? null;
      const text = globalThis[area].getItem(key);
      if (text === null) return null;
      const left = 'it is left alone until the next sign-in. Give the store another `key`';
      return attempt(() => parse(text), `holds something else under "${key}": ${left}`) ?? null;
    },
    write(tokens) {
      unsaved = tokens;
      if (isOnServer()) return;
      attempt(() => {
        if (tokens) globalThis[area].setItem(key, JSON.stringify(tokens));
        else globalThis[area].removeItem(key);
        unsaved = undefined;
      }, 'cannot be written: tokens are kept in memory and will be gone on reload');
    },
    subscribe(changed) {
      const listener = (event: StorageEvent) => {
        // `key` is null where the whole storage was cleared.
        if (event.storageArea === globalThis[area] && (event.key ?? key) === key) changed();
      };
      globalThis.addEventListener?.('storage', listener);
      return () => globalThis.removeEventListener?.('storage', listener);
    },
  };
}

/** Node.js has web storage of its own, which all users would share, and warns where it is not set up. */
function isOnServer(): boolean {
  return globalThis.window === undefined;
}

function parse(text: string): TokenSet {
  const tokens: unknown = JSON.parse(text);
  if (isTokenSet(tokens)) return tokens;
  throw new TypeError();
}
