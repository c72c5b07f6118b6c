import type { TokenSet } from '../tokens/token-set.js';

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
  tokens?: TokenSet | null;
  /** Which sign-in it comes from. */
  sessionId?: string | undefined;
  /** After a failure: when the next try is due. */
  pause?: Pause;
  /** Where there are no Web Locks: who may refresh now, and until when, in ms since the epoch. */
  lease?: { holder: string; until: number };
}

/**
 * The one place that all tabs see alike. IndexedDB, because localStorage is not coherent between tabs, not even for the
 * holder of a Web Lock (law 7).
 */
export class Ledger {
  readonly #name: string;
  #database: Promise<IDBDatabase> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** `undefined` where nothing has been written yet, or where there is no IndexedDB. */
  read(): Promise<LedgerEntry | undefined> {
    return this.#run('readonly', (store) => store.get(this.#name));
  }

  /**
   * Reads and writes in one transaction. `change` returns the new entry, or `undefined` to leave the old one.
   * @returns the entry that stands afterwards.
   */
  async update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    let result: LedgerEntry | undefined;
    await this.#run('readwrite', (store) => {
      const reading = store.get(this.#name);
      reading.onsuccess = () => {
        const entry = reading.result as LedgerEntry | undefined;
        const next = change(entry);
        if (next) store.put(next, this.#name);
        result = next ?? entry;
      };
      return reading;
    });
    return result;
  }

  close(): void {
    void this.#database?.then((database) => database.close()).catch(() => {});
    this.#database = undefined;
  }

  /**
   * Without IndexedDB, or where it fails, there is nothing to read: the tabs then agree by the store alone. Bounded, as some
   * browsers have left a transaction without an end, and no request may wait for that (law 3).
   */
  #run(mode: IDBTransactionMode, act: Act): Promise<LedgerEntry | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ANSWER_TIME);
      // It may have been deleted under our hands: once more, from the start.
      const again = () => {
        this.close();
        return this.#transact(mode, act);
      };
      this.#transact(mode, act)
        .catch(again)
        .then(resolve, () => resolve(undefined))
        .finally(() => clearTimeout(timer));
    });
  }

  async #transact(mode: IDBTransactionMode, act: Act): Promise<LedgerEntry | undefined> {
    this.#database ??= open();
    const transaction = (await this.#database).transaction(STORE, mode);
    const request = act(transaction.objectStore(STORE));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    return request.result;
  }
}

type Act = (store: IDBObjectStore) => IDBRequest;

/** ms. */
const ANSWER_TIME = 3_000;
const STORE = 'ledger';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('unexpired', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      // A connection that stays open would keep the user from clearing the site's data.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
  });
}
