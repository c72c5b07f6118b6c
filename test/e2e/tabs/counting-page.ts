import { IndexedRecord } from '../../../src/tabs/indexed-record.js';

/** A number that all tabs increment together. */
interface Counter {
  read(): number | Promise<number>;
  write(count: number): unknown;
}

export interface CountingPage {
  /** Increments the number `turns` times when a tab calls `start`; each time under the exclusive lock. */
  countOnSignal(where: 'localStorage' | 'ledger', turns: number): void;
  start(): void;
  counted?: Promise<unknown>;
  read(where: 'localStorage' | 'ledger'): number | Promise<number>;
}

declare global {
  interface Window {
    counting: CountingPage;
  }
}

const record = new IndexedRecord<number>('count');
const COUNTERS: Record<string, Counter> = {
  localStorage: {
    read: () => Number(localStorage.getItem('count')),
    write: (count) => localStorage.setItem('count', String(count)),
  },
  // Two transactions, to test that reads are up to date, and not only writes.
  ledger: {
    read: async () => (await record.update(() => undefined)) ?? 0,
    write: (count) => record.update(() => count),
  },
};

async function count({ read, write }: Counter, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++)
    await navigator.locks.request('turn', async () => write((await read()) + 1));
}

const signal = new BroadcastChannel('signal');
let begin: (() => void) | undefined;
signal.onmessage = () => begin?.();

window.counting = {
  countOnSignal(where, turns) {
    window.counting.counted = new Promise<void>((resolve) => {
      begin = () => resolve(count(COUNTERS[where]!, turns));
    });
  },
  start() {
    signal.postMessage('go');
    begin?.();
  },
  read: (where) => COUNTERS[where]!.read(),
};
