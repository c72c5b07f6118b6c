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
    try {
      const tokens = this.store.read();
      return isPromise(tokens) ? Promise.resolve(tokens).catch((error) => this.#fail(error)) : tokens;
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** Written before this returns where the store is synchronous, so that a page that is left loses nothing. */
  write(tokens: TokenSet | null): Promise<void> {
    const turn = this.#writing ? this.#writing.then(() => this.#put(tokens)) : this.#put(tokens);
    if (!turn) return Promise.resolve();
    const mine = turn.then(() => {
      if (this.#writing === mine) this.#writing = undefined;
    });
    this.#writing = mine;
    return mine;
  }

  #put(tokens: TokenSet | null): void | Promise<void> {
    try {
      const written = this.store.write(tokens);
      if (isPromise(written)) return Promise.resolve(written).catch((error) => void this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): null {
    this.failed(error);
    return null;
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function';
}
