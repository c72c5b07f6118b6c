import { carriedBy } from './backends/backend.js';
import { type SessionError, sessionChanged, signedOut, wordsOf } from './errors.js';
import { callOut, type SessionEvent, type SessionListener, type SignedOutReason } from './events.js';
import type { Settings } from './options.js';
import { currentPath } from './redirect/return-to.js';
import { SHARED, type SharedStore } from './stores/memory.js';
import { Persistence } from './stores/persistence.js';
import type { Sharing } from './stores/sharing.js';
import type { LedgerEntry } from './tabs/ledger.js';
import { Tabs } from './tabs/tabs.js';
import { readClaims } from './tokens/claims.js';
import { Credentials } from './tokens/credentials.js';
import { noteReceipt } from './tokens/receipt.js';
import { assertTokenSet, isTokenSet, type TokenSet } from './tokens/token-set.js';

/** Who is signed in, with which tokens; what happens is stored, told to the ledger and to listeners. */
export class SessionState {
  /** `null`: nobody is signed in. `undefined`: the store has not answered yet. */
  credentials: Credentials | null | undefined;
  /** The store has been read. Never rejects. */
  ready: Promise<void> = Promise.resolve();
  /** The other tabs, where the store is shared with them. */
  readonly tabs?: Tabs;
  /** Told of every change of credentials before any listener; with the error for those who cannot go on with the new ones. */
  replaced: ((error: SessionError) => void) | undefined;
  /** The tokens that the backend is being asked with at this moment. */
  asking: TokenSet | undefined;
  /** How tabs hand each other tokens, where they do. */
  sharing: Sharing | undefined;
  /** What happened in this tab stands in the ledger. */
  published: Promise<void> | undefined;
  /** Somebody has signed in where only another tab can see the tokens. */
  wanting: (() => void) | undefined;
  readonly persistence: Persistence;
  readonly #settings: Settings;
  readonly #listeners = new Set<{ listener: SessionListener }>();
  #owners = 0;
  /** The latest that this tab has heard of. */
  generation = 0;
  disposed = false;

  constructor(settings: Settings) {
    const { store, backend, refreshTimeout } = settings;
    this.#settings = settings;
    this.persistence = new Persistence(store, refreshTimeout, (error) => this.storeFailed(error));
    const name = store.lockName ?? backend.lockName;
    const persistent = store.lockName !== undefined && !(store as SharedStore)[SHARED];
    if (name) this.tabs = new Tabs({ name, persistent, holdFor: refreshTimeout });
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
   * Begins a session with tokens that were handed over, or with the login answer that holds them, and stores them.
   * @throws {SessionError} `invalid_token_response`; nothing has changed then.
   */
  async signIn(answer: unknown): Promise<void> {
    const tokens = isTokenSet(answer) ? answer : this.#settings.backend.readTokens(answer);
    const shared = this.tabs && {
      generation: this.nextGeneration(),
      sessionId: Math.random().toString(36).slice(2),
    };
    const kept = this.#keep(this.#take({ ...tokens, ...shared }, false).tokens);
    this.emit({ type: 'signed-in' });
    await kept;
  }

  /** Goes on with tokens of a refresh of this tab's, which the ledger has been told of. */
  renew(tokens: TokenSet): void {
    const { tokens: taken } = this.#take(tokens, true);
    void this.persistence.write(taken);
    this.emit({ type: 'refreshed', expiresAt: taken.expiresAt });
  }

  /** Goes on with what another tab, or the application, wrote; `null`: nobody is signed in there, or any more. */
  adopt(tokens: TokenSet | null): void {
    if (!tokens) {
      this.#end('signed_out_elsewhere', signedOut(), () => {});
      return;
    }
    const before = this.credentials;
    try {
      const { owner, tokens: taken } = this.#take(tokens, false);
      const goesOn = before?.owner === owner;
      this.emit(goesOn ? { type: 'adopted', expiresAt: taken.expiresAt } : { type: 'signed-in' });
    } catch (error) {
      this.credentials ??= null;
      this.storeFailed(error);
    }
  }

  /** Ends the session here and in every tab. */
  async signOut(): Promise<void> {
    this.generation = this.nextGeneration();
    await this.#end('signed_out', signedOut(), () => this.#keep(null));
  }

  /** Ends the session as the backend refused to go on with it, which the ledger has been told of. */
  reject(error: SessionError, generation: number): void {
    this.generation = Math.max(this.generation, generation);
    void this.#end('refresh_rejected', error, () => this.persistence.write(null));
  }

  /** What the tabs agree on stands in the ledger; where there is none, in the store they share. */
  async read(): Promise<LedgerEntry | undefined> {
    const entry = await this.tabs?.ledger.read();
    if (entry || !this.tabs?.persistent) return entry;
    const tokens = await this.persistence.read();
    return tokens?.generation ? { generation: tokens.generation, tokens } : undefined;
  }

  /** Higher than all that this tab has heard of; told by the clock, and a little by chance, so that no two tabs tell the same. */
  nextGeneration(seen = 0): number {
    return Math.max(Date.now(), seen + 1, this.generation + 1) + Math.random() / 2;
  }

  dispose(): void {
    this.disposed = true;
    this.tabs?.dispose();
    this.#listeners.clear();
    this.#replace(null, signedOut('The session was disposed'));
  }

  /** @throws {SessionError} `invalid_token_response`; nothing has changed then. */
  #take(received: TokenSet, minted: boolean): Credentials {
    assertTokenSet(received);
    const tokens = noteReceipt(received, minted);
    const { backend, identify } = this.#settings;
    const previous = this.credentials;
    const claims = readClaims(tokens.accessToken);
    const subject = callOut(identify, claims, tokens);
    const owner = previous && isSameUser(previous, subject, tokens, minted) ? previous.owner : ++this.#owners;
    const carried = carriedBy(backend.carry, tokens.accessToken);
    const credentials = new Credentials(tokens, claims, subject, owner, carried, this.#settings);
    this.generation = Math.max(this.generation, tokens.generation ?? 0);
    this.#replace(credentials);
    return credentials;
  }

  #replace(next: Credentials | null, error = sessionChanged()): void {
    this.credentials = next;
    this.replaced?.(error);
  }

