import type { SessionEvent } from '../events.js';
import type { SessionCore } from '../session.js';
import { readClaims } from '../tokens/claims.js';
import type { TokenSet } from '../tokens/token-set.js';
import type { Facts } from './entry.js';
import { factsOf, pauseOf } from './failure.js';

/** ms by which two readings of the same clock may differ: tokens contain whole seconds, and the response takes time. */
const TOLERANCE = 3_000;

/** Adds to each event of a session what is known at that moment. `readEntry` removes what is `undefined` or `NaN`. */
export class Observer {
  readonly #core: SessionCore;
  /** When this tab sent its refresh request, by `performance.now()`; `NaN` if no request is in progress. */
  #asked: number = Number.NaN;

  constructor(core: SessionCore) {
    this.#core = core;
  }

  factsOf(event: SessionEvent): Facts {
    const { type } = event;
    switch (type) {
      case 'refreshing':
        this.#asked = performance.now();
        return { type, ...this.tokens(), waited: Math.round(event.waited) };
      case 'refreshed':
        return { type, ...this.tokens(), ...this.#clockOffset(), ...this.#took() };
      case 'refresh-failed':
        return { type, ...this.#pause(), ...factsOf(event.error), ...this.#took() };
      case 'revoke-failed':
        return { type, ...factsOf(event.error) };
      case 'store-failed':
        return { type, name: event.error.name };
      default: {
        const { reason, elsewhere } = event as Partial<Facts>;
        this.#asked = Number.NaN;
        return { type, reason, elsewhere, ...this.tokens() } as Facts;
      }
    }
  }

  /** The number and the times of the current tokens. Contains no part of a token, and nothing derived from one. */
  tokens(): Omit<Facts, 'type'> {
    const { generation, receivedAt, expiresAt, endsAt } = this.#held;
    return { generation, receivedAt, expiresAt, endsAt } as Omit<Facts, 'type'>;
  }

  /**
   * How far the server's clock is ahead. The `exp` of a JWT is on the server's clock; `expiresAt` is the same moment on
   * this computer's clock. If the backend defines the lifetime in another way, the two are different moments. Then `iat`
   * does not agree, and the result is empty.
   */
  #clockOffset(): Omit<Facts, 'type'> {
    const { accessToken, expiresAt, receivedAt } = this.#held;
    const { exp, iat } = readClaims(accessToken) ?? {};
    const offset = Number(exp) * 1_000 - expiresAt;
    const agrees = Math.abs(Number(iat) * 1_000 - receivedAt - offset) < TOLERANCE;
    return agrees ? { clockOffset: Math.round(offset) } : {};
  }

  #took(): Omit<Facts, 'type'> {
    const took = Math.round(performance.now() - this.#asked);
    this.#asked = Number.NaN;
    return { took };
  }

  /** Empty if nobody is signed in: another listener may have signed out before this one was told of a refresh. */
  get #held(): Required<TokenSet> {
    return (this.#core.state.credentials?.tokens ?? {}) as Required<TokenSet>;
  }

  #pause(): Omit<Facts, 'type'> {
    const { wait } = this.#core.refresher.breaker;
    return wait ? pauseOf(wait) : {};
  }
}
