import type { Claims } from './claims.js';
import { timeSince, wallOffset } from './clock.js';
import type { TokenSet } from './token-set.js';

/** How an access token is laid onto a request. */
export interface Carried {
  headers?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  /** Further headers of requests that may change something, i.e. not GET, HEAD, OPTIONS or TRACE: a CSRF token. Computed for each request. */
  unsafe?(): Readonly<Record<string, string>>;
}

export interface Margins {
  leeway: number;
  refreshAhead: number;
}

/**
 * A token set in use, with all that a request needs to know of it worked out once, when it arrived: *fresh*, it is sent;
 * *ageing*, it is sent and refreshed meanwhile; *stale*, it is refreshed first.
 * Its identity stands for its generation: two token sets may hold the same strings (FACTS: two refreshes in a second).
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
    /** Which signing-in it comes from; kept over refreshes, so that no request changes its user (law 6). */
    readonly owner: number,
    readonly carried: Carried,
    margins: Margins,
  ) {
    const { accessToken, refreshToken, generation, sessionId, endsAt, ...others } = tokens;
    const { expiresAt = Number.POSITIVE_INFINITY, receivedAt = Date.now(), ...details } = others;
    this.details = Object.freeze(details);
    // A clock set back since the tokens were stored must not lengthen their life.
    const lifetime = Math.max(0, expiresAt - receivedAt);
    this.#expiresAt = Math.min(expiresAt, Date.now() + lifetime);
    // Margins shrink with the lifetime: a token of three seconds must not spend them being refreshed.
    const leeway = Math.min(margins.leeway, lifetime / 10);
    const ahead = Math.min(margins.refreshAhead, lifetime / 4);
    this.#staleAt = this.#expiresAt - leeway;
    this.#ageingAt = this.#expiresAt - Math.max(ahead, leeway);
  }

  /** ms until a refresh that nobody waits for is due; not positive when it is overdue. */
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

  /** Neither refused nor expired, though it may count as stale. */
  get usable(): boolean {
    return !this.#refusedAt && timeSince(this.#offset) < this.#expiresAt;
  }

  /** The server refused it: that outranks the clock (law 8). */
  distrust(): void {
    this.#refusedAt = Date.now();
    this.#ageingAt = this.#staleAt = Number.NEGATIVE_INFINITY;
  }

  /** No refresh could be had: the access token is used to its end before the next is asked for (law 5). */
  useUntilExpiry(): void {
    this.#refusedAt = 0;
    this.#ageingAt = this.#staleAt = this.#expiresAt;
  }
}
