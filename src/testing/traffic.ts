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

/** Lets a test stand beside the traffic: hold back answers, and wait for calls. No timers. */
export interface Traffic {
  /** Holds back the answers of an endpoint. Returns what lets them go. */
  hold(endpoint: Endpoint): () => void;
  /** Resolves when an answer may go out; rejects when its caller has given up. */
  pass(endpoint: Endpoint, signal: AbortSignal): Promise<void>;
  /** A call has arrived. */
  arrived(endpoint: Endpoint): void;
  /** Resolves once `count` calls have arrived; rejects when it is cleared before. */
  called(endpoint: Endpoint, count: number): Promise<void>;
  /** Lets go of all answers; counts from zero. */
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
    async pass(endpoint, signal) {
      const gate = gates.get(endpoint);
      if (gate) await bounded(gate.opened, signal);
    },
    arrived(endpoint) {
      calls.set(endpoint, countOf(endpoint) + 1);
      const satisfied = (waiter: Waiter) => countOf(waiter.endpoint) >= waiter.count;
      for (const waiter of waiters.filter(satisfied)) waiter.resolve();
      waiters = waiters.filter((waiter) => !satisfied(waiter));
    },
    called(endpoint, count) {
      if (countOf(endpoint) >= count) return Promise.resolve();
      const fulfilled = new Promise<void>((resolve, reject) => {
        waiters.push({ endpoint, count, resolve, reject });
      });
      fulfilled.catch(() => {}); // nobody need listen any more
      return fulfilled;
    },
    clear() {
      for (const [endpoint, gate] of gates) release(endpoint, gate);
      calls.clear();
      for (const { endpoint, count, reject } of waiters) {
        reject(new Error(`called('${endpoint}', ${count}) cannot be fulfilled: the backend was reset`));
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
