import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  localStorageStore,
  memoryStore,
  sessionStorageStore,
  sharedMemoryStore,
  type TokenSet,
} from '../../src/index.js';
import { fakeStorage } from '../support/storage.js';

const TOKENS: TokenSet = { accessToken: 'a', refreshToken: 'r' };

let warn: ReturnType<typeof vi.spyOn>;

const areas = { localStorage: fakeStorage(), sessionStorage: fakeStorage() };

beforeEach(() => {
  vi.stubGlobal('window', globalThis); // otherwise this counts as a server
  for (const area of ['localStorage', 'sessionStorage'] as const) {
    areas[area] = fakeStorage();
    vi.stubGlobal(area, areas[area]);
  }
  warn = vi.spyOn(console, 'warn').mockReturnValue();
  return () => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  };
});

describe.each([
  ['localStorage', localStorageStore],
  ['sessionStorage', sessionStorageStore],
] as const)('tokens in %s', (area, createStore) => {
  it('are JSON under the key of the store', () => {
    createStore().write(TOKENS);
    createStore({ key: 'other' }).write({ accessToken: 'b' });
    expect(Object.fromEntries(areas[area].items)).toEqual({
      unexpired: JSON.stringify(TOKENS),
      other: '{"accessToken":"b"}',
    });
    expect(createStore().read()).toEqual(TOKENS);
    expect(createStore({ key: 'other' }).read()).toEqual({ accessToken: 'b' });
    expect(createStore({ key: 'third' }).read()).toBeNull();
    expect(warn).not.toHaveBeenCalled();
  });

  it('are removed on sign-out', () => {
    const store = createStore();
    store.write(TOKENS);
    store.write(null);
    expect(areas[area].items.size).toBe(0);
    expect(store.read()).toBeNull();
  });

  it.each(['not JSON', '{"accessToken":""}', '[]', 'null'])(
    'are not read as tokens if they are %s',
    (text) => {
      areas[area].items.set('unexpired', text);
      expect(createStore().read()).toBeNull();
      expect(warn).toHaveBeenCalledExactlyOnceWith(
        `unexpired: ${area} holds something else under "unexpired". Give the store another \`key\``,
      );
      expect(areas[area].items.get('unexpired')).toBe(text);
    },
  );

  it('are kept in memory while the storage is full', () => {
    const store = createStore();
    store.write({ accessToken: 'old' });
    const setItem = areas[area].setItem;
    areas[area].setItem = () => {
      throw new Error('QuotaExceededError');
    };
    store.write(TOKENS);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      `unexpired: ${area} cannot be written: tokens are kept in memory and will be gone on reload`,
    );
    expect(store.read()).toBe(TOKENS);
    areas[area].setItem = setItem;
    store.write(TOKENS);
    areas[area].items.set('unexpired', '{"accessToken":"newer"}');
    expect(store.read()).toEqual({ accessToken: 'newer' });
  });

  it('stay signed out in memory while the storage cannot be emptied', () => {
    const store = createStore();
    store.write(TOKENS);
    areas[area].removeItem = () => {
      throw new Error('SecurityError');
    };
    store.write(null);
    expect(store.read()).toBeNull();
  });

  it('are watched for other tabs’ writes until the last listener is removed', () => {
    const listeners = new Map<string, unknown>();
    vi.stubGlobal('addEventListener', (type: string, listener: unknown) => listeners.set(type, listener));
    vi.stubGlobal('removeEventListener', (type: string, listener: unknown) => {
      if (listeners.get(type) === listener) listeners.delete(type);
    });
    const changed = vi.fn();
    const stop = createStore().subscribe!(changed);
    const fire = (event: object) => (listeners.get('storage') as (event: object) => void)(event);
    const storageArea = areas[area];
    fire({ key: 'unexpired', storageArea });
    expect(changed).toHaveBeenCalledTimes(1);
    fire({ key: null, storageArea }); // the event of clear()
    expect(changed).toHaveBeenCalledTimes(2);
    fire({ key: 'other', storageArea });
    fire({ key: 'unexpired', storageArea: {} });
    expect(changed).toHaveBeenCalledTimes(2);
    stop();
    expect(listeners.size).toBe(0);
  });

  it('are not watched outside a browser', () => {
    vi.stubGlobal('addEventListener', undefined);
    vi.stubGlobal('removeEventListener', undefined);
    expect(() => createStore().subscribe!(() => {})()).not.toThrow();
  });

  it.each([
    ['', 'an empty string'],
    [7, '7'],
    [null, 'null'],
  ])('cannot have the key %j', (key, got) => {
    expect(() => createStore({ key: key as string })).toThrow(
      new TypeError(`"key" must be a non-empty string, got ${got}`),
    );
  });
});

describe('tokens in web storage', () => {
  it('are shared by all tabs of the origin with localStorage, under the key', () => {
    expect(localStorageStore().coordination!.name).toBe('unexpired');
    expect(localStorageStore({}).coordination!.name).toBe('unexpired');
    expect(localStorageStore({ key: 'other' }).coordination!.name).toBe('other');
  });

  it('are not shared by tabs with sessionStorage', () => {
    expect(sessionStorageStore().coordination).toBeUndefined();
  });
});

describe.each([
  ['localStorageStore', localStorageStore],
  ['sessionStorageStore', sessionStorageStore],
  ['sharedMemoryStore', sharedMemoryStore],
])('%s', (_, createStore) => {
  it('throws for an unknown option', () => {
    expect(() => createStore({ keys: 'mine' } as object)).toThrow(
      new TypeError('There is no option "keys": check its spelling'),
    );
  });
});

describe.each([
  ['localStorage', localStorageStore],
  ['sessionStorage', sessionStorageStore],
] as const)('on a server, %s', (area, createStore) => {
  beforeEach(() => void vi.stubGlobal('window', undefined));

  it('is not touched: tokens are kept in memory, for this session only', () => {
    areas[area].items.set('unexpired', JSON.stringify({ accessToken: 'of another user' }));
    const store = createStore();
    expect(store.read()).toBeNull();
    store.write(TOKENS);
    expect(store.read()).toBe(TOKENS);
    expect(createStore().read()).toBeNull();
    store.write(null);
    expect(store.read()).toBeNull();
    expect(areas[area].items.get('unexpired')).toContain('of another user');
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('tokens in shared memory', () => {
  it('are separate for each store, whose key is the name that tabs use', () => {
    expect(sharedMemoryStore().coordination!.name).toBe('memory');
    expect(sharedMemoryStore({ key: 'other' }).coordination!.name).toBe('other');
    const store = sharedMemoryStore();
    store.write(TOKENS);
    expect(store.read()).toBe(TOKENS);
    expect(sharedMemoryStore().read()).toBeNull();
  });

  it('require a key', () => {
    expect(() => sharedMemoryStore({ key: '' })).toThrow(
      new TypeError('"key" must be a non-empty string, got an empty string'),
    );
  });
});

describe('tokens in memory', () => {
  it('are those of the last write to the same store', () => {
    const store = memoryStore();
    expect(store.read()).toBeNull();
    store.write(TOKENS);
    expect(store.read()).toBe(TOKENS);
    expect(memoryStore().read()).toBeNull();
    store.write(null);
    expect(store.read()).toBeNull();
  });
});
