import { IndexedRecord } from '../../../src/tabs/indexed-record.js';

/** A number that tabs count up together. */
interface Counter {
  read(): number | Promise<number>;
  write(count: number): unknown;
}

export interface CountingPage {
  /** Counts on as soon as `start` is called in some tab; `turns` times, each time as the only tab. */
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
  // In two transactions, so that it is the reading that is shown to be right, and not only the writing.
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
