import { carriedBy } from './backends/backend.js';
import { readAnswer } from './backends/read-answer.js';
import type { Membership } from './coordination/coordination.js';
import { type SessionError, sessionChanged, signedOut, wordsOf } from './errors.js';
import { callOut, type SessionEvent, type SessionListener, type SignedOutReason } from './events.js';
import type { Settings } from './options.js';
import { currentPath } from './redirect/return-to.js';
import { Persistence } from './stores/persistence.js';
import { readClaims } from './tokens/claims.js';
import { Credentials } from './tokens/credentials.js';
import { noteReceipt } from './tokens/receipt.js';
import { isSameUser } from './tokens/same-user.js';
import { assertTokenSet, isSameTokenSet, type TokenSet } from './tokens/token-set.js';

/** What `SessionState` calls when something changes. */
export interface StateLinks {
  /** A function, because the membership is created after the state. */
  membership(): Membership | undefined;
  /** Called after the store has been read for the first time. */
  begin(): Promise<void> | undefined;
  /** Called before the listeners. Requests that cannot continue with the new credentials reject with `error`. */
  onReplaced(error: SessionError): void;
}

/** Who is signed in, with which tokens. Stores each change, publishes it to other members, and notifies listeners. */
export class SessionState {
  readonly persistence: Persistence;
  readonly #settings: Settings;
  readonly #links: StateLinks;
  readonly #listeners = new Set<{ listener: SessionListener; changed: (() => void) | undefined }>();
  #credentials: Credentials | null | undefined;
  #ready: Promise<void> = Promise.resolve();
  #disposed = false;
  #owners = 0;

  constructor(settings: Settings, links: StateLinks) {
    this.#settings = settings;
    this.#links = links;
    this.persistence = new Persistence(settings, (error) => this.storeFailed(error));
  }

  /** `null`: nobody is signed in. `undefined`: not known yet. */
  get credentials(): Credentials | null | undefined {
    return this.#credentials;
  }

  /** Resolves when the store has been read for the first time, and `begin` has settled. Never rejects. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Reads the store for the first time. */
  open(): void {
    this.#ready = this.readStore().then(() => this.#links.begin());
  }

