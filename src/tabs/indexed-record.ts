import { bounded } from '../wait.js';

/** ms that a transaction may take. */
const ANSWER_TIME = 3_000;
/** The database's only object store. */
const STORE = 'ledger';

type Change<Value> = (value: Value | undefined) => Value | undefined;

/**
 * One record that all tabs share. It is in IndexedDB, because localStorage is not consistent between tabs, even while a tab holds
 * a Web Lock.
 */
export class IndexedRecord<Value> {
  readonly #name: string;
  readonly #isValue: (stored: unknown) => boolean;

  /**
   * `isValue`: checks the stored value, because any script of the origin can write to the database. An invalid value counts as
   * none.
   */
  constructor(name: string, isValue: (stored: unknown) => boolean = () => true) {
    this.#name = name;
    this.#isValue = isValue;
  }

  /**
   * Reads and writes in one transaction. `change` returns the new value, or `undefined` to keep the old one. Resolves with the
   * value that is stored afterwards; `undefined` if there is none, or if IndexedDB fails. The time is limited, because in some
   * browsers a transaction may never end.
   */
  update(change: Change<Value>): Promise<Value | undefined> {
    return bounded(this.#transact(change), undefined, ANSWER_TIME).catch(() => undefined);
  }

  /** Opens a connection for each transaction: an open connection would keep the user from clearing the site's data. */
  async #transact(change: Change<Value>): Promise<Value | undefined> {
    const database = await open();
    const transaction = database.transaction(STORE, 'readwrite');
    const store = transaction.objectStore(STORE);
    const reading: IDBRequest<Value | undefined> = store.get(this.#name);
    let value: Value | undefined;
    reading.onsuccess = () => {
      const old = this.#isValue(reading.result) ? reading.result : undefined;
      value = change(old);
      if (value) store.put(value, this.#name);
      else value = old;
    };
    // The connection stays open until the transaction has ended.
    database.close();
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    return value;
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('unexpired', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
  });
}
