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

/** What hears of every change. */
export interface StateLinks {
  /** Looked up late: the membership joins after the state is made. */
  membership(): Membership | undefined;
  /** Called when the store was read for the first time. */
  begin(): Promise<void> | undefined;
  /** Called before any listener; `error` is for requests that cannot go on with the new credentials. */
  onReplaced(error: SessionError): void;
}

/** Who is signed in, with which tokens. Each change is stored, published to other members, and told to listeners. */
export class SessionState {
  readonly persistence: Persistence;
  readonly #settings: Settings;
  readonly #links: StateLinks;
  readonly #listeners = new Set<{ listener: SessionListener }>();
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

  /** Resolves when the store was read. Never rejects. */
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

  /** Reads the store again, after somebody else wrote to it. */
  async readStore(): Promise<void> {
    const { persistence } = this;
    const before = this.#credentials;
    if (persistence.busy) return;
    const read = persistence.read();
    // Without a promise between if the store needs none: then the session is never seen `restoring`.
    const tokens = read instanceof Promise ? await read : read;
    if (this.#disposed || this.#credentials !== before || persistence.busy) return;
    // A store that could not be read says nothing about a session under way.
    if (tokens === undefined && before) return;
    // There may be tokens from before this SDK: that is found out in turn.
    if (!tokens && before === undefined && this.#settings.existing) return;
    const isKnown = !!tokens && !!before && isSameTokenSet(tokens, before.tokens);
    const membership = this.#links.membership();
    if (membership) await membership.storeRead(tokens, isKnown);
    else if (!isKnown) this.adopt(tokens ?? null);
  }

  subscribe(listener: SessionListener): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(event: SessionEvent): void {
    for (const { listener } of [...this.#listeners]) callOut(listener, event);
  }

  /**
   * Begins a session with a login answer, or with a token set.
   * @throws {SessionError} `invalid_token_response`; nothing has changed then.
   */
  async signIn(answer: unknown): Promise<void> {
    await this.begin(readAnswer(this.#settings.backend, answer));
  }

  /** Begins a session. Nothing happens if these are the tokens held. @throws as `signIn` does. */
  async begin(tokens: TokenSet): Promise<void> {
    const held = this.#credentials;
    if (held && isSameTokenSet(held.tokens, tokens)) return;
    const stamped = this.#links.membership()?.stamp(tokens) ?? { ...tokens };
    const persisted = this.#persist(this.#accept(stamped, false).tokens);
    this.emit({ type: 'signed-in' });
    await persisted;
  }

  /** Continues with the tokens of a refresh by this session. */
  renew(tokens: TokenSet): void {
    const wasSignedIn = this.#credentials;
    const accepted = this.#accept(tokens, true).tokens;
    void this.persistence.write(accepted);
    if (!wasSignedIn) this.emit({ type: 'signed-in', elsewhere: true });
    this.emit({ type: 'refreshed', expiresAt: accepted.expiresAt });
  }

  /** Continues with what another member, or the application, stored. `null`: signed out. `undefined`: only it knows who signed in. */
  adopt(tokens: TokenSet | null | undefined): void {
    if (tokens) this.#continueWith(tokens);
    else if (tokens === null) this.#end('signed_out_elsewhere', signedOut(), () => {});
    // A page that has tokens of its own goes on with them. Without, the browser already sends the cookie of whoever signed in.
    else if (!this.#credentials || this.#settings.backend.giveAccessToken) {
      this.#credentials = undefined;
      void this.persistence.write(null);
    }
  }

  #continueWith(tokens: TokenSet): void {
    const before = this.#credentials;
    try {
      const { owner, tokens: accepted } = this.#accept(tokens, false);
      const { sessionId, expiresAt } = accepted;
      // Without a `sessionId` no other member shares the tokens: the application itself stored them.
      const elsewhere = !!sessionId || undefined;
      this.emit(before?.owner === owner ? { type: 'adopted', expiresAt } : { type: 'signed-in', elsewhere });
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

  /** @throws {SessionError} `invalid_token_response`; nothing has changed then. */
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

  /** Stores before anybody hears of it, because a listener may call `signIn` at once. Tells once per session. */
  #end<T>(reason: SignedOutReason, error: SessionError, keep: (ended?: Credentials | null) => T): T {
    const ended = this.#credentials;
    this.#replace(null, error);
    const kept = keep(ended);
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
