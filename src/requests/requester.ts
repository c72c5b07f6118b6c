import { type SessionError, sessionChanged, signedOut } from '../errors.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';

/**
 * The user for whom a request is made: the user who is signed in at the call, or else the first user whose token the
 * request carries. It stays this user's request, however often it is sent again.
 */
export class Requester {
  #user: Credentials | null | undefined;

  constructor(readonly core: SessionCore) {
    this.#user = core.state.credentials;
  }

  /** Returns why the request must not be sent with these credentials; `undefined` if it may be sent. */
  claim(held: Credentials | null): SessionError | undefined {
    const user = this.#user;
    this.#user ||= held;
    if (!user) return undefined;
    if (!held) return signedOut();
    // The same user may have signed out and in again.
    const isSame = user.owner === held.owner || (user.subject !== undefined && user.subject === held.subject);
    return isSame ? undefined : sessionChanged();
  }
}
