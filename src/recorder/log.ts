import { isObject } from '../kind-of.js';
import { type Entry, FORMER_TAB, readEntry, THIS_TAB } from './entry.js';

/** The data that survives a reload. */
interface Saved {
  /** The random number of this tab. */
  me: number;
  /** The random numbers of the other tabs, in the order of their first message. */
  others: number[];
  dropped: number;
  entries: readonly Entry[];
}

/** The last events, the oldest first. */
export class Log {
  /** How many older events were left out. */
  dropped = 0;
  /** A random number that identifies this tab to the others. */
  me: number = Math.floor(Math.random() * 1e12);
  readonly #limit: number;
  readonly #codes: readonly string[];
  /** The key in sessionStorage; `undefined`: the log is not stored. */
  readonly #key: string | undefined;
  #entries: Entry[] = [];
  #others: number[] = [];

  constructor(limit: number, codes: readonly string[], key: string | undefined) {
    this.#limit = limit;
    this.#codes = codes;
    this.#key = key;
    this.#restore();
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  add(given: object): Entry | undefined {
    const entry = readEntry({ at: Date.now(), tab: THIS_TAB, ...given }, this.#codes);
    if (!entry) return undefined;
    this.#entries.push(entry);
    this.#trim();
    this.#save();
    return entry;
  }

  /** The number under which a tab appears in this log. */
  numberOf(tab: number): number {
    if (!this.#others.includes(tab)) this.#others.push(tab);
    return this.#others.indexOf(tab) + THIS_TAB + 1;
  }

  #trim(): void {
    const surplus = Math.max(0, this.#entries.length - this.#limit);
    this.#entries.splice(0, surplus);
    this.dropped += surplus;
  }

  #save(): void {
    const saved: Saved = {
      me: this.me,
      others: this.#others,
      dropped: this.dropped,
      entries: this.#entries,
    };
    this.#attempt((storage, key) => storage.setItem(key, JSON.stringify(saved)));
  }

  #restore(): void {
    const saved = this.#attempt((storage, key) => JSON.parse(storage.getItem(key) ?? 'null') as unknown);
    if (!isObject(saved) || !Array.isArray(saved.entries)) return;
    const entries = saved.entries.flatMap((entry) => readEntry(entry, this.#codes) ?? []);
    // If the last event is `left`, this tab wrote the log. Otherwise the page that wrote it has crashed, or is still open
    // and this tab is its duplicate.
    const isOwn = entries.filter(({ tab }) => tab === THIS_TAB).at(-1)?.type === 'left';
    const former = (entry: Entry) => (entry.tab === THIS_TAB ? { ...entry, tab: FORMER_TAB } : entry);
    this.#entries = isOwn ? entries : entries.map(former);
    if (isOwn && isId(saved.me)) this.me = saved.me;
    if (Array.isArray(saved.others)) this.#others = saved.others;
    if (isId(saved.dropped)) this.dropped = saved.dropped;
  }

  /** Without storage, or if it is full, nothing survives a reload. */
  #attempt<T>(act: (storage: Storage, key: string) => T): T | undefined {
    try {
      return this.#key === undefined ? undefined : act(globalThis.sessionStorage, this.#key);
    } catch {
      return undefined;
    }
  }
}

/** A random number, or a count. */
export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
