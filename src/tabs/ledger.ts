import type { TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';

/** A pause after a failure, or several in a row. Times in ms since the epoch. */
export interface Pause {
  failures: number;
  since: number;
  until: number;
  /** The server has asked for it. If not, it ends when the network comes back. */
  asked: boolean;
}

/** What the tabs of a browser agree on. */
export interface LedgerEntry {
  /** Counts what happened: every sign-in, refresh and sign-out has a higher one than all before. */
  generation: number;
  /** The tokens of this generation; `null` after a sign-out, absent where no token may reach the disk. */
  tokens?: TokenSet | null | undefined;
  /** Which sign-in it comes from. */
  sessionId?: string | undefined;
  /** Not the user has ended it, but the backend: it may have changed its mind since, where it finds the refresh token in a cookie. */
  refused?: boolean;
  /** After a failure: when the next try is due. */
  pause?: Pause;
}

/**
 * The one place that all tabs see alike. IndexedDB, because localStorage is not coherent between tabs, not even for the
 * holder of a Web Lock (law 7).
 */
export class Ledger<Entry = LedgerEntry> {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** `undefined` where nothing has been written yet, or where there is no IndexedDB. */
  read(): Promise<Entry | undefined> {
    return this.update(() => undefined);
  }

  /**
   * Reads and writes in one transaction. `change` returns the new entry, or `undefined` to leave the old one.
   *
   * Without IndexedDB, or where it fails, there is nothing to read: the tabs then agree by the store alone. Bounded, as some
   * browsers have left a transaction without an end, and no request may wait for that (law 3).
   * @returns the entry that stands afterwards.
   */
  update(change: Change<Entry>): Promise<Entry | undefined> {
    return bounded(this.#transact(change), undefined, ANSWER_TIME).catch(() => undefined);
  }

  /** With a connection of its own: one that stayed open would keep the user from clearing the site's data. */
  async #transact(change: Change<Entry>): Promise<Entry | undefined> {
    const database = await open();
    const transaction = database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    const reading: IDBRequest<Entry | undefined> = store.get(this.#name);
    let entry: Entry | undefined;
    reading.onsuccess = () => {
      entry = change(reading.result);
      if (entry) store.put(entry, this.#name);
      else entry = reading.result;
    };
    // Once the transaction is over.
    database.close();
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    return entry;
  }
}

type Change<Entry> = (entry: Entry | undefined) => Entry | undefined;

/** ms. */
const ANSWER_TIME = 3_000;
const STORE = 'ledger';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('unexpired', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
  });
}
