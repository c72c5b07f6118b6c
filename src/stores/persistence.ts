import type { TokenSet } from '../tokens/token-set.js';
import type { TokenStore } from './store.js';

/** The session's line to the application's store: writes in order, and a store that throws costs no session. */
export class Persistence {
  #writing: Promise<void> | undefined;

  constructor(
    readonly store: TokenStore,
    readonly failed: (error: unknown) => void,
  ) {}

  /** Whether a write of the session's own is under way. */
  get busy(): boolean {
    return this.#writing !== undefined;
  }

  /** Synchronous where the store is; `null` where it throws. */
  read(): TokenSet | null | Promise<TokenSet | null> {
    return this.#attempt(() => this.store.read());
  }

  /** Written before this returns where the store is synchronous, so that a page that is left loses nothing. */
  write(tokens: TokenSet | null): Promise<void> {
    const put = () => this.#attempt(() => this.store.write(tokens));
    const written = this.#writing ? this.#writing.then(put) : put();
    if (!isPromise(written)) return Promise.resolve();
    const mine = written.then(() => {
      if (this.#writing === mine) this.#writing = undefined;
    });
    this.#writing = mine;
    return mine;
  }

  #attempt<T>(act: () => T | Promise<T>): T | null | Promise<T | null> {
    const fail = (error: unknown) => {
      this.failed(error);
      return null;
    };
    try {
      const result = act();
      return isPromise(result) ? Promise.resolve(result).catch(fail) : result;
    } catch (error) {
      return fail(error);
    }
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function';
}
