import type { TokenSet } from '../tokens/token-set.js';
import type { Member } from './coordination.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry } from './meeting.js';

/** Keeps the application's store and the ledger in sync. */
export interface StoreSync {
  /** Called after the store was read for the first time. */
  begin(): Promise<void>;
  /** Called after another member wrote to the ledger, or this page was in the background. Never rejects. */
  readLedger(): Promise<void>;
  /** `isKnown`: the store holds the tokens that this member has. */
  storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): void | Promise<void>;
  stop(): void;
}

/** The parts of a shared session that a `StoreSync` uses. */
export interface Shared {
  readonly state: Member['state'];
  readonly refresher: Member['refresher'];
  readonly ledger: Ledger;
  readonly persistent: boolean;
  /** Resolves when the last sign-in or sign-out of this member is in the ledger. */
  published(): Promise<void> | undefined;
  follow(entry: LedgerEntry): void;
  settle(entry: LedgerEntry): Promise<void>;
}

/** ms to wait before the store and the ledger are compared: a change of one may arrive before the change of the other. */
const SETTLE_TIME = 500;

/** Keeps the store and the ledger of tabs in sync. Their changes arrive in any order, so it compares both after a delay. */
export class Reconciler implements StoreSync {
  readonly #shared: Shared;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The generation of an entry to ignore, because its tokens were cleared from the store. */
  #cleared: number | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The store decides whether there is a session; the ledger may have newer tokens for it. */
  async begin(): Promise<void> {
    const { state, refresher, ledger, persistent } = this.#shared;
    if (state.credentials) return this.readLedger();
    if (state.credentials === undefined) {
      const isOld = persistent && (await ledger.isOld());
      // A user signed in while the ledger was read.
      if (state.credentials !== undefined) return;
      // Not known yet: a refresh asks other members, `existing`, or the backend with its cookie.
      if (!isOld) return refresher.restore();
      // The ledger has an old entry, but the store is empty: it was cleared.
      state.adopt(null);
    }
    void this.#ignoreLastEntry();
  }

  async readLedger(): Promise<void> {
    const entry = await this.#shared.ledger.read();
    if (entry && entry.generation !== this.#cleared) this.#shared.follow(entry);
    this.#reconcileLater();
  }

  async storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): Promise<void> {
    if (!tokens) this.#onEmptied();
    else if (!isKnown) await this.#onWritten(tokens);
    this.#reconcileLater();
  }

  /** Ignores the ledger's entry, because the store was cleared before this page opened. */
  async #ignoreLastEntry(): Promise<void> {
    this.#cleared = (await this.#shared.ledger.read())?.generation;
  }

  /** If there is a session, `#reconcile` decides later whether the store was cleared. */
  #onEmptied(): void {
    const { state, persistent } = this.#shared;
    if (state.credentials) state.persistence.noteHeld(state.credentials.tokens);
    else if (persistent) state.adopt(null);
  }

  async #onWritten(tokens: TokenSet): Promise<void> {
    const { state, refresher, ledger, persistent, follow } = this.#shared;
    const { generation } = tokens;
    const before = state.credentials;
    const isOpening = before === undefined;
    const isFromOldCode = generation === undefined && isOpening && persistent && !(await ledger.isOld());
    // A user signed in while the ledger was read.
    if (state.credentials !== before) return;
    // Old code wrote these tokens. Another tab may have taken them over already, so they are only used in this member's turn.
    if (isFromOldCode) refresher.existing.offer(tokens);
    // The application wrote these tokens: a sign-in with a token set, not with a login response.
    else if (generation === undefined) void state.begin(tokens).catch((error) => state.storeFailed(error));
    // A page that opens uses the tokens of the store. Later, a change of the store only shows that the ledger may have changed.
    else if (generation && isOpening) follow({ generation, tokens });
    else {
      await this.readLedger();
      // Generation 0: the store loses the number on reload. Its tokens are used if the ledger has none.
      if (state.credentials === undefined) state.adopt(tokens);
    }
  }

  #reconcileLater(): void {
    clearTimeout(this.#timer);
    const { persistent, state } = this.#shared;
    if (persistent && !state.disposed) this.#timer = setTimeout(() => void this.#reconcile(), SETTLE_TIME);
  }

  async #reconcile(): Promise<void> {
    const { state, ledger, published, follow, settle } = this.#shared;
    const { persistence } = state;
    const { newest } = ledger;
    await published();
    const [entry, stored] = [await ledger.read(), await persistence.read()];
    if (state.disposed || newest !== ledger.newest || persistence.busy) return this.#reconcileLater();
    if (stored === undefined) return;
    const { credentials } = state;
    if (!stored && credentials && persistence.hasHeld(credentials.tokens)) return this.#onClearedElsewhere();
    if (!stored && !credentials) this.#cleared = entry?.generation;
    // Two members wrote at the same time, a page was closed between two writes, or the store is slow.
    else if (entry && entry.generation > (stored?.generation ?? 0)) await settle(entry);
    else if (entry) follow(entry);
  }

  /** The store was emptied from outside, by whatever means: this is a sign-out. */
  async #onClearedElsewhere(): Promise<void> {
    const { ledger, follow } = this.#shared;
    const { newest } = ledger;
    const generation = ledger.next();
    const other = await ledger.write(null, generation, (old) => old.generation > newest);
    follow(other ?? { generation, tokens: null });
  }
}
