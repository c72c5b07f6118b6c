import type { TokenSet } from '../tokens/token-set.js';
import type { Member } from './coordination.js';
import type { Ledger } from './ledger.js';
import type { LedgerEntry } from './meeting.js';

/** Keeps what the application's store holds and what the ledger says the same. */
export interface StoreSync {
  /** The store was read for the first time. */
  begin(): Promise<void>;
  /** Another member wrote to the ledger, or this one slept. Never rejects. */
  readLedger(): Promise<void>;
  /** `isKnown`: the store holds the tokens that this member has. */
  storeRead(tokens: TokenSet | null | undefined, isKnown: boolean): void | Promise<void>;
  stop(): void;
}

/** What a `StoreSync` sees of a shared session. */
export interface Shared {
  readonly state: Member['state'];
  readonly refresher: Member['refresher'];
  readonly ledger: Ledger;
  readonly persistent: boolean;
  /** Resolves when the ledger says what happened here. */
  published(): Promise<void> | undefined;
  follow(entry: LedgerEntry): void;
  settle(entry: LedgerEntry): Promise<void>;
}

/** ms within which the store and the ledger come to say the same. */
const SETTLE_TIME = 500;

/** Brings the store and the ledger to say the same: news of the two arrives in no common order. */
export class Reconciler implements StoreSync {
  readonly #shared: Shared;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The generation of an entry to ignore: its tokens were cleared from the store. */
  #cleared: number | undefined;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The store tells whether there is a session at all; the ledger, whether there are newer tokens for it. */
  async begin(): Promise<void> {
    const { state, refresher, ledger, persistent } = this.#shared;
    if (state.credentials) return this.readLedger();
    if (state.credentials === undefined) {
      const isOld = persistent && (await ledger.isOld());
      // Somebody has signed in while the ledger was read.
      if (state.credentials !== undefined) return;
      // Nobody knows yet: other members, the backend's cookie or old code may.
      if (!isOld) return refresher.restore();
      // An old entry beside an empty store: the store was cleared.
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

  /** The store was cleared before this page opened. */
  async #ignoreLastEntry(): Promise<void> {
    this.#cleared = (await this.#shared.ledger.read())?.generation;
  }

  /** The ledger decides, in a moment. */
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
    // Somebody signed in while the ledger was read.
    if (state.credentials !== before) return;
    // Code from before this SDK wrote it. Another tab may have taken it over a moment ago: that is found out in turn.
    if (isFromOldCode) refresher.existing.offer(tokens);
    // The application wrote it: a sign-in, but no login answer that the backend has to read.
    else if (generation === undefined) void state.begin(tokens).catch((error) => state.storeFailed(error));
    // A page that opens takes what the store holds. Later the store only tells that there is news.
    else if (generation && isOpening) follow({ generation, tokens });
    else {
      await this.readLedger();
      // Generation 0: the store is the application's own state, which forgets on reload what the ledger remembers.
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
    // Two members have crossed, one was closed between the two writes, or the store is slow.
    else if (entry && entry.generation > (stored?.generation ?? 0)) await settle(entry);
    else if (entry) follow(entry);
  }

  /** Somebody emptied the store, in whatever way: that is a sign-out. */
  async #onClearedElsewhere(): Promise<void> {
    const { ledger, follow } = this.#shared;
    const { newest } = ledger;
    const generation = ledger.next();
    const other = await ledger.write(null, generation, (old) => old.generation > newest);
    follow(other ?? { generation, tokens: null });
  }
}
