import type { TokenSet, TokenStore } from '../../../src/index.js';
import { installClock, replace } from '../clock.ts';
import type { Place } from '../place.ts';
import type { World } from '../world.ts';
import { FakeChannels } from './channels.ts';
import { FakeIndexedDB } from './indexed-db.ts';
import { FakeLocks } from './locks.ts';
import { FakeStorage, type PageStorage } from './storage.ts';

/** The parts of a browser that all tabs share. Each global looks up the tab whose code is running (`World.current`). */
export class FakeBrowser implements Place {
  readonly whenCleared = 'cleared';
  readonly #storage: FakeStorage;
  readonly #world: World;
  readonly #locks: FakeLocks | undefined;
  readonly #channels: FakeChannels;
  readonly #indexedDB: FakeIndexedDB;

  constructor(world: World, { locks }: { locks: boolean }) {
    this.#world = world;
    this.#storage = new FakeStorage(world);
    this.#locks = locks ? new FakeLocks(world) : undefined;
    this.#channels = new FakeChannels(world);
    this.#indexedDB = new FakeIndexedDB(world);
  }

  open(tab: number): TokenStore {
    return this.#storage.open(tab);
  }

  /** `localStorage` of a page. */
  storageOf(tab: number): PageStorage {
    return this.#storage.pageView(tab);
  }

  view(tab: number): TokenSet | null {
    return this.#storage.view(tab);
  }

  holdOld(tokens: TokenSet): void {
    this.#storage.holdOld(tokens);
  }

  clear(tab: number): void {
    this.#storage.write(tab, null);
  }

  close(tab: number): void {
    this.#world.forget(tab);
    this.#storage.close(tab);
    this.#channels.close(tab);
    this.#locks?.release(tab);
  }

  turnsOf(tab: number): number {
    return this.#locks?.held(tab) ?? 0;
  }

  install(): () => void {
    const channels = this.#channels;
    const undo = [
      replace(globalThis, 'location', new URL('https://app.example/')),
      replace(globalThis, 'navigator', { locks: this.#locks }),
      replace(globalThis, 'indexedDB', this.#indexedDB),
      replace(globalThis, 'BroadcastChannel', function BroadcastChannel(name: string) {
        return channels.join(name);
      }),
      installClock(this.#world),
    ];
    return () => {
      for (const restore of undo) restore();
    };
  }
}
