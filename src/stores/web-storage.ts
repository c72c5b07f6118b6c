import { assertKnown, assertTexts } from '../assert.js';
import { tabs } from '../tabs/tabs.js';
import { isTokenSet, type TokenSet } from '../tokens/token-set.js';
import type { TokenStore } from './store.js';

export interface WebStorageOptions {
  /** The key under which the tokens are stored as JSON. @default 'unexpired' */
  key?: string;
}

/**
 * Keeps tokens in `localStorage`: they survive reloads, and all tabs of the origin share them. Any script of the page can read them.
 * On a server, where there is no `window`, it starts empty and keeps tokens in memory.
 */
export function localStorageStore(options?: WebStorageOptions): TokenStore {
  return { ...webStorageStore('localStorage', options), coordination: tabs(options?.key ?? 'unexpired') };
}

/**
 * Keeps tokens in `sessionStorage`: they survive reloads, until the tab is closed. Any script of the page can read them. Browsers
 * copy it when the user duplicates a tab. Both tabs then have the same refresh token and do not coordinate, and a backend with
 * refresh token rotation treats that as theft. If your users may duplicate tabs, use `localStorageStore`.
 */
export function sessionStorageStore(options?: WebStorageOptions): TokenStore {
  return webStorageStore('sessionStorage', options);
}

function webStorageStore(
  area: 'localStorage' | 'sessionStorage',
  { key = 'unexpired', ...unknown }: WebStorageOptions = {},
): TokenStore {
  assertTexts({ key });
  assertKnown(unknown);
  // Tokens that could not be written, because the storage is full or disabled: the session continues with them.
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
    read() {
      if (unsaved !== undefined || isOnServer()) return unsaved ?? null;
      const text = globalThis[area].getItem(key);
      if (text === null) return null;
      return (
        attempt(() => parse(text), `holds something else under "${key}". Give the store another \`key\``) ??
        null
      );
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
        // `key` is null if the whole storage was cleared.
        if (event.storageArea === globalThis[area] && (event.key ?? key) === key) changed();
      };
      globalThis.addEventListener?.('storage', listener);
      return () => globalThis.removeEventListener?.('storage', listener);
    },
  };
}

/**
 * On a server, web storage is not used, even if Node.js has it: all users would share it, and reading it logs a warning if it is
 * not configured.
 */
function isOnServer(): boolean {
  return globalThis.window === undefined;
}

function parse(text: string): TokenSet {
  const tokens: unknown = JSON.parse(text);
  if (isTokenSet(tokens)) return tokens;
  throw new TypeError();
}
