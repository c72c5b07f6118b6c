import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IndexedRecord } from '../../src/tabs/indexed-record.js';
import { fakeClock } from '../support/clock.js';

beforeEach(() => void vi.stubGlobal('indexedDB', new IDBFactory()));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const read = <Value>(record: IndexedRecord<Value>) => record.update(() => undefined);

describe('a record', () => {
  it('is empty at first', async () => {
    const change = vi.fn(() => undefined);
    expect(await new IndexedRecord('app').update(change)).toBeUndefined();
    expect(change.mock.calls).toEqual([[undefined]]);
  });

  it('has the new value in every tab after a change', async () => {
    expect(await new IndexedRecord<number>('app').update(() => 7)).toBe(7);
    expect(await read(new IndexedRecord('app'))).toBe(7);
  });

  it('stays the same if the change returns nothing', async () => {
    const record = new IndexedRecord<number>('app');
    await record.update(() => 7);
    expect(await read(record)).toBe(7);
    expect(await read(record)).toBe(7);
  });

  it('passes its value to each change', async () => {
    const record = new IndexedRecord<number>('app');
    await Promise.all([1, 2, 3].map((more) => record.update((old = 0) => old + more)));
    expect(await read(record)).toBe(6);
  });

  it('is independent of records with other names', async () => {
    await new IndexedRecord<number>('app').update(() => 7);
    expect(await read(new IndexedRecord('another'))).toBeUndefined();
  });

  it('is treated as empty if its value is invalid, but not overwritten', async () => {
    await new IndexedRecord<unknown>('app').update(() => 'of a script');
    const change = vi.fn(() => undefined);
    const record = new IndexedRecord<number>('app', (stored) => typeof stored === 'number');
    expect(await record.update(change)).toBeUndefined();
    expect(change.mock.calls).toEqual([[undefined]]);
    expect(await read(new IndexedRecord('app'))).toBe('of a script');
  });

  it('is stored where other versions of this package look for it', async () => {
    await new IndexedRecord<number>('app').update(() => 7);
    const [{ name, version }] = (await indexedDB.databases()) as [IDBDatabaseInfo];
    expect([name, version]).toEqual(['unexpired', 1]);
    const request = indexedDB.open('unexpired');
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    expect([...request.result.objectStoreNames]).toEqual(['ledger']);
  });

  it('keeps no connection open, so that the user can clear the site’s data', async () => {
    await new IndexedRecord<number>('app').update(() => 7);
    const request = indexedDB.deleteDatabase('unexpired');
    const blocked = vi.fn();
    request.onblocked = blocked;
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    expect(blocked).not.toHaveBeenCalled();
  });
});

describe('a record is not available', () => {
  it('without IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    expect(await new IndexedRecord<number>('app').update(() => 7)).toBeUndefined();
  });

  it('if a newer version of this package has upgraded the database', async () => {
    fakeClock({ timers: true }); // Only the failure can end the wait, not the time limit.
    const request = indexedDB.open('unexpired', 2);
    await new Promise((resolve) => {
      request.onsuccess = resolve;
    });
    request.result.close();
    expect(await new IndexedRecord<number>('app').update(() => 7)).toBeUndefined();
  });

  it('if its transaction is aborted', async () => {
    fakeClock({ timers: true }); // Only the failure can end the wait, not the time limit.
    const record = new IndexedRecord<number>('app');
    await record.update(() => 7);
    const put = vi.spyOn(Object.getPrototypeOf(await storeOf()), 'put').mockImplementation(function (
      this: IDBObjectStore,
    ) {
      this.transaction.abort();
    } as never);
    expect(await record.update(() => 8)).toBeUndefined();
    put.mockRestore();
    expect(await read(record)).toBe(7);
  });

  it('if the browser does not respond within three seconds', async () => {
    const clock = fakeClock({ timers: true });
    vi.stubGlobal('indexedDB', { open: () => ({}) });
    const settled = vi.fn();
    void new IndexedRecord<number>('app').update(() => 7).then(settled);
    await clock.tick(2_999);
    expect(settled).not.toHaveBeenCalled();
    await clock.tick(1);
    expect(settled).toHaveBeenCalledExactlyOnceWith(undefined);
  });
});

async function storeOf(): Promise<IDBObjectStore> {
  const request = indexedDB.open('unexpired', 1);
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  return request.result.transaction('ledger').objectStore('ledger');
}
