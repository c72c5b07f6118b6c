import type { Claims } from './claims.js';
import { timeSince, wallOffset } from './clock.js';
import type { TokenSet } from './token-set.js';

/** How an access token is laid onto a request. */
export interface Carried {
  headers?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
}

/** *fresh*: send; *ageing*: send, and refresh meanwhile; *stale*: refresh first. */
export type Freshness = 'fresh' | 'ageing' | 'stale';

export interface Margins {
  leeway: number;
  refreshAhead: number;
}

/**
 * A token set in use, with all that a request needs to know of it worked out once, when it arrived.
 * Its identity stands for its generation: two token sets may hold the same strings (FACTS: two refreshes in a second).
 */
export class Credentials {
  /** From here on a refresh that nobody waits for is due. ms, as are the next two. */
  #ageingAt: number;
  /** From here on requests wait for a refresh. */
  #staleAt: number;
  readonly #expiresAt: number;
  #refused = false;
  readonly #offset: number = wallOffset();

  constructor(
    readonly tokens: TokenSet,
    readonly claims: Claims | null,
    readonly subject: string | undefined,
    /** Which signing-in it comes from; kept over refreshes, so that no request changes its user (law 6). */
    readonly owner: number,
    readonly carried: Carried,
    margins: Margins,
  ) {
    const { expiresAt = Number.POSITIVE_INFINITY, receivedAt = Date.now() } = tokens;
    // A clock set back since the tokens were stored must not lengthen their life.
    const lifetime = Math.max(0, expiresAt - receivedAt);
    this.#expiresAt = Math.min(expiresAt, Date.now() + lifetime);
    // Margins shrink with the lifetime: a token of three seconds must not spend them being refreshed.
    this.#staleAt = this.#expiresAt - Math.min(margins.leeway, lifetime / 10);
    this.#ageingAt =
      this.#expiresAt -
      Math.max(Math.min(margins.refreshAhead, lifetime / 4), Math.min(margins.leeway, lifetime / 10));
  }

  get freshness(): Freshness {
    const now = timeSince(this.#offset);
    return now < this.#ageingAt ? 'fresh' : now < this.#staleAt ? 'ageing' : 'stale';
  }

  /** ms until a refresh is due; negative when it is overdue. */
  get ageingIn(): number {
    return this.#ageingAt - timeSince(this.#offset);
  }

  /** Neither refused nor expired, though it may count as stale. */
  get usable(): boolean {
    return !this.#refused && timeSince(this.#offset) < this.#expiresAt;
  }

  /** The server refused it: that outranks the clock (law 8). */
  distrust(): void {
    this.#refused = true;
    this.#ageingAt = this.#staleAt = Number.NEGATIVE_INFINITY;
  }

  /** No refresh could be had: the access token is used to its end before the next is asked for (law 5). */
  useUp(): void {
    this.#refused = false;
    this.#ageingAt = this.#staleAt = this.#expiresAt;
  }
}
