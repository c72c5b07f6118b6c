import { hasPage } from '../tabs/page.js';

/** `pending`: the server has not been told. `told`: it has, or it was tried twice. */
export type SignedOut = 'pending' | 'told';

/**
 * Remembers over page loads that the user signed out. In localStorage, which is written before this returns and so survives a page
 * that is left at once. It holds no token. Where there is no localStorage nothing is remembered.
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
    } catch {} // the user forbids it
    return undefined;
  }
}
