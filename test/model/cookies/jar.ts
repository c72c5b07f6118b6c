/** `null` removes a cookie. */
export type CookieChanges = Readonly<Record<string, string | null>>;

/** The cookies that scripts can read; all others are HttpOnly. */
const READABLE = ['csrf', 'user'];

/**
 * The browser's cookies. The pages of all tabs share them, and responses change them even if no page waits for them.
 */
export class CookieJar {
  readonly #cookies = new Map<string, string>();
  /** The cookies of a request that is sent now. */
  take(): ReadonlyMap<string, string> {
    return new Map(this.#cookies);
  }

  change(changes: CookieChanges): void {
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
  }

  clear(): void {
    this.#cookies.clear();
  }

  /** `document.cookie` */
  get readable(): string {
    const pairs = [...this.#cookies].filter(([name]) => READABLE.includes(name));
    return pairs.map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
