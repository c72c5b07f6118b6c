import type { World } from '../world.ts';
import { FakeChannels } from './channels.ts';
import { FakeIndexedDB } from './indexed-db.ts';
import { FakeLocks } from './locks.ts';
import { FakeStorage } from './storage.ts';

/** What all tabs of a browser share. Each global finds out whose code is running (`World.current`). */
export class FakeBrowser {
  readonly storage: FakeStorage;
  readonly #world: World;
  readonly #locks: FakeLocks | undefined;
  readonly #channels: FakeChannels;
  readonly #indexedDB: FakeIndexedDB;

  constructor(world: World, { locks }: { locks: boolean }) {
    this.#world = world;
    this.storage = new FakeStorage(world);
    this.#locks = locks ? new FakeLocks(world) : undefined;
    this.#channels = new FakeChannels(world);
    this.#indexedDB = new FakeIndexedDB(world);
  }

  /** A tab goes with all that it had, without a word. */
  close(tab: number): void {
    this.#world.forget(tab);
    this.storage.close(tab);
    this.#channels.close(tab);
    this.#locks?.release(tab);
  }

  locksOf(tab: number): number {
    return this.#locks?.held(tab) ?? 0;
  }

  /** Puts itself in the place of this process's globals. Returns what undoes it. */
  install(): () => void {
    const world = this.#world;
    const channels = this.#channels;
    const random = seededRandom();
    const undo = [
      replace(globalThis, 'location', new URL('https://app.example/')),
      replace(globalThis, 'navigator', { locks: this.#locks }),
      replace(globalThis, 'indexedDB', this.#indexedDB),
      replace(globalThis, 'BroadcastChannel', function BroadcastChannel(name: string) {
        return channels.join(name);
      }),
      replace(globalThis, 'setTimeout', (run: () => void, ms?: number) => world.setTimer(run, ms)),
      replace(globalThis, 'clearTimeout', (id: number) => world.clearTimer(id)),
      replace(Date, 'now', () => world.now),
      replace(performance, 'now', () => world.elapsed),
      replace(Math, 'random', random),
    ];
    return () => {
      for (const restore of undo) restore();
    };
  }
}

function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(target, name, before);
    else Reflect.deleteProperty(target, name);
  };
}

/** The same numbers in each run, so that a counterexample stays one. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seededRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
