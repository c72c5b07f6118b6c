import { carriedBy } from './backends/backend.js';
import { type SessionError, signedOut } from './errors.js';
import { callOut, type SessionEvent, type SessionListener, type SignedOutReason } from './events.js';
import type { Settings } from './options.js';
import { currentPath } from './redirect/return-to.js';
import { Persistence } from './stores/persistence.js';
import { readClaims } from './tokens/claims.js';
import { Credentials } from './tokens/credentials.js';
import { expiryOf } from './tokens/expiry.js';
import { assertTokenSet, type TokenSet } from './tokens/token-set.js';

/** Told of every change of credentials, before any listener; `null` with the error that those who wait shall get. */
export type Replaced = (
  next: Credentials | null,
  previous: Credentials | null | undefined,
  error?: SessionError,
) => void;

/** Who is signed in, with which tokens: kept in step with the store, and told to listeners. */
export class SessionState {
  /** `null`: nobody is signed in. `undefined`: the store has not answered yet. */
  credentials: Credentials | null | undefined;
  /** The store has been read. Never rejects. */
  readonly ready: Promise<void>;
  replaced: Replaced | undefined;

  readonly #settings: Settings;
  readonly #persistence: Persistence;
  readonly #unsubscribe: (() => void) | undefined;
  readonly #listeners = new Set<SessionListener>();
  #owners = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#persistence = new Persistence(settings.store, (error) => this.#storeFailed(error));
    this.#unsubscribe = settings.store.subscribe?.(() => void this.#reconcile());
    this.ready = this.#reconcile();
  }

  subscribe(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  emit(event: SessionEvent): void {
    for (const listener of [...this.#listeners]) callOut(listener, event);
  }

  /**
   * Takes tokens into use and stores them. `minted`: they come from a refresh of the session's own.
   * @throws {SessionError} `invalid_token_response`; nothing has changed then.
   */
  receive(tokens: TokenSet, minted: boolean): { credentials: Credentials; written: Promise<void> } {
    const credentials = this.#take(tokens, minted);
    const written = this.#persistence.write(credentials.tokens);
    this.emit(
      minted ? { type: 'refreshed', expiresAt: credentials.tokens.expiresAt } : { type: 'signed-in' },
    );
    return { credentials, written };
  }

  /** Ends the session, once; `error` is what those who wait shall get. */
  end(reason: SignedOutReason, error: SessionError = signedOut()): Promise<void> {
    const wasSignedIn = this.credentials;
    this.#replace(null, error);
    const written = reason === 'signed_out_elsewhere' ? Promise.resolve() : this.#persistence.write(null);
    if (wasSignedIn) {
      const event = { type: 'signed-out', reason, returnTo: currentPath() } as const;
      this.emit(event);
      callOut(this.#settings.onSignedOut, event);
    }
    return written;
  }

  dispose(): void {
    this.#unsubscribe?.();
    this.#listeners.clear();
    this.#replace(null, signedOut('The session was disposed'));
  }

  #take(received: TokenSet, minted: boolean): Credentials {
    assertTokenSet(received);
    const { backend, identify } = this.#settings;
    const previous = this.credentials;
    const claims = readClaims(received.accessToken);
    const tokens = stamp(received, expiryOf(claims, { minted }, Date.now()), minted);
    const subject = identify(claims, tokens);
    const owner = previous && isSameUser(previous, subject, minted) ? previous.owner : ++this.#owners;
    const carried = carriedBy(backend.carry, tokens.accessToken);
    const credentials = new Credentials(tokens, claims, subject, owner, carried, this.#settings);
    this.#replace(credentials);
    return credentials;
  }

  #replace(next: Credentials | null, error?: SessionError): void {
    const previous = this.credentials;
    this.credentials = next;
    this.replaced?.(next, previous, error);
  }

  /** Follows the store: what it held when the page was opened, and what somebody else wrote since. */
  async #reconcile(): Promise<void> {
    if (this.#persistence.busy) return;
    const before = this.credentials;
    const read = this.#persistence.read();
    // Without a promise between, where the store needs none: then the session is never seen `restoring`.
    if (!(read instanceof Promise)) return this.#follow(read, before);
    const tokens = await read;
    if (this.credentials === before && !this.#persistence.busy) this.#follow(tokens, before);
  }

  #follow(tokens: TokenSet | null, before: Credentials | null | undefined): void {
    if (!tokens) {
      if (before) void this.end('signed_out_elsewhere');
      else this.credentials = null;
    } else if (!before || !isSame(tokens, before.tokens)) {
      this.#adopt(tokens);
    }
  }

  #adopt(tokens: TokenSet): void {
    try {
      this.#take(tokens, false);
    } catch (error) {
      this.credentials ??= null;
      this.#storeFailed(error);
      return;
    }
    this.emit({ type: 'signed-in' });
  }

  #storeFailed(error: unknown): void {
    console.warn('unexpired: the token store failed; tokens are kept in memory', (error as Error)?.name);
    this.emit({ type: 'store-failed', error });
  }
}

function stamp(tokens: TokenSet, computed: number | undefined, minted: boolean): TokenSet {
  const now = Date.now();
  const { expiresAt = computed, ...others } = tokens;
  const known = expiresAt !== undefined && !(minted && expiresAt <= now);
  return { ...others, receivedAt: tokens.receivedAt ?? now, ...(known && { expiresAt }) };
}

/** A refresh goes on with the user it began with unless the claims say otherwise; a signing-in only if they say so. */
function isSameUser(previous: Credentials, subject: string | undefined, minted: boolean): boolean {
  const known = subject !== undefined && previous.subject !== undefined;
  return known ? subject === previous.subject : minted;
}

function isSame(a: TokenSet, b: TokenSet): boolean {
  return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken;
}
