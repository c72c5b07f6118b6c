import { vi } from 'vitest';
import {
  type IsOver,
  isLedgerEntry,
  type LedgerEntry,
  type Meeting,
  type MeetingListener,
  type TurnLimits,
  type Work,
} from '../../src/coordination/meeting.js';
import { SharedSession } from '../../src/coordination/shared-session.js';
import type { Elsewhere } from '../../src/coordination/turn.js';
import type { TokenSet, TokenStore } from '../../src/index.js';
import { type Opened, type OpenOptions, openSession, tokens } from '../support/session.js';

export { HOUR, tokens, useClock } from '../support/session.js';

/** One member's connection to the place. The test can delay it. */
class Link implements Meeting {
  readonly name = 'app';
  /** Awaited before the entry is read or written. */
  before: Promise<void> | undefined;
  /** Awaited before `update` returns. */
  after: Promise<void> | undefined;
  /** Gets no messages, like a page that sleeps. */
  isDeaf = false;
  /** The arguments of all calls of `notify`. */
  readonly notified: (number | undefined)[] = [];
  readonly limits: TurnLimits[] = [];
  listener: MeetingListener | undefined;

  constructor(
    readonly place: Place,
    readonly persistent: boolean,
  ) {}

  async update(change: Parameters<Meeting['update']>[0]): Promise<LedgerEntry | undefined> {
    const { place, after } = this;
    await this.before;
    if (place.error) throw place.error;
    if (place.isLost) return undefined;
    const found = isLedgerEntry(place.entry) ? place.entry : undefined;
    const entry = change(found) ?? found;
    if (entry) place.entry = entry;
    await after;
    return entry;
  }

  async inTurn<T>(work: Work<T>, limits: TurnLimits): Promise<T> {
    this.limits.push(limits);
    return this.place.queue(work);
  }

  listen(listener: MeetingListener): () => void {
    this.listener = listener;
    return () => void (this.listener = undefined);
  }

  notify(ended?: number): void {
    this.notified.push(ended);
    this.place.tell(ended, this);
  }
}

/** The ledger, the turn and the store that the sessions of a test share, all in memory. */
export class Place {
  entry: LedgerEntry | undefined;
  stored: TokenSet | null = null;
  /** There is no ledger, as in a browser without IndexedDB. */
  isLost = false;
  /** The ledger cannot be reached, and members must not act without it. */
  error: Error | undefined;
  /** Tells the holder of a turn whether the turn has ended too early. */
  isOver: IsOver | undefined;
  readonly #links: Link[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  join(persistent: boolean): Link {
    const link = new Link(this, persistent);
    this.#links.push(link);
    return link;
  }

  tell(ended?: number, from?: Link): void {
    for (const link of this.#links)
      if (link !== from && !link.isDeaf) queueMicrotask(() => link.listener?.changed(ended));
  }

  /** Writes an entry and tells the members, as another member would. */
  record(entry: LedgerEntry): void {
    this.entry = entry;
    this.tell();
  }

  /** Runs `work` in its turn. */
  queue<T>(work: Work<T>): Promise<T> {
    const turn = this.#turn.then(() => work(this.isOver));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Like localStorage, but without its events. */
  store(): TokenStore {
    return { read: () => this.stored, write: (tokens) => void (this.stored = tokens) };
  }
}

export interface Tab extends Opened {
  link: Link;
}

export interface TabOptions extends OpenOptions {
  /** `cookie`: the backend knows the user by a cookie. `memory`: each tab has its own store. @default 'shared' */
  kind?: 'shared' | 'cookie' | 'memory';
  elsewhere?: Elsewhere;
  /** As in a fleet of processes. */
  finishesCalls?: boolean;
}

/** Opens a tab of the application. By default, it uses the shared store of the place. */
export function openTab(place: Place, options: TabOptions = {}): Tab {
  const { kind = 'shared', elsewhere, finishesCalls = false, ...more } = options;
  const link = place.join(kind === 'shared');
  const coordination: TokenStore['coordination'] = {
    name: 'app',
    join: (member) => Object.assign(new SharedSession(member, link, elsewhere), { finishesCalls }),
  };
  const own = kind === 'shared' ? place.store() : { read: () => null, write() {} };
  const store = { ...(more.store ?? own), ...(kind !== 'cookie' && { coordination }) };
  const backend = { ...more.backend, ...(kind === 'cookie' && { coordination }) };
  return { ...openSession({ ...more, backend, store }), link };
}

/** Opens several tabs and waits until their sessions are ready. */
export async function openTabs(
  place: Place,
  count: number,
  options?: TabOptions,
): Promise<[Tab, Tab, ...Tab[]]> {
  const tabs = Array.from({ length: count }, () => openTab(place, options));
  for (const { session } of tabs) await session.ready;
  await vi.advanceTimersByTimeAsync(0);
  return tabs as [Tab, Tab, ...Tab[]];
}

/** An entry as another tab writes it. */
export function entryOf(serial: number, generation: number, sessionId = 'session-1') {
  return { generation, sessionId, tokens: { ...tokens(serial), generation, sessionId } };
}
