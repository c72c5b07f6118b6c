import { LOCAL, type World } from '../world.ts';

type Work<T> = () => Promise<T>;

interface LockRequest {
  tab: number | undefined;
  offered: boolean;
  held: boolean;
  begin(): void;
}

/** Web Locks: exclusive, in the order of the requests. A separate step grants a lock. */
export class FakeLocks {
  readonly #world: World;
  readonly #queues = new Map<string, LockRequest[]>();

  constructor(world: World) {
    this.#world = world;
  }

  request<T>(name: string, ...args: [{ signal: AbortSignal }, Work<T>] | [Work<T>]): Promise<T> {
    const work = args.pop() as Work<T>;
    const [{ signal } = {}] = args as [{ signal?: AbortSignal }?];
    return new Promise((resolve, reject) => {
      const done = () => this.#leave(name, request);
      const request: LockRequest = {
        tab: this.#world.current,
        offered: false,
        held: false,
        begin: () => {
          request.held = true;
          Promise.resolve().then(work).finally(done).then(resolve, reject);
        },
      };
      const giveUp = () => {
        if (request.held) return;
        done();
        reject(signal?.reason);
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', giveUp);
      this.#queue(name).push(request);
      this.#offer(name);
    });
  }

  async query() {
    const held = [...this.#queues].filter(([, [first]]) => first?.held);
    return { held: held.map(([name]) => ({ name })) };
  }

  /** The locks that a tab held or waited for. */
  held(tab: number): number {
    return [...this.#queues.values()].flat().filter((request) => request.tab === tab).length;
  }

  /** Releases the locks of a closed tab, as a browser does. */
  release(tab: number): void {
    for (const [name, queue] of this.#queues)
      for (const request of queue.filter((one) => one.tab === tab)) this.#leave(name, request);
  }

  #queue(name: string): LockRequest[] {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    return queue;
  }

  #leave(name: string, request: LockRequest): void {
    const others = this.#queue(name).filter((one) => one !== request);
    this.#queues.set(name, others);
    this.#offer(name);
  }

  #offer(name: string): void {
    const first = this.#queue(name)[0];
    if (!first || first.offered) return;
    first.offered = true;
    const { tab } = first;
    const run = () => {
      if (this.#queue(name)[0] === first) first.begin();
    };
    this.#world.enqueue({ tab, lane: `lock ${tab}`, label: 'gets the lock', within: LOCAL, run });
  }
}
