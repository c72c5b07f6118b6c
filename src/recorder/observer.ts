import type { SessionEvent } from '../events.js';
import type { SessionCore } from '../session.js';
import { readClaims } from '../tokens/claims.js';
import type { Facts } from './entry.js';
import { factsOf, pauseOf } from './failure.js';

/** ms by which two measures of the same clock may differ: tokens hold whole seconds, and the answer took its time. */
const TOLERANCE = 3_000;

/** Adds to each event of a session what is known at that moment. */
export class Observer {
  readonly #core: SessionCore;
  /** When this tab asked the backend, by the page's own clock; `undefined` if it has its answer. */
  #asked: number | undefined;

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
      default:
        this.#asked = undefined;
        return {
          type,
          ...('reason' in event && { reason: event.reason }),
          ...('elsewhere' in event && { elsewhere: event.elsewhere }),
          ...this.tokens(),
        } as Facts;
    }
  }

  /** The numbers of the tokens held. No part of a token, and nothing that is made from one. */
  tokens(): Omit<Facts, 'type'> {
    const { settings, backend, state } = this.#core;
    const { generation, receivedAt, expiresAt, endsAt } = state.credentials?.tokens ?? {};
    const isShared = settings.store.coordination ?? backend.coordination;
    return {
      ...(isShared && generation && { generation }),
      ...(receivedAt && { receivedAt }),
      ...(expiresAt && { expiresAt }),
      ...(endsAt && { endsAt }),
    };
  }

  /**
   * The `exp` of a JWT is by the server's clock; `expiresAt` is the same moment by this computer's. If the backend counts the lifetime
   * in another way, the two are not the same moment. Then `iat` does not agree, and nothing is said.
   */
  #clockOffset(): Omit<Facts, 'type'> {
    const { accessToken = '', expiresAt = 0, receivedAt = 0 } = this.#core.state.credentials?.tokens ?? {};
    const { exp, iat } = readClaims(accessToken) ?? {};
    const offset = Number(exp) * 1_000 - expiresAt;
    const agrees = Math.abs(Number(iat) * 1_000 - receivedAt - offset) < TOLERANCE;
    return agrees ? { clockOffset: Math.round(offset) } : {};
  }

  #took(): Omit<Facts, 'type'> {
    const asked = this.#asked;
    this.#asked = undefined;
    return asked === undefined ? {} : { took: Math.round(performance.now() - asked) };
  }

  #pause(): Omit<Facts, 'type'> {
    const { wait } = this.#core.refresher.breaker;
    return wait ? pauseOf(wait) : {};
  }
}
