import { hasPage } from '../tabs/page.js';

/** `pending`: the server has not been told yet. `told`: it has been told, or the next page has tried, too. */
export type SignedOut = 'pending' | 'told';

/**
 * Remembers across page loads that the user signed out. Written to localStorage, because that is synchronous: the note is kept
 * even if the page is closed at once. It contains no token. Without localStorage, nothing is remembered.
 */
export class SignOutNote {
  readonly #key: string;

  constructor(name: string) {
    this.#key = `unexpired:${name}:signed-out`;
  }

  read(): SignedOut | undefined {
    return (this.#attempt((storage) => storage.getItem(this.#key)) as SignedOut | null) ?? undefined;
  }

  write(state: SignedOut): void {
    this.#attempt((storage) => storage.setItem(this.#key, state));
  }

  clear(): void {
    this.#attempt((storage) => storage.removeItem(this.#key));
  }

  #attempt<T>(act: (storage: Storage) => T): T | undefined {
    try {
      return hasPage() ? act(globalThis.localStorage) : undefined;
    } catch {} // the user has blocked it
    return undefined;
  }
}
