import { bounded } from '../wait.js';
import type { Endpoint } from './options.js';

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

interface Waiter {
  readonly endpoint: Endpoint;
  readonly count: number;
  resolve(): void;
  reject(error: Error): void;
}

/** Lets a test hold back responses and wait for requests, without timers. */
export interface Traffic {
  /** Holds back the responses of an endpoint. Returns a function that releases them. */
  hold(endpoint: Endpoint): () => void;
  /** Resolves when a response may be sent. Rejects when its caller aborts. */
  waitForRelease(endpoint: Endpoint, signal: AbortSignal): Promise<void>;
  /** Counts a request that the server has processed. */
  processed(endpoint: Endpoint): void;
  /** Resolves when the server has processed `count` requests. Rejects if `clear` is called first. */
  called(endpoint: Endpoint, count: number): Promise<void>;
  /** Releases all responses and sets the counters to zero. */
  clear(): void;
}

export function createTraffic(): Traffic {
  const gates = new Map<Endpoint, Gate>();
  const calls = new Map<Endpoint, number>();
  let waiters: Waiter[] = [];
  const countOf = (endpoint: Endpoint) => calls.get(endpoint) ?? 0;

  function release(endpoint: Endpoint, gate: Gate): void {
    if (gates.get(endpoint) === gate) gates.delete(endpoint);
    gate.open();
  }

  return {
    hold(endpoint) {
      const gate = gates.get(endpoint) ?? createGate();
      gates.set(endpoint, gate);
      return () => release(endpoint, gate);
    },
    async waitForRelease(endpoint, signal) {
      const gate = gates.get(endpoint);
      if (gate) await bounded(gate.opened, signal);
    },
    processed(endpoint) {
      calls.set(endpoint, countOf(endpoint) + 1);
      const satisfied = (waiter: Waiter) => countOf(waiter.endpoint) >= waiter.count;
      for (const waiter of waiters.filter(satisfied)) waiter.resolve();
      waiters = waiters.filter((waiter) => !satisfied(waiter));
    },
    called(endpoint, count) {
      if (countOf(endpoint) >= count) return Promise.resolve();
      const reached = new Promise<void>((resolve, reject) => {
        waiters.push({ endpoint, count, resolve, reject });
      });
      reached.catch(() => {}); // a test may not await this promise
      return reached;
    },
    clear() {
      for (const [endpoint, gate] of gates) release(endpoint, gate);
      calls.clear();
      for (const { endpoint, count, reject } of waiters) {
        reject(new Error(`called('${endpoint}', ${count}) cannot resolve: the backend was reset`));
      }
      waiters = [];
    },
  };
}

function createGate(): Gate {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
