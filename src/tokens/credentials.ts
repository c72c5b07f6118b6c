import type { Claims } from './claims.js';
import { timeSince, wallOffset } from './clock.js';
import type { TokenSet } from './token-set.js';

/** What a request carries: the access token, in headers or in the query. */
export interface Carried {
  headers?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  /** What a request by this method carries instead: a CSRF token if it may change something. Called for each request. */
  forMethod?(method: string): Carried;
}

export interface Margins {
  leeway: number;
  refreshAhead: number;
}

/**
 * A token set in use, with everything that a request needs worked out once, on arrival. A *fresh* token is sent; an *ageing* one is sent
 * and refreshed meanwhile; a *stale* one is refreshed first. Compare credentials by identity, never by their strings: two refreshes in one
 * second can return the same token.
 */
export class Credentials {
  #ageingAt: number;
  #staleAt: number;
  readonly #expiresAt: number;
  #refusedAt = 0;
  readonly #offset: number = wallOffset();
  /** What else the backend answered. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly tokens: TokenSet,
    readonly claims: Claims | null,
    readonly subject: string | undefined,
    /** Which sign-in it comes from. Refreshes keep it, so that no request changes its user. */
    readonly owner: number,
    readonly carried: Carried,
    margins: Margins,
  ) {
    const { accessToken, refreshToken, refreshUrl, generation, sessionId, endsAt, ...others } = tokens;
    const { expiresAt = Number.POSITIVE_INFINITY, receivedAt = Date.now(), ...details } = others;
    this.details = Object.freeze(details);
    // A clock that was set back since the tokens were stored must not make them live longer.
    const lifetime = Math.max(0, expiresAt - receivedAt);
    this.#expiresAt = Math.min(expiresAt, Date.now() + lifetime);
    // Margins shrink with the lifetime: a token of three seconds must not spend them being refreshed.
    const leeway = Math.min(margins.leeway, lifetime / 10);
    const ahead = Math.min(margins.refreshAhead, lifetime / 4);
    this.#staleAt = this.#expiresAt - leeway;
    this.#ageingAt = this.#expiresAt - Math.max(ahead, leeway);
  }

  /** ms until a refresh that nobody waits for is due; zero or less once it is. */
  get ageingIn(): number {
    return this.#ageingAt - timeSince(this.#offset);
  }

  /** ms until requests wait for a refresh. */
  get staleIn(): number {
    return this.#staleAt - timeSince(this.#offset);
  }

  /** When the server refused it, in ms since the epoch. 0: it has not. */
  get refusedAt(): number {
    return this.#refusedAt;
  }

  /** Neither refused nor expired. It may count as stale. */
  get usable(): boolean {
    return !this.#refusedAt && timeSince(this.#offset) < this.#expiresAt;
  }

  /** The server refused it, which outranks the clock. */
  distrust(): void {
    this.#refusedAt = Date.now();
    this.#ageingAt = this.#staleAt = 0;
  }

  /** No refresh was possible: use the access token until it expires before asking for the next. */
  useUntilExpiry(): void {
    this.#refusedAt = 0;
    this.#ageingAt = this.#staleAt = this.#expiresAt;
  }
}