  /** Told once for each session, not where nobody is signed in; stored first, as who is told may sign in at once. */
  #end<Kept>(reason: SignedOutReason, error: SessionError, keep: () => Kept): Kept {
    const wasSignedIn = this.credentials;
    this.#replace(null, error);
    const kept = keep();
    if (!wasSignedIn) return kept;
    const event = { type: 'signed-out', reason, returnTo: currentPath() } as const;
    this.emit(event);
    callOut(this.#settings.onSignedOut, event);
    return kept;
  }

  /** Stores what happened here, and tells the other tabs. */
  async #keep(tokens: TokenSet | null): Promise<void> {
    this.published = this.#publish(tokens);
    await Promise.all([this.persistence.write(tokens), this.published]);
  }

  /** It wins against whatever is under way in another tab (law 6), but for a refresh of these very tokens. */
  async #publish(tokens: TokenSet | null): Promise<void> {
    const { generation } = this;
    const sessionId = tokens?.sessionId;
    const isSuccessor = (old: LedgerEntry) => old.sessionId === sessionId && old.generation > generation;
    const other = await this.commit(tokens, generation, (old) => sessionId !== undefined && isSuccessor(old));
    if (other) await this.settle(other);
  }

  /** Writes to the ledger, unless it has gone on. What stands there otherwise; `undefined` if it is what was written. */
  async commit(
    tokens: TokenSet | null,
    generation: number,
    hasGoneOn: (old: LedgerEntry) => boolean,
    refused = false,
  ): Promise<LedgerEntry | undefined> {
    const { tabs } = this;
    const entry = await tabs?.ledger.update((old) => {
      if (old && hasGoneOn(old)) return undefined;
      return {
        // Somebody else may have done something in the same moment, or the clock been set back since.
        generation: Math.max(generation, (old?.generation ?? 0) + 1),
        sessionId: tokens?.sessionId,
        tokens: tabs.persistent ? tokens : tokens && undefined,
        refused,
      };
    });
    tabs?.post({ type: 'told' });
    return entry?.generation === generation ? undefined : entry;
  }

  /** Follows the ledger, and brings the store up to it. */
  async settle(entry: LedgerEntry): Promise<void> {
    this.follow(entry);
    const { generation, tokens } = entry;
    if (tokens !== undefined && generation === this.generation)
      await this.persistence.write(tokens && { ...tokens, generation });
  }

  /** Takes an entry of the ledger for what it is: old, or news. */
  follow(entry: LedgerEntry): void {
    const { generation, tokens, sessionId } = entry;
    if (this.disposed || generation <= this.generation) return;
    if (tokens !== undefined) {
      this.generation = generation;
      this.adopt(tokens && { ...tokens, generation });
    } else if (sessionId !== this.credentials?.tokens.sessionId) {
      // Somebody has signed in, and the tokens are where only that tab can see them.
      if (!this.credentials) this.credentials = undefined;
      this.wanting?.();
    }
  }

  storeFailed(error: unknown): void {
    const words = wordsOf(error);
    console.warn('unexpired: the token store failed; tokens are kept in memory', words.name);
    this.emit({ type: 'store-failed', error: words });
  }
}

/**
 * A refresh goes on with the user it began with unless the claims say otherwise; a sign-in only if they say so, or if it
 * is the very sign-in of another tab.
 */
function isSameUser(
  { subject: before, tokens: { sessionId } }: Credentials,
  subject: string | undefined,
  tokens: TokenSet,
  minted: boolean,
): boolean {
  if (subject !== undefined && before !== undefined) return subject === before;
  return minted || (sessionId !== undefined && sessionId === tokens.sessionId);
}
