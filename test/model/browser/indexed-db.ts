import { LOCAL, type World } from '../world.ts';

/** The parts of IndexedDB that the ledger uses. All tabs see the same content, and a transaction is one step. */
export class FakeIndexedDB {
  readonly #world: World;
  readonly #values = new Map<string, unknown>();

  constructor(world: World) {
    this.#world = world;
  }

  open(): Partial<IDBOpenDBRequest> {
    const request = {} as { result: unknown; onsuccess?: () => void };
    queueMicrotask(() => {
      request.result = { transaction: () => new FakeTransaction(this.#world, this.#values), close() {} };
      request.onsuccess?.();
    });
    return request as Partial<IDBOpenDBRequest>;
  }
}

interface Reading {
  result?: unknown;
  onsuccess?: () => void;
}

class FakeTransaction {
  oncomplete: (() => void) | undefined;
  readonly #values: Map<string, unknown>;
  readonly #readings: [key: string, reading: Reading][] = [];

  constructor(world: World, values: Map<string, unknown>) {
    this.#values = values;
    const tab = world.current;
    const step = { tab, within: LOCAL };
    world.enqueue({
      ...step,
      lane: `ledger ${tab}`,
      label: 'its transaction happens',
      run: () => {
        this.#happen();
        const run = () => this.oncomplete?.();
        world.enqueue({ ...step, lane: `ledger done ${tab}`, label: 'hears of its transaction', run });
      },
    });
  }

  objectStore() {
    return {
      get: (key: string): Reading => {
        const reading: Reading = {};
        this.#readings.push([key, reading]);
        return reading;
      },
      put: (value: unknown, key: string) => void this.#values.set(key, structuredClone(value)),
    };
  }

  #happen(): void {
    for (const [key, reading] of this.#readings) {
      reading.result = structuredClone(this.#values.get(key));
      reading.onsuccess?.();
    }
  }
}
