import type { World } from './world.ts';

/** Replaces this process's time, timers and random numbers with the world's. Returns a function that restores them. */
export function installClock(world: World): () => void {
  const undo = [
    replace(globalThis, 'setTimeout', (run: () => void, ms?: number) => world.setTimer(run, ms)),
    replace(globalThis, 'clearTimeout', (id: number) => world.clearTimer(id)),
    replace(Date, 'now', () => world.now),
    replace(performance, 'now', () => world.elapsed),
    replace(Math, 'random', seededRandom()),
  ];
  return () => {
    for (const restore of undo) restore();
  };
}

export function replace(target: object, name: string, value: unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => {
    if (before) Object.defineProperty(target, name, before);
    else Reflect.deleteProperty(target, name);
  };
}

/**
 * Returns the same numbers in each run, so that a counterexample can be repeated.
 * https://en.wikipedia.org/wiki/Linear_congruential_generator
 */
function seededRandom(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
