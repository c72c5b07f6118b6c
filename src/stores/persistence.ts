import type { TokenSet } from '../tokens/token-set.js';
import { bounded } from '../wait.js';
import type { TokenStore } from './store.js';

/** What a store holds. `undefined`: it threw, or did not answer. */
type Held = TokenSet | null | undefined;

/** The settings that `Persistence` needs. */
interface StoreSettings {
  readonly store: TokenStore;
  /** ms that the store may take to answer. */
  readonly refreshTimeout: number;
  /** Stored tokens of another backend are ignored. */
  readonly backend: { readonly refreshUrl?: string };
}

/** Reads and writes the application's store. Writes happen in order. If the store fails, the session does not end. */
export class Persistence {
  #writing: Promise<unknown> | undefined;
  /** The sign-in whose tokens the store was last known to hold. */
  #known: string | undefined;

  constructor(
    readonly settings: StoreSettings,
    readonly failed: (error: unknown) => void,
  ) {}

  /** Whether this session is writing to the store. */
  get busy(): boolean {
    return this.#writing !== undefined;
  }

  /** Whether the store has held tokens of the same sign-in. A slow store may not have them yet. */
  hasHeld({ sessionId }: TokenSet): boolean {
    return this.#known === sessionId;
  }

  /** Notes that the store holds tokens of this sign-in, or held them until it was emptied. */
  noteHeld({ sessionId }: TokenSet): void {
    this.#known = sessionId;
  }

  /** Reads the store, synchronously if the store is synchronous. */
  read(): Held | Promise<Held> {
    return this.#attempt(
      () => this.settings.store.read(),
      (tokens) => (tokens && this.#isForeign(tokens) ? null : tokens),
    );
  }

  /** Writes to the store. A synchronous store is written before this returns, so that nothing is lost if the page is closed. */
  async write(tokens: TokenSet | null): Promise<void> {
    const put = () =>
      this.#attempt(
        () => this.settings.store.write(tokens),
        () => tokens,
      );
    const written = this.#writing ? this.#writing.then(put) : put();
    if (!isPromise(written)) return;
    this.#writing = written;
    await written;
    if (this.#writing === written) this.#writing = undefined;
  }

  #isForeign({ refreshUrl }: TokenSet): boolean {
    const own = this.settings.backend.refreshUrl;
    const isForeign = !!refreshUrl && !!own && refreshUrl !== own;
    if (isForeign)
      console.warn(
        'unexpired: stored tokens of another backend are ignored. Give each application its own `key`',
      );
    return isForeign;
  }

  #attempt<T>(act: () => T | Promise<T>, heldAfter: (result: T) => Held): Held | Promise<Held> {
    const done = (result: T) => {
      const tokens = heldAfter(result) ?? null;
      if (tokens) this.noteHeld(tokens);
      return tokens;
    };
    const fail = (error: unknown) => void this.failed(error);
    try {
      const result = act();
      if (!isPromise(result)) return done(result);
      return bounded(Promise.resolve(result), undefined, this.settings.refreshTimeout).then(done).catch(fail);
    } catch (error) {
      return fail(error);
    }
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function';
}