  /** Reads the store, and takes over its tokens if they are new. */
  async readStore(): Promise<void> {
    const before = this.#credentials;
    if (this.persistence.busy) return;
    const read = this.persistence.read();
    // No `await` if the store is synchronous: the status is then never `restoring`.
    const tokens = read instanceof Promise ? await read : read;
    if (this.#disposed || this.#credentials !== before || this.persistence.busy) return;
    // The store could not be read: the current session stays.
    if (tokens === undefined && before) return;
    // The option `existing` may still return tokens. The first refresh calls it.
    if (!tokens && before === undefined && this.#settings.existing) return;
    const isKnown = !!tokens && !!before && isSameTokenSet(tokens, before.tokens);
    const membership = this.#links.membership();
    if (membership) await membership.storeRead(tokens, isKnown);
    else if (!isKnown) this.adopt(tokens ?? null);
  }

  /** `changed` is called when it turns out that nobody is signed in: there is no event for that. */
  subscribe(listener: SessionListener, changed?: () => void): () => void {
    const entry = { changed, listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: SessionEvent): void {
    for (const entry of [...this.#listeners]) if (this.#listeners.has(entry)) callOut(entry.listener, event);
  }

  /**
   * Starts a session with a login response, or with a token set.
   * @throws {SessionError} `invalid_token_response`; the current session stays.
   */
  async signIn(answer: unknown): Promise<void> {
    await this.begin(readAnswer(this.#settings.backend, answer));
  }

  /** Starts a session. Does nothing if it already has these tokens. @throws the same as `signIn`. */
  async begin(tokens: TokenSet): Promise<void> {
    if (this.#credentials && isSameTokenSet(this.#credentials.tokens, tokens)) return;
    const stamped = this.#links.membership()?.stamp(tokens) ?? tokens;
    const persisted = this.#persist(this.#accept(stamped, false).tokens);
    this.emit({ type: 'signed-in' });
    await persisted;
  }

  /** Continues with the tokens that this session's own refresh returned. */
  renew(tokens: TokenSet): void {
    const wasSignedIn = this.#credentials;
    const accepted = this.#accept(tokens, true).tokens;
    void this.persistence.write(accepted);
    if (!wasSignedIn) this.emit({ type: 'signed-in', elsewhere: true });
    this.emit({ type: 'refreshed', expiresAt: accepted.expiresAt });
  }

  /** Takes over tokens from elsewhere. `null`: signed out. `undefined`: signed in, but only the other member has the tokens. */
  adopt(tokens: TokenSet | null | undefined): void {
    if (tokens) this.#continueWith(tokens);
    else if (tokens === null) this.#end('signed_out_elsewhere', signedOut(), () => {});
    // A page keeps its own access token. If the token is in a cookie, requests already carry the cookie of the new user.
    else if (!this.#credentials || this.#settings.backend.giveAccessToken) {
      this.#credentials = undefined;
      void this.persistence.write(null);
    }
  }

  #continueWith(tokens: TokenSet): void {
    const owner = this.#credentials?.owner;
    try {
      const next = this.#accept(tokens, false);
      const { sessionId, expiresAt } = next.tokens;
      // Tokens without a `sessionId` come from the application itself, not from another member.
      const elsewhere = !!sessionId || undefined;
      this.emit(owner === next.owner ? { type: 'adopted', expiresAt } : { type: 'signed-in', elsewhere });
    } catch (error) {
      this.#credentials ??= null;
      this.storeFailed(error);
    }
  }

  /** Ends the session, here and in all members. */
  async signOut(): Promise<void> {
    await this.#end('signed_out', signedOut(), (ended) => this.#persist(null, ended?.tokens));
  }

  /** Ends the session because the backend refused to continue it. */
  reject(error: SessionError): void {
    void this.#end('refresh_rejected', error, () => this.persistence.write(null));
  }

  dispose(): void {
    this.#disposed = true;
    this.#listeners.clear();
    this.#replace(null, signedOut('The session was disposed'));
  }

  storeFailed(error: unknown): void {
    const words = wordsOf(error);
    console.warn('unexpired: the token store failed; tokens are kept in memory', words.name);
    this.emit({ type: 'store-failed', error: words });
  }

  /** @throws {SessionError} `invalid_token_response`; the current session stays. */
  #accept(received: TokenSet, minted: boolean): Credentials {
    assertTokenSet(received);
    const { backend, identify } = this.#settings;
    const { refreshUrl } = backend;
    const tokens = { ...noteReceipt(received, minted), ...(refreshUrl && { refreshUrl }) };
    const previous = this.#credentials;
    const claims = backend.claims?.(tokens) ?? readClaims(tokens.accessToken);
    const subject = callOut(identify, claims, tokens);
    const owner = previous && isSameUser(previous, subject, tokens, minted) ? previous.owner : ++this.#owners;
    const carried = carriedBy(backend.carry, tokens.accessToken);
    const credentials = new Credentials(tokens, claims, subject, owner, carried, this.#settings);
    this.#replace(credentials);
    return credentials;
  }

  #replace(next: Credentials | null, error = sessionChanged()): void {
    this.#credentials = next;
    this.#links.onReplaced(error);
  }

  /** Writes the store before listeners are called, because a listener may call `signIn` at once. Emits one event per session. */
  #end<T>(reason: SignedOutReason, error: SessionError, keep: (ended?: Credentials | null) => T): T {
    const ended = this.#credentials;
    this.#replace(null, error);
    const kept = keep(ended);
    if (!ended) for (const entry of this.#listeners) entry.changed?.();
    if (!ended) return kept;
    const event = { type: 'signed-out', reason, returnTo: currentPath() } as const;
    this.emit(event);
    callOut(this.#settings.onSignedOut, event);
    return kept;
  }

  async #persist(tokens: TokenSet | null, ended?: TokenSet): Promise<void> {
    await Promise.all([this.#links.membership()?.publish(tokens, ended), this.persistence.write(tokens)]);
  }
}
