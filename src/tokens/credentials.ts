import type { Claims } from './claims.js';
import { timeSince, wallOffset } from './clock.js';
import { extrasOf, type TokenSet } from './token-set.js';

/** How a request carries the access token: in headers or in the query. */
export interface Carried {
  headers?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  /**
   * What a request with this method carries instead: a CSRF token, if the method may change something. Called for
   * each request.
   */
  forMethod?(method: string): Carried;
}

export interface Margins {
  leeway: number;
  refreshAhead: number;
}

/**
 * A token set in use. Everything that a request needs is calculated once, when the tokens arrive. A *fresh* token is
 * sent; an *ageing* token is sent and refreshed in the background; a *stale* token is refreshed first. Compare
 * credentials by identity, never by their strings: two refreshes in one second can return the same token.
 */
export class Credentials {
  #ageingAt: number;
  #staleAt: number;
  readonly #expiresAt: number;
  #refusedAt = 0;
  readonly #offset: number = wallOffset();
  /** The other fields of the backend's response. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly tokens: TokenSet,
    readonly claims: Claims | null,
    readonly subject: string | undefined,
    /** The sign-in that the tokens come from. Refreshes keep it, so that a request never changes its user. */
    readonly owner: number,
    readonly carried: Carried,
    margins: Margins,
  ) {
    this.details = Object.freeze(extrasOf(tokens));
    const { expiresAt = Number.POSITIVE_INFINITY, receivedAt = Date.now() } = tokens;
    // The clock may be set back after the tokens were stored. That must not extend their life.
    const lifetime = Math.max(0, expiresAt - receivedAt);
    this.#expiresAt = Math.min(expiresAt, Date.now() + lifetime);
    // Margins shrink with the lifetime: a token of three seconds must not be refreshed all the time.
    const leeway = Math.min(margins.leeway, lifetime / 10);
    const ahead = Math.min(margins.refreshAhead, lifetime / 4);
    this.#staleAt = this.#expiresAt - leeway;
    this.#ageingAt = this.#expiresAt - Math.max(ahead, leeway);
  }

  /** ms until a background refresh is due; zero or less once it is due. */
  get ageingIn(): number {
    return this.#ageingAt - timeSince(this.#offset);
  }

  /** ms until requests have to wait for a refresh. */
  get staleIn(): number {
    return this.#staleAt - timeSince(this.#offset);
  }

  /** When the last refused request was sent, in ms since the epoch; 0 if none was refused. */
  get refusedAt(): number {
    return this.#refusedAt;
  }

  /** Neither refused nor expired. It may be stale. */
  get usable(): boolean {
    return !this.#refusedAt && timeSince(this.#offset) < this.#expiresAt;
  }

  /**
   * Marks the token as refused by the server: it counts as stale from now on. `sentAt`: when the request was sent, in ms since
   * the epoch.
   */
  distrust(sentAt: number): void {
    this.#refusedAt = Math.max(this.#refusedAt, sentAt);
    this.#ageingAt = this.#staleAt = 0;
  }

  /** No refresh was possible: use the access token until it expires, and refresh only then. */
  useUntilExpiry(): void {
    this.#refusedAt = 0;
    this.#ageingAt = this.#staleAt = this.#expiresAt;
  }
}
